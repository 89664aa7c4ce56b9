import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { count } from '../../src/cli/options.js';
import { findDetector } from '../../src/models/detection/index.js';
import { enableRelaxed, notPaired } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { writeWhole } from '../../src/node/writeWhole.js';
import { table } from '../../src/report/table.js';
import { runScript } from '../process.js';
import { resultName, rowsText } from '../result.js';
import { findRuntime, type RuntimeName, root } from '../runtimes.js';
import type { DetectTask } from './child.js';
import { type DetectResult, type DetectRow, detectTable, detectText } from './table.js';

/** `npm run bench:detect`: detectors at 320 pixels, ours and onnxruntime-web in turns, part by part. */

const models = ['fasterrcnn_mobilenet_v3_large_320_fpn', 'fasterrcnn_resnet50_fpn', 'fasterrcnn_seresnet50_fpn'];
const runtimes: readonly RuntimeName[] = ['node', 'paired'];

interface Flags {
  readonly models: readonly string[];
  readonly rounds: number;
  readonly out?: string;
}

/** How often a start is asked for that sees pairs of vectors: on a busy machine some do not. */
const mostStarts = 5;

/** One network in one process; none if it fails, and why is told. */
async function timed(runtime: RuntimeName, model: string, rounds: number): Promise<readonly DetectRow[]> {
  const found = findRuntime(runtime);
  if (found === undefined) {
    note(`${runtime} is not installed: npm run bench:setup`);
    return [];
  }
  const task: DetectTask = { model, rounds, paired: runtime === 'paired' };
  for (let start = 1; start <= mostStarts; start++) {
    note(`${model} on ${found.label}, ${rounds} rounds`);
    try {
      const { text } = await runScript(found, 'detect/child.js', task);
      return (JSON.parse(text) as readonly Omit<DetectRow, 'runtime'>[]).map((row) => ({ ...row, runtime: found.label }));
    } catch (error) {
      const { message } = error as Error;
      note(message);
      if (!message.includes(notPaired)) break;
    }
  }
  return [];
}

async function main({ models: names, rounds, out }: Flags): Promise<void> {
  for (const name of names) findDetector(name); // a wrong name fails now
  const rows: DetectRow[] = [];
  for (const runtime of runtimes) for (const model of names) rows.push(...(await timed(runtime, model, rounds)));
  if (rows.length === 0) throw new Error('nothing could be timed');
  enableRelaxed(); // so that the host is described as its children find it
  const result: DetectResult = {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench:detect', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    host: machineFacts(),
    rounds,
    rows,
  };
  const folder = join(root, 'bench/results/detect');
  await mkdir(folder, { recursive: true });
  const file = out ?? join(folder, resultName(result));
  await writeWhole(file, rowsText(result));
  print(table(detectTable(result)));
  print(`\n${detectText(result)}`);
  print(file);
}

new Command('bench:detect')
  .option('--models <names>', 'detectors, separated by commas', (text: string) => text.split(','), models)
  .option('--rounds <number>', 'timed runs of each contender', count, 15)
  .option('--out <file>', 'where to write the result (default: DATE-CPU.json among the results)')
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });

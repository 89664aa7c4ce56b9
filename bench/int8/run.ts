import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { count } from '../../src/cli/options.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { writeWhole } from '../../src/node/writeWhole.js';
import { machineLine } from '../../src/report/machine.js';
import { table } from '../../src/report/table.js';
import { collected, rowsOn, timedRuntimes } from '../onRuntimes.js';
import { resultName, rowsText } from '../result.js';
import { type RuntimeName, root } from '../runtimes.js';
import type { Int8Row } from './int8Child.js';
import { type Int8Result, int8Table } from './table.js';

/**
 * `npm run bench:int8`: networks in 8-bit integers beside the same in floats, and beside onnxruntime where it is installed (`npm run bench:setup`), in turns in one
 * process of each runtime.
 */

const networks = ['timm/legacy_seresnet50', 'torchvision/mobilenet_v3_large', 'timm/efficientnet_b0'];

/** Instructions for products of bytes, of which the times are made: those that the processor says it has. */
function byteInstructions(): string {
  try {
    const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '));
    return ['avx_vnni', 'avx512_vnni', 'asimddp', 'i8mm'].filter((flag) => flags.has(flag)).join(' ') || 'none';
  } catch {
    return 'unknown';
  }
}

interface Flags {
  readonly rounds: number;
  readonly threads: number;
  readonly model?: readonly string[];
  readonly runtime?: readonly RuntimeName[];
  readonly print?: true;
}

new Command('bench:int8')
  .option('--rounds <number>', 'timed rounds of each network', count, 21)
  .option('--threads <number>', 'threads of each engine', count, 1)
  .option('--model <id>', 'a network in place of the three; may be given several times', collected)
  .option('--runtime <name>', `one of ${timedRuntimes.join(', ')} in place of all; may be given several times`, collected)
  .option('--print', 'write no result file')
  .action(async ({ rounds, threads, model = networks, runtime = timedRuntimes, print: only }: Flags) => {
    enableRelaxed();
    const host = machineFacts();
    const tasks = new Map(model.map((id) => [id, { model: id, threads, rounds }]));
    const rows = await rowsOn<Int8Row>(runtime, 'int8/int8Child.js', tasks);
    const result: Int8Result = {
      date: new Date().toISOString().slice(0, 10),
      command: ['npm run bench:int8', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
      host,
      byteInstructions: byteInstructions(),
      rounds,
      rows,
    };
    print(`${machineLine(host)}\nproducts of bytes: ${result.byteInstructions}\n`);
    print(table(int8Table(result)));
    if (only) return;
    const folder = join(root, 'bench/results/int8');
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, resultName(result)), rowsText(result));
  })
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });

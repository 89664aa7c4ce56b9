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
import { runScript } from '../process.js';
import { resultName, rowsText } from '../result.js';
import { findRuntime, type RuntimeName, root } from '../runtimes.js';
import type { Int8Row } from './int8Child.js';
import { type Int8Result, int8Table } from './table.js';

/**
 * `npm run bench:int8`: networks in 8-bit integers beside the same in floats, and beside onnxruntime where it is installed (`npm run bench:setup`), in turns in one
 * process of each runtime.
 */

const runtimes: readonly RuntimeName[] = ['paired', 'node26', 'node'];
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

const all = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

new Command('bench:int8')
  .option('--rounds <number>', 'timed rounds of each network', count, 21)
  .option('--threads <number>', 'threads of each engine', count, 1)
  .option('--model <id>', 'a network in place of the three; may be given several times', all)
  .option('--runtime <name>', `one of ${runtimes.join(', ')} in place of all; may be given several times`, all)
  .option('--print', 'write no result file')
  .action(async ({ rounds, threads, model = networks, runtime = runtimes, print: only }: Flags) => {
    enableRelaxed();
    const host = machineFacts();
    const rows: (Int8Row & { readonly runtime: string })[] = [];
    for (const name of runtime) {
      const found = findRuntime(name);
      if (found === undefined) {
        note(`${name} is not installed: npm run bench:setup`);
        continue;
      }
      for (const id of model) {
        note(`${found.label}: ${id}`);
        const { text } = await runScript(found, 'int8/int8Child.js', { model: id, threads, rounds });
        rows.push(...(JSON.parse(text) as readonly Int8Row[]).map((row) => ({ ...row, runtime: found.label })));
      }
    }
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

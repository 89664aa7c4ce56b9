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
import type { ImportedRow } from './importedChild.js';
import { timedFiles } from './networks.js';
import { type ImportedResult, importedTable } from './table.js';

/**
 * `npm run bench:imported`: ONNX files on our kernels, onnxruntime-web and LiteRT.js, one thread each, in turns in one process of each runtime. An engine is
 * timed once its output agrees with the reference in float64. PaddleOCR's files come by `npm run fetch:networks`.
 */

interface Flags {
  readonly rounds: number;
  readonly network?: readonly string[];
  readonly runtime?: readonly RuntimeName[];
  readonly print?: true;
}

new Command('bench:imported')
  .option('--rounds <number>', 'timed rounds of each network', count, 21)
  .option('--network <name>', `one of ${Object.keys(timedFiles).join(', ')} in place of all; may be given several times`, collected)
  .option('--runtime <name>', `one of ${timedRuntimes.join(', ')} in place of all; may be given several times`, collected)
  .option('--print', 'write no result file')
  .action(async ({ rounds, network = Object.keys(timedFiles), runtime = timedRuntimes, print: only }: Flags) => {
    enableRelaxed();
    const host = machineFacts();
    const tasks = new Map(network.map((id) => [id, { network: id, rounds }]));
    const rows = await rowsOn<ImportedRow>(runtime, 'imported/importedChild.js', tasks);
    const result: ImportedResult = {
      date: new Date().toISOString().slice(0, 10),
      command: ['npm run bench:imported', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
      host,
      rounds,
      rows,
    };
    print(`${machineLine(host)}\n`);
    print(table(importedTable(result)));
    if (only) return;
    const folder = join(root, 'bench/results/imported');
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, resultName(result)), rowsText(result));
  })
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });

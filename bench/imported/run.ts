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
import type { ImportedRow } from './importedChild.js';
import { timedFiles } from './networks.js';
import { type ImportedResult, importedTable } from './table.js';

/**
 * `npm run bench:imported`: ONNX files on our kernels, onnxruntime-web and LiteRT.js, one thread each, in turns in one process of each runtime. An engine is
 * timed once its output agrees with the reference in float64. PaddleOCR's files come by `npm run fetch:networks`.
 */

const runtimes: readonly RuntimeName[] = ['paired', 'node26', 'node'];

interface Flags {
  readonly rounds: number;
  readonly network?: readonly string[];
  readonly runtime?: readonly RuntimeName[];
  readonly print?: true;
}

const all = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

new Command('bench:imported')
  .option('--rounds <number>', 'timed rounds of each network', count, 21)
  .option('--network <name>', `one of ${Object.keys(timedFiles).join(', ')} in place of all; may be given several times`, all)
  .option('--runtime <name>', `one of ${runtimes.join(', ')} in place of all; may be given several times`, all)
  .option('--print', 'write no result file')
  .action(async ({ rounds, network = Object.keys(timedFiles), runtime = runtimes, print: only }: Flags) => {
    enableRelaxed();
    const host = machineFacts();
    const rows: (ImportedRow & { readonly runtime: string })[] = [];
    for (const name of runtime) {
      const found = findRuntime(name);
      if (found === undefined) {
        note(`${name} is not installed: npm run bench:setup`);
        continue;
      }
      for (const one of network) {
        note(`${found.label}: ${one}`);
        const { text } = await runScript(found, 'imported/importedChild.js', { network: one, rounds });
        rows.push(...(JSON.parse(text) as readonly ImportedRow[]).map((row) => ({ ...row, runtime: found.label })));
      }
    }
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

import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { count } from '../src/cli/options.js';
import { enableRelaxed } from '../src/node/engine.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { machineLine } from '../src/report/machine.js';
import { table } from '../src/report/table.js';
import { runScript } from './process.js';
import { resultName } from './result.js';
import { findRuntime, type RuntimeName, root } from './runtimes.js';
import { type ByTile, type TuningResult, type TuningStart, tuningTable } from './tuningTable.js';

/** `npm run bench:tuning`: how often a start chooses the tile that is the fastest over whole networks, and what it loses where it does not. */

const runtimes: readonly RuntimeName[] = ['node', 'node26', 'paired'];
const models = ['legacy_seresnet50', 'efficientnet_b0', 'mobilenetv3_large_100'];

interface Flags {
  readonly starts: number;
  readonly rounds: number;
  readonly load?: number;
}

async function measure(runtime: RuntimeName, { starts, rounds, load = 0 }: Flags) {
  const found = findRuntime(runtime);
  if (found === undefined) return [];
  note(`${found.label}: whole networks`);
  const networks: Record<string, ByTile> = {};
  for (const model of models) networks[model] = JSON.parse((await runScript(found, 'tuningChild.js', { model, rounds })).text) as ByTile;
  note(`${found.label}: ${starts} starts`);
  const busy = Array.from({ length: load }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  const chosen: TuningStart[] = [];
  try {
    for (let i = 0; i < starts; i++) chosen.push(JSON.parse((await runScript(found, 'tuningChild.js', {})).text) as TuningStart);
  } finally {
    for (const child of busy) child.kill();
  }
  return [{ runtime: found.label, load, networks, starts: chosen }];
}

new Command('bench:tuning')
  .option('--starts <number>', 'starts of each runtime', count, 20)
  .option('--rounds <number>', 'rounds of each network', count, 15)
  .option('--load <number>', 'processes that keep the machine busy meanwhile', count)
  .action(async (flags: Flags) => {
    const rows = [];
    for (const runtime of runtimes) rows.push(...(await measure(runtime, flags)));
    enableRelaxed();
    const host = machineFacts();
    const result: TuningResult = {
      date: new Date().toISOString().slice(0, 10),
      command: ['npm run bench:tuning', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
      host,
      rows,
    };
    const folder = join(root, `bench/results/tuning${flags.load ? '-loaded' : ''}`);
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, resultName(result)), `${JSON.stringify(result, undefined, 1)}\n`);
    print(`${machineLine(host)}\n`);
    print(table(tuningTable(result)));
  })
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });

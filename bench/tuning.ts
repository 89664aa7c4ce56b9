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
import type { TileName } from '../src/wasm/options.js';
import { runScript } from './process.js';
import { resultName } from './result.js';
import { findRuntime, type RuntimeName, root } from './runtimes.js';

/** `npm run bench:tuning`: how often a start chooses the tile that is the fastest over whole networks, and what it loses where it does not. */

const runtimes: readonly RuntimeName[] = ['node', 'node26', 'paired'];
const models = ['legacy_seresnet50', 'efficientnet_b0', 'mobilenetv3_large_100'];

interface Start {
  readonly tile: TileName;
  readonly pairedVectors: boolean;
  readonly ms: number;
}

type ByTile = Readonly<Record<TileName, number>>;

/** By how many per cent a network is slower by a tile than by its fastest. */
const loss = (times: ByTile, tile: TileName): number => 100 * (times[tile] / Math.min(...Object.values(times)) - 1);

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
  const chosen: Start[] = [];
  try {
    for (let i = 0; i < starts; i++) chosen.push(JSON.parse((await runScript(found, 'tuningChild.js', {})).text) as Start);
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
    const result = {
      date: new Date().toISOString().slice(0, 10),
      command: ['npm run bench:tuning', ...process.argv.slice(2)].join(' '),
      host,
      rows,
    };
    const folder = join(root, `bench/results/tuning${flags.load ? '-loaded' : ''}`);
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, resultName(result)), `${JSON.stringify(result, undefined, 1)}\n`);
    print(`${machineLine(host)}\n`);
    const shown = rows.flatMap(({ runtime, networks, starts }) =>
      Object.entries(networks).map(([model, times]) => {
        const losses = starts.map(({ tile }) => loss(times, tile)).sort((a, b) => a - b);
        const within = losses.filter((one) => one <= 2).length;
        const tiles = [...new Set(starts.map(({ tile }) => tile))].map(
          (tile) => `${tile} ${starts.filter((one) => one.tile === tile).length}`,
        );
        const best = (Object.keys(times) as TileName[]).reduce((a, b) => (times[b] < times[a] ? b : a));
        const ms = starts.map((one) => one.ms).sort((a, b) => a - b)[starts.length >> 1] as number;
        return [
          runtime,
          model,
          best,
          tiles.join(', '),
          `${within} of ${starts.length}`,
          (losses.at(-1) as number).toFixed(1),
          ms.toFixed(0),
        ];
      }),
    );
    print(table([['runtime', 'network', 'fastest', 'chosen', 'within 2 %', 'most lost, %', 'ms'], ...shown]));
  })
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });

import { presentBuilds } from '../../measure/engines.js';
import { kernelsText } from '../../node/engine.js';
import { machineFacts } from '../../node/machine.js';
import { print, printJson } from '../../node/output.js';
import { machineLine } from '../../report/machine.js';
import { table } from '../../report/table.js';
import { measureTiles } from '../../wasm/tune.js';

/** `senet bench --tiles`: every register tile on this engine, as `compile` measures them to pick one. */
export async function benchTiles(json: boolean): Promise<void> {
  const rows = [];
  for (const variant of presentBuilds()) for (const [tile, gflops] of await measureTiles(variant)) rows.push({ variant, tile, gflops });
  const best = Math.max(...rows.map(({ gflops }) => gflops));
  const shared = rows.map((row) => ({ ...row, percentOfBest: (100 * row.gflops) / best }));
  if (json) return printJson(shared);
  const shown = shared.map(({ variant, tile, gflops, percentOfBest }) => [
    kernelsText(variant),
    tile,
    gflops.toFixed(1),
    percentOfBest.toFixed(0),
  ]);
  print(`${machineLine(machineFacts())}\n\n${table([['kernels', 'tile', 'GFLOP/s', '% of best'], ...shown])}`);
}

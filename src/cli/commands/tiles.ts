import { presentVariants } from '../../measure/engines.js';
import { kernelsText } from '../../node/engine.js';
import { hostFacts } from '../../node/host.js';
import { print, printJson } from '../../node/output.js';
import { hostLine } from '../../report/host.js';
import { table } from '../../report/table.js';
import { measureTiles } from '../../wasm/tune.js';

/** `senet bench --tiles`: every register tile on this engine, as `compile` measures them to pick one. */
export async function benchTiles(json: boolean): Promise<void> {
  const rows = [];
  for (const variant of presentVariants()) for (const [tile, gflops] of await measureTiles(variant)) rows.push({ variant, tile, gflops });
  const best = Math.max(...rows.map(({ gflops }) => gflops));
  const shared = rows.map((row) => ({ ...row, percentOfBest: (100 * row.gflops) / best }));
  if (json) return printJson(shared);
  const shown = shared.map(({ variant, tile, gflops, percentOfBest }) => [
    kernelsText(variant),
    tile,
    gflops.toFixed(1),
    percentOfBest.toFixed(0),
  ]);
  print(`${hostLine(hostFacts())}\n\n${table([['kernels', 'tile', 'GFLOP/s', '% of best'], ...shown])}`);
}

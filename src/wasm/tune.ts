import { build } from '../graph/build.js';
import { lower } from '../plan/lower.js';
import { place } from '../plan/place.js';
import { tensor } from '../tensor.js';
import type { Variant } from './features.js';
import { instantiate } from './instance.js';
import { type TileName, tileNames, tiles } from './options.js';

/** A block of 60 pixels of 256 channels times 128 outputs: what a product is made of, small enough for L2. */
const shape = [1, 256, 6, 10] as const;
const outputs = 128;
const filter = [outputs, shape[1], 1, 1];
const macs = 60 * 256 * 128;

/** Engines compile a function anew once it has run for some milliseconds; only then is it timed. */
const warmupMs = 12;
const slices = 8;
const sliceMs = 0.5;

/** GFLOP/s of a product by each tile, on this engine as it runs now: the best of some short slices, the tiles taking turns. */
export async function measureTiles(variant: Variant): Promise<ReadonlyMap<TileName, number>> {
  const graph = build(shape, (x) => {
    const weight = x.graph.emit('param', [], { name: 'weight', shape: filter, trainable: true });
    return x.graph.emit('conv2d', [x, weight], { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 });
  });
  const weights = new Map([['weight', tensor(filter, new Float32Array(outputs * shape[1]).fill(0.01))]]);
  const products = await Promise.all(
    tileNames.map(async (name) => {
      const plan = place(lower(graph, { tile: tiles[name], threads: 1, algorithms: 'direct' }));
      const { calls } = await instantiate(plan, weights, variant);
      return { name, product: calls[plan.steps.findIndex(({ kernel }) => kernel === 'conv')] as () => void };
    }),
  );
  for (const { product } of products) callFor(product, warmupMs);
  const best = new Map<TileName, number>();
  for (let slice = 0; slice < slices; slice++)
    for (const { name, product } of products) best.set(name, Math.max(best.get(name) ?? 0, (2 * macs) / callFor(product, sliceMs) / 1e6));
  return best;
}

/** Calls for at least `ms` milliseconds; the mean of one call, in milliseconds. */
function callFor(product: () => void, ms: number): number {
  const start = performance.now();
  let calls = 0;
  let spent = 0;
  do {
    product();
    calls++;
    spent = performance.now() - start;
  } while (spent < ms);
  return spent / calls;
}

/** Measured once a process: an engine's best tile does not change while it runs, and a measurement takes some 100 ms. */
const measured = new Map<Variant, Promise<TileName>>();

/** The fastest tile here; `SENET_TILE` names another. */
export function bestTile(variant: Variant): Promise<TileName> {
  const { process } = globalThis as { readonly process?: { readonly env?: Readonly<Record<string, string>> } };
  const forced = process?.env?.SENET_TILE;
  if (forced !== undefined) return Promise.resolve(forced as TileName); // targetOf refuses a name that is none
  const best =
    measured.get(variant) ??
    measureTiles(variant).then((speeds) => [...speeds].reduce((fastest, tile) => (tile[1] > fastest[1] ? tile : fastest))[0]);
  measured.set(variant, best);
  return best;
}

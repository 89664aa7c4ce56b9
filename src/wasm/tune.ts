import { build } from '../graph/build.js';
import { lower } from '../plan/lower.js';
import { place } from '../plan/place.js';
import { tensor } from '../tensor.js';
import type { KernelsBuild } from './features.js';
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
export async function measureTiles(kernels: KernelsBuild): Promise<ReadonlyMap<TileName, number>> {
  const graph = build(shape, (x) => {
    const weight = x.graph.emit('param', [], { name: 'weight', shape: filter, trainable: true });
    return x.graph.emit('conv2d', [x, weight], { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 });
  });
  const weights = new Map([['weight', tensor(filter, new Float32Array(outputs * shape[1]).fill(0.01))]]);
  const products = await Promise.all(
    tileNames.map(async (name) => {
      const plan = place(lower(graph, { tile: tiles[name], threads: 1, algorithms: 'direct' }));
      const { calls } = await instantiate(plan, weights, kernels);
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

/** What the tiles' speeds tell of an engine. */
export interface Tuning {
  /** The fastest tile. */
  readonly tile: TileName;
  /** Whether the engine joins pairs of vectors. */
  readonly pairedVectors: boolean;
}

/**
 * Vectors of 256 bits double the speed; 16 columns of 128 bits only fill more registers. So the widths' best speeds tell whether vectors are joined,
 * which nothing else does.
 */
const pairedFrom = 1.2;

export function tuningOf(speeds: ReadonlyMap<TileName, number>): Tuning {
  const best = (columns: number | undefined): readonly [TileName, number] =>
    [...speeds]
      .filter(([name]) => columns === undefined || tiles[name].columns === columns)
      .reduce((fastest, tile) => (tile[1] > fastest[1] ? tile : fastest));
  return { tile: best(undefined)[0], pairedVectors: best(16)[1] >= pairedFrom * best(8)[1] };
}

/** Measured once a process: an engine does not change while it runs, and a measurement takes some 100 ms. */
const measured = new Map<KernelsBuild, Promise<Tuning>>();

export function tuning(kernels: KernelsBuild): Promise<Tuning> {
  const found = measured.get(kernels) ?? measureTiles(kernels).then(tuningOf);
  measured.set(kernels, found);
  return found;
}

/** `SENET_TILE`, if it is set and may be read; `targetOf` refuses a name that is none. */
export function forcedTile(): TileName | undefined {
  const { process, Deno } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string>> };
    readonly Deno?: { readonly permissions: { querySync(descriptor: object): { readonly state: string } } };
  };
  // Deno asks whoever sits at the terminal for what is not granted yet, and throws where nobody does
  const granted = Deno?.permissions.querySync({ name: 'env', variable: 'SENET_TILE' }).state ?? 'granted';
  return granted === 'granted' ? (process?.env?.SENET_TILE as TileName | undefined) : undefined;
}

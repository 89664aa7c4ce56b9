import { build } from '../graph/build.js';
import { count } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { turn } from '../io/turn.js';
import { lower } from '../plan/lower.js';
import { place } from '../plan/place.js';
import { quantile, sorted } from '../stats/timing.js';
import { tensor } from '../tensor.js';
import { addressesOf, resolver } from './addresses.js';
import { type Call, callsOf, perform } from './calls.js';
import type { KernelsBuild } from './features.js';
import { allocate, bindKernels, compileKernels } from './kernels.js';
import { type TileName, tileNames, tiles } from './options.js';
import { packAll, scratchBytes } from './packer.js';
import { firstPage } from './region.js';

/**
 * What a network's time is made of: blocks of 60 pixels times panels that a cache holds. Layers whose panels come from memory are left out: there tiles differ less, by
 * what the machine's other users do, and the tile that is fastest on such products alone is not the one that is fastest over whole networks (docs/speed.md).
 */
const products = [
  { channels: 256, outputs: 128 },
  { channels: 128, outputs: 256 },
] as const;
const image = [6, 10] as const;
const macs = products.reduce((sum, { channels, outputs }) => sum + 60 * channels * outputs, 0);

/** Engines compile a function anew once it has run for some milliseconds, in the background; until then it is several times as slow. */
const warmupMs = 25;
const mostWarmupMs = 150;
const slowerBeforehand = 2.5;

/** Every round runs each product by each tile. Tiles that are far behind after the first rounds are out. */
const rounds = 15;
const firstRounds = 4;
const farBehind = 1.25;

/** The products, by tile. */
type Products = ReadonlyMap<TileName, readonly (() => void)[]>;

/** GFLOP/s by each tile, on this engine as it runs now; the tiles take turns, and medians count. */
export async function measureTiles(kernels: KernelsBuild): Promise<ReadonlyMap<TileName, number>> {
  const prepared = await prepare(kernels);
  await warmUp(prepared);
  const times = new Map(tileNames.map((name) => [name, products.map((): number[] => [])] as const));
  const msOf = (name: TileName): number => (times.get(name) ?? []).reduce((sum, of) => sum + quantile(sorted(of), 0.5), 0);
  let running: readonly TileName[] = tileNames;
  for (let round = 0; round < rounds; round++) {
    for (const name of running) for (const [i, product] of (prepared.get(name) ?? []).entries()) times.get(name)?.[i]?.push(timed(product));
    if (round + 1 === firstRounds) {
      const best = Math.min(...tileNames.map(msOf));
      running = tileNames.filter((name) => msOf(name) < farBehind * best);
    }
  }
  return new Map(tileNames.map((name) => [name, (2 * macs) / msOf(name) / 1e6]));
}

/** Milliseconds. */
function timed(product: () => void): number {
  const start = performance.now();
  product();
  return performance.now() - start;
}

/** Until no tile is so slow that it cannot have been compiled yet. */
async function warmUp(prepared: Products): Promise<void> {
  const start = performance.now();
  const last = new Map<TileName, number>();
  const spent = (): number => performance.now() - start;
  const isCold = (): boolean => Math.max(...last.values()) > slowerBeforehand * Math.min(...last.values());
  while (spent() < warmupMs || (isCold() && spent() < mostWarmupMs)) {
    for (const [name, [product]] of prepared) last.set(name, timed(product as () => void));
    await turn(); // compiled code comes in between
  }
}

/** All tiles in one memory: engines that guard memories by address space, as Bun, give only a few. */
async function prepare(kernels: KernelsBuild): Promise<Products> {
  let end = firstPage;
  const placed = tileNames.flatMap((name) =>
    products.map(({ channels, outputs }) => {
      const filter = [outputs, channels, 1, 1];
      const graph = build([1, channels, ...image], (x) => {
        const weight = x.graph.emit('param', [], { name: 'weight', shape: filter, trainable: true });
        return x.graph.emit('conv2d', [x, weight], { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 });
      });
      const plan = place(lower(graph, { tile: tiles[name], threads: 1, algorithms: 'direct' }));
      const { addresses, arena } = addressesOf(plan, end);
      end = arena;
      return { name, plan, addresses, weights: new Map([['weight', tensor(filter, new Float32Array(outputs * channels).fill(0.01))]]) };
    }),
  );
  const room = Math.max(...placed.map(({ plan }) => Math.max(plan.arenaBytes, scratchBytes(plan))));
  const memory = allocate(end + room, 'unshared');
  const bound = await bindKernels(await compileKernels(kernels, 'unshared'), memory);
  const found = new Map(tileNames.map((name): [TileName, (() => void)[]] => [name, []]));
  for (const { name, plan, weights, addresses } of placed) {
    await packAll(plan, weights, { memory, kernels: bound, addresses, scratch: end });
    const call = callsOf(plan, resolver(plan, addresses, end)).find(({ kernel }) => kernel === 'conv') as Call;
    found.get(name)?.push(() => perform(bound, call, 0, 1, 1));
  }
  return found;
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

/** Closer than this a measurement of some milliseconds does not tell tiles apart. */
const tie = 0.95;

/** Of tiles that tie, the one that is the fastest over whole networks on most engines. */
const order: readonly TileName[] = ['6x16', '6x8', '5x16', '5x8', '4x16', '4x8'];

export function tuningOf(speeds: ReadonlyMap<TileName, number>): Tuning {
  const best = (columns: number | undefined): readonly [TileName, number] =>
    [...speeds]
      .filter(([name]) => columns === undefined || tiles[name].columns === columns)
      .reduce((fastest, tile) => (tile[1] > fastest[1] ? tile : fastest));
  const fastest = best(undefined)[1];
  const tile = order.find((name) => (speeds.get(name) ?? 0) >= tie * fastest) as TileName;
  return { tile, pairedVectors: best(16)[1] >= pairedFrom * best(8)[1] };
}

/** Measured once a process: an engine does not change while it runs, and a measurement takes some 100 ms. */
const measured = new Map<KernelsBuild, Promise<Tuning>>();

/** Known from before: `tuning` is this from now on, and nothing is measured. */
export function setTuning(kernels: KernelsBuild, known: Tuning): void {
  measured.set(kernels, Promise.resolve(known));
}

/** What is known of this engine, or being measured: another thread of it need not measure anew, and then takes the same tile. */
export async function tunings(): Promise<readonly (readonly [KernelsBuild, Tuning])[]> {
  return await Promise.all([...measured].map(async ([kernels, found]) => [kernels, await found] as const));
}

/** What another thread knows; what is known here stays. */
export function learnTunings(known: readonly (readonly [KernelsBuild, Tuning])[]): void {
  for (const [kernels, found] of known) if (!measured.has(kernels)) setTuning(kernels, found);
}

export function tuning(kernels: KernelsBuild): Promise<Tuning> {
  const found = measured.get(kernels) ?? measureTiles(kernels).then(tuningOf);
  measured.set(kernels, found);
  return found;
}

/** In place of a measurement: the tile that is the fastest over whole networks on most engines which do not pair vectors (bench/results/tuning). */
const likeliestTile: Readonly<Record<KernelsBuild, TileName>> = { relaxed: '6x8', strict: '5x8' };

/** Multiply-adds below which a page's network is not worth a measurement, which takes as long as many of its runs. */
const little = 250e6;

/**
 * The tile of a network of little work in a page, where somebody waits for the first answer and vectors are not paired; undefined for others, and where the
 * answer is known already.
 */
export function untimedTile(graph: Graph, kernels: KernelsBuild): TileName | undefined {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  const inPage = process?.versions?.node === undefined; // Deno and Bun say a version of Node's too
  return inPage && !measured.has(kernels) && count(graph).macs < little ? likeliestTile[kernels] : undefined;
}

/** `SENET_TILE`, if it is set and may be read; `targetOf` refuses a name that is none. */
export function forcedTile(): TileName | undefined {
  const { process, Deno } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string>> };
    readonly Deno?: { readonly permissions: { querySync(descriptor: object): { readonly state: string } } };
  };
  // reading a variable that is not granted makes Deno ask the user, and throws without a terminal
  const granted = Deno?.permissions.querySync({ name: 'env', variable: 'SENET_TILE' }).state ?? 'granted';
  return granted === 'granted' ? (process?.env?.SENET_TILE as TileName | undefined) : undefined;
}

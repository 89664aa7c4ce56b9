import { WeightsError } from '../errors.js';
import { checkTensors, parameterOf } from '../graph/evaluate.js';
import { packingSize, parametersOf, residentName } from '../plan/pack.js';
import type { Arg, Packing, Plan } from '../plan/plan.js';
import type { Tensor } from '../tensor.js';
import { callsOf, perform } from './calls.js';
import type { KernelsBuild } from './features.js';
import { bindKernels, compileKernels, kernelSetsOf, type Sharing } from './kernels.js';
import type { PackedWeights } from './packed.js';
import { packAll, scratchBytes } from './packer.js';
import { firstPage, type Region, regionOf } from './region.js';
import { SingleWalker, type Walker } from './walker.js';
import type { Weights } from './weights.js';

/** A plan with memory under it: `[ page 0, the kernels' own | packed weights | arena ]`. */
export interface Instance {
  readonly memory: WebAssembly.Memory;
  /** The plan's steps, each whole and on the caller's thread, to be called in order. */
  readonly calls: readonly (() => void)[];
  /** The plan's steps on as many threads as it is made for. */
  readonly walker: Walker;
  /** The address that an argument stands for; of scratch, that of the given thread's part. */
  readonly resolve: (arg: Arg, thread?: number) => number;
  /** Overwrites parameters that lie in memory as the checkpoint has them. @throws WeightsError for any other */
  readonly update: (weights: ReadonlyMap<string, Tensor>) => void;
  /** Where the arena starts; packed weights and tables lie between the region's first byte and there. */
  readonly arena: number;
  /** The bytes that are the plan's. */
  readonly region: Region;
  /** What another plan with the same weights finds there. */
  readonly packed: Packed;
}

/** Packed weights that lie in a memory. */
interface Packed {
  /** Addresses by what is packed, and how. */
  readonly at: ReadonlyMap<string, number>;
  readonly end: number;
}

interface Addresses {
  readonly addresses: ReadonlyMap<string, number>;
  readonly packed: Packed;
  readonly arena: number;
}

/** Where the packed weights lie, from `begin` on or where they are already; behind them the tables, and the arena. */
export function addressesOf({ weights }: Plan, begin: number, held: Packed = { at: new Map(), end: begin }): Addresses {
  const addresses = new Map<string, number>();
  const at = new Map(held.at);
  const tables = new Map<string, Packing>();
  let { end } = held;
  for (const [name, packing] of weights) {
    if (parametersOf(packing).length === 0) {
      tables.set(name, packing);
      continue;
    }
    const key = JSON.stringify(packing);
    const address = at.get(key) ?? end;
    if (address === end) end += bytesOf(packing);
    at.set(key, address);
    addresses.set(name, address);
  }
  let arena = end;
  for (const [name, packing] of tables) {
    addresses.set(name, arena);
    arena += bytesOf(packing);
  }
  return { addresses, packed: { at, end }, arena };
}

/** Of a constant, and of what is read beyond its end. */
const bytesOf = (packing: Packing): number => Math.ceil((packingSize(packing) * 4 + 16) / 64) * 64;

/** The address that an argument stands for; of scratch, that of the given thread's part. */
export const resolver =
  ({ buffers }: Plan, addresses: ReadonlyMap<string, number>, arena: number) =>
  (arg: Arg, thread = 0): number => {
    if (typeof arg === 'number') return arg;
    if ('weights' in arg) return addresses.get(arg.weights) as number;
    return arena + (buffers[arg.buffer]?.offset as number) + (arg.at ?? 0) + thread * (arg.perThread ?? 0);
  };

/** Bytes of memory that a plan needs, from a multiple of 64 on. */
export const memoryOf = (plan: Plan): number => addressesOf(plan, 0).arena + workBytes(plan);

/** Of the arena, which serves as scratch memory while weights are packed. */
const workBytes = (plan: Plan): number => Math.max(plan.arenaBytes, scratchBytes(plan));

/**
 * Takes memory of the plan's final size, packs the weights into it, and binds the steps to the kernels.
 *
 * @throws PlanError if the memory would exceed 4 GiB; UnsupportedError if the engine gives no memory, or no threads
 */
export async function instantiate(plan: Plan, weights: Weights | PackedWeights, build: KernelsBuild): Promise<Instance> {
  return instantiateIn(regionOf(memoryOf(plan), sharingOf(plan)), plan, weights, build);
}

/**
 * As `instantiate`, of another plan with the same weights, in the memory of an instance that is not used any more, if there is one: what both pack alike stays
 * where it lies. A memory that cannot grow, or is more than twice what the plan needs, is let go.
 */
export async function instantiateAfter(before: Instance | undefined, plan: Plan, weights: Weights, build: KernelsBuild): Promise<Instance> {
  const needed = memoryOf(plan);
  if (before !== undefined) {
    const { region, packed } = before;
    const size = workBytes(plan) + addressesOf(plan, region.begin, packed).arena - region.begin;
    if (region.memory.buffer.byteLength <= 2 * (firstPage + needed) && region.grow(size))
      return instantiateIn(region, plan, weights, build, packed);
    region.release();
  }
  return instantiateIn(regionOf(needed, sharingOf(plan), undefined, true), plan, weights, build);
}

const sharingOf = ({ target: { threads } }: Plan): Sharing => (threads > 1 ? 'shared' : 'unshared');

async function instantiateIn(
  region: Region,
  plan: Plan,
  weights: Weights | PackedWeights,
  build: KernelsBuild,
  held?: Packed,
): Promise<Instance> {
  try {
    return await packedIn(region, plan, weights, build, held);
  } catch (error) {
    region.release();
    throw error;
  }
}

/** @param held what lies in the region already */
async function packedIn(
  region: Region,
  plan: Plan,
  weights: Weights | PackedWeights,
  build: KernelsBuild,
  held?: Packed,
): Promise<Instance> {
  const { memory, begin } = region;
  const { addresses, packed, arena } = addressesOf(plan, begin, held);
  const { threads } = plan.target;
  const sharing = sharingOf(plan);
  if (held) new Uint8Array(memory.buffer, held.end, arena - held.end).fill(0); // as new memory is
  const missing = held ? new Map([...plan.weights].filter(([name]) => (addresses.get(name) as number) >= held.end)) : plan.weights;
  const [modules, pool] = await Promise.all([
    compileKernels(build, sharing, kernelSetsOf(plan)),
    threads > 1 ? import('./pool.js') : undefined,
  ]);
  const kernels = await bindKernels(modules, memory);
  const packing = { memory, kernels, addresses, scratch: arena }; // the arena holds nothing yet
  await ('fill' in weights ? weights.fill(plan, packing) : packAll({ weights: missing }, weights, packing));
  const update = (changed: ReadonlyMap<string, Tensor>): void => {
    checkTensors(changed);
    const names = [...changed.keys()];
    const values = names.map((name) => {
      const resident = plan.weights.get(residentName(name));
      if (resident?.kind !== 'values') throw new WeightsError(`tensor ${name} is none that this plan can change`, { tensor: name });
      return parameterOf(changed, name, resident.shape).data;
    });
    // all are known to fit by now, so that it changes all or nothing
    values.forEach((data, i) => {
      new Float32Array(memory.buffer, addresses.get(residentName(names[i] as string)), data.length).set(data);
    });
  };
  const resolve = resolver(plan, addresses, arena);
  const lists = Array.from({ length: threads }, (_, thread) => callsOf(plan, (arg) => resolve(arg, thread)));
  const [list = []] = lists;
  const walker = pool ? await pool.Pool.start(modules, memory, lists) : new SingleWalker(kernels, list, plan.inputs[0]?.shape[0] ?? 1);
  return { memory, resolve, update, arena, region, packed, walker, calls: list.map((call) => () => perform(kernels, call, 0, 1, 1)) };
}

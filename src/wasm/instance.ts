import { WeightsError } from '../errors.js';
import { checkTensors, parameterOf } from '../graph/evaluate.js';
import { residentName } from '../plan/pack.js';
import type { Arg, Plan } from '../plan/plan.js';
import type { Tensor } from '../tensor.js';
import { addressesOf, memoryOf, type Packed, resolver, workBytes } from './addresses.js';
import { callsOf, perform } from './calls.js';
import type { KernelsBuild } from './features.js';
import { bindKernels, compileKernels, kernelSetsOf, type Sharing } from './kernels.js';
import type { PackedWeights } from './packed.js';
import { packAll } from './packer.js';
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

/** What an instance is made of. */
interface Parts {
  readonly plan: Plan;
  readonly weights: Weights | PackedWeights;
  readonly build: KernelsBuild;
}

/**
 * Takes memory of the plan's final size, packs the weights into it, and binds the steps to the kernels.
 *
 * @throws PlanError if the memory would exceed 4 GiB; UnsupportedError if the engine gives no memory, or no threads
 */
export async function instantiate(plan: Plan, weights: Weights | PackedWeights, build: KernelsBuild): Promise<Instance> {
  return instantiateIn(regionOf(memoryOf(plan), sharingOf(plan)), { plan, weights, build });
}

/**
 * As `instantiate`, of another plan with the same weights, in the memory of an instance that is not used any more, if there is one: what both pack alike stays
 * where it lies. A memory that cannot grow, or is more than twice what the plan needs, is let go.
 */
export async function instantiateAfter(before: Instance | undefined, plan: Plan, weights: Weights, build: KernelsBuild): Promise<Instance> {
  const parts = { plan, weights, build };
  const needed = memoryOf(plan);
  if (before !== undefined) {
    const { region, packed } = before;
    const size = workBytes(plan) + addressesOf(plan, region.begin, packed).arena - region.begin;
    if (region.memory.buffer.byteLength <= 2 * (firstPage + needed) && region.grow(size)) return instantiateIn(region, parts, packed);
    region.release();
  }
  return instantiateIn(regionOf(needed, sharingOf(plan), undefined, true), parts);
}

const sharingOf = ({ target: { threads } }: Plan): Sharing => (threads > 1 ? 'shared' : 'unshared');

/** @param held what lies in the region already, which is released if this fails */
async function instantiateIn(region: Region, { plan, weights, build }: Parts, held?: Packed): Promise<Instance> {
  const { memory, begin } = region;
  const { addresses, packed, arena } = addressesOf(plan, begin, held);
  const { threads } = plan.target;
  try {
    if (held) new Uint8Array(memory.buffer, held.end, arena - held.end).fill(0); // as new memory is
    const missing = held ? new Map([...plan.weights].filter(([name]) => (addresses.get(name) as number) >= held.end)) : plan.weights;
    const [modules, pool] = await Promise.all([
      compileKernels(build, sharingOf(plan), kernelSetsOf(plan)),
      threads > 1 ? import('./pool.js') : undefined,
    ]);
    const kernels = await bindKernels(modules, memory);
    const packing = { memory, kernels, addresses, scratch: arena }; // the arena holds nothing yet
    await ('fill' in weights ? weights.fill(plan, packing) : packAll({ weights: missing }, weights, packing));
    const resolve = resolver(plan, addresses, arena);
    const lists = Array.from({ length: threads }, (_, thread) => callsOf(plan, (arg) => resolve(arg, thread)));
    const [list = []] = lists;
    const walker = pool ? await pool.Pool.start(modules, memory, lists) : new SingleWalker(kernels, list, plan.inputs[0]?.shape[0] ?? 1);
    const calls = list.map((call) => () => perform(kernels, call, 0, 1, 1));
    return { memory, resolve, update: updater(plan, memory, addresses), arena, region, packed, walker, calls };
  } catch (error) {
    region.release();
    throw error;
  }
}

const updater =
  (plan: Plan, memory: WebAssembly.Memory, addresses: ReadonlyMap<string, number>): Instance['update'] =>
  (changed) => {
    checkTensors(changed);
    const values = [...changed.keys()].map((name) => {
      const resident = plan.weights.get(residentName(name));
      if (resident?.kind !== 'values') throw new WeightsError(`tensor ${name} is none that this plan can change`, { tensor: name });
      return { name, data: parameterOf(changed, name, resident.shape).data };
    });
    // all are known to fit by now, so that it changes all or nothing
    for (const { name, data } of values) new Float32Array(memory.buffer, addresses.get(residentName(name)), data.length).set(data);
  };

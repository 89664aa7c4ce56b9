import { WeightsError } from '../errors.js';
import { checkTensors, parameterOf } from '../graph/evaluate.js';
import { packingSize, residentName } from '../plan/pack.js';
import type { Arg, Plan } from '../plan/plan.js';
import type { Tensor } from '../tensor.js';
import { callsOf, perform } from './calls.js';
import type { KernelsBuild } from './features.js';
import { bindKernels, compileKernels, kernelSetsOf, type Sharing } from './kernels.js';
import type { PackedWeights } from './packed.js';
import { packAll, scratchBytes } from './packer.js';
import { type Region, regionOf } from './region.js';
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
}

/** Where the packed weights and tables lie from `begin` on, and the arena behind them. */
export function addressesOf({ weights }: Plan, begin: number): { readonly addresses: ReadonlyMap<string, number>; readonly arena: number } {
  const addresses = new Map<string, number>();
  let arena = begin;
  for (const [name, packing] of weights) {
    addresses.set(name, arena);
    arena += Math.ceil((packingSize(packing) * 4 + 16) / 64) * 64;
  }
  return { addresses, arena };
}

/** The address that an argument stands for; of scratch, that of the given thread's part. */
export const resolver =
  ({ buffers }: Plan, addresses: ReadonlyMap<string, number>, arena: number) =>
  (arg: Arg, thread = 0): number => {
    if (typeof arg === 'number') return arg;
    if ('weights' in arg) return addresses.get(arg.weights) as number;
    return arena + (buffers[arg.buffer]?.offset as number) + (arg.at ?? 0) + thread * (arg.perThread ?? 0);
  };

/** Bytes of memory that a plan needs, from a multiple of 64 on. */
export const memoryOf = (plan: Plan): number => addressesOf(plan, 0).arena + Math.max(plan.arenaBytes, scratchBytes(plan));

/**
 * Takes memory of the plan's final size, packs the weights into it, and binds the steps to the kernels.
 *
 * @throws PlanError if the memory would exceed 4 GiB; UnsupportedError if the engine gives no memory, or no threads
 */
export async function instantiate(plan: Plan, weights: Weights | PackedWeights, build: KernelsBuild): Promise<Instance> {
  const sharing = plan.target.threads > 1 ? 'shared' : 'unshared';
  const region = regionOf(memoryOf(plan), sharing);
  try {
    return await instantiateIn(region, plan, weights, build, sharing);
  } catch (error) {
    region.release();
    throw error;
  }
}

async function instantiateIn(
  region: Region,
  plan: Plan,
  weights: Weights | PackedWeights,
  build: KernelsBuild,
  sharing: Sharing,
): Promise<Instance> {
  const { memory, begin } = region;
  const { addresses, arena } = addressesOf(plan, begin);
  const { threads } = plan.target;
  const [modules, pool] = await Promise.all([
    compileKernels(build, sharing, kernelSetsOf(plan)),
    threads > 1 ? import('./pool.js') : undefined,
  ]);
  const kernels = await bindKernels(modules, memory);
  const packing = { memory, kernels, addresses, scratch: arena }; // the arena holds nothing yet
  await ('fill' in weights ? weights.fill(plan, packing) : packAll(plan, weights, packing));
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
  return { memory, resolve, update, arena, region, walker, calls: list.map((call) => () => perform(kernels, call, 0, 1, 1)) };
}

import { abi } from '../plan/abi.js';
import { pack, recipeSize } from '../plan/pack.js';
import type { Arg, Plan, Step } from '../plan/plan.js';
import type { Tensor } from '../tensor.js';
import type { Variant } from './features.js';
import { allocate, type Kernels, loadKernels } from './kernels.js';

/** A plan with memory under it: `[ page 0 unused | packed weights | arena ]`. */
export interface Instance {
  readonly memory: WebAssembly.Memory;
  /** The plan's steps, ready to be called in order. */
  readonly calls: readonly (() => void)[];
  /** The address that an argument stands for. */
  readonly resolve: (arg: Arg) => number;
  /** Where the arena starts; packed weights and tables lie between page 0 and there. */
  readonly arena: number;
}

/** Page 0 stays unused, so that no operand has the address 0, which means "none" to the kernels. */
export const firstPage = 65536;

/** Allocates the one memory of its final size, packs the weights into it, and binds the steps to the kernels. */
export async function instantiate(plan: Plan, weights: ReadonlyMap<string, Tensor>, variant: Variant): Promise<Instance> {
  const addresses = new Map<string, number>();
  let arena = firstPage;
  for (const [name, recipe] of plan.weights) {
    addresses.set(name, arena);
    arena += Math.ceil((recipeSize(recipe) * 4 + 16) / 64) * 64;
  }
  const memory = allocate(arena + plan.arenaBytes);
  for (const [name, recipe] of plan.weights) {
    const block = [memory.buffer, addresses.get(name) as number, recipeSize(recipe)] as const;
    pack(recipe, weights, { f32: new Float32Array(...block), i32: new Int32Array(...block) });
  }
  const resolve = (arg: Arg): number => {
    if (typeof arg === 'number') return arg;
    if ('weights' in arg) return addresses.get(arg.weights) as number;
    return arena + (plan.buffers[arg.buffer]?.offset as number) + (arg.at ?? 0);
  };
  const kernels = await loadKernels(variant, memory);
  return { memory, resolve, arena, calls: plan.steps.map((step) => bind(step, kernels, resolve)) };
}

function bind({ kernel, args, extent }: Step, kernels: Kernels, resolve: Instance['resolve']): () => void {
  const positions = [...abi[kernel].map((name) => resolve(args[name] as Arg)), 0, extent];
  const call = kernels[kernel];
  return () => call(...positions);
}

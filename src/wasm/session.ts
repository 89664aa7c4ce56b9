import { PlanError, UnsupportedError } from '../errors.js';
import { inputOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import { abi, type Kernel } from '../plan/abi.js';
import { lower } from '../plan/lower.js';
import { pack, recipeSize } from '../plan/pack.js';
import { place } from '../plan/place.js';
import type { Arg, Plan, Port, Step, Tile } from '../plan/plan.js';
import { type Tensor, zerosLike } from '../tensor.js';
import type { Variant } from './features.js';
import { allocate, type Kernels, loadKernels, pickVariant } from './kernels.js';
import { checkWeights } from './weights.js';

export interface CompileOptions {
  /** Which instructions: relaxed SIMD where the engine has it (`auto`), or one of the two by name. @defaultValue 'auto' */
  readonly kernels?: 'auto' | Variant;
  /** Threads that share each step; 1 is what there is. @defaultValue 1 */
  readonly threads?: number;
  /** The register tile by name. @defaultValue 6x8 with fused multiply-add, 4x8 without */
  readonly tile?: TileName;
}

export type TileName = '4x8' | '6x8';
const tiles: Readonly<Record<TileName, Tile>> = { '4x8': { rows: 4, columns: 8 }, '6x8': { rows: 6, columns: 8 } };
/** Six rows need 15 of x86-64's 16 vector registers and a fused product; with a separate one they spill (measured: bench/results). */
const bestTile: Readonly<Record<Variant, TileName>> = { strict: '4x8', relaxed: '6x8' };

/** The plan that `compile` would run, without weights. */
export function planOf(graph: Graph, options: CompileOptions = {}): Plan {
  return place(lower(graph, tiles[options.tile ?? bestTile[pickVariant(options.kernels ?? 'auto')]]));
}

/**
 * Plans the graph, packs the weights (batch norm folded in) and allocates the one memory that every run uses.
 *
 * @throws WeightsError for a missing, extra, misshapen or non-finite tensor; UnsupportedError for instructions or threads that the engine
 * does not have; PlanError if the memory would exceed 4 GiB.
 */
export async function compile(graph: Graph, weights: ReadonlyMap<string, Tensor>, options: CompileOptions = {}): Promise<Session> {
  const { threads = 1 } = options;
  if (threads !== 1) throw new UnsupportedError(`threads: 1 is what this version runs, not ${threads}`);
  checkWeights(graph, weights);
  const variant = pickVariant(options.kernels ?? 'auto');
  const plan = planOf(graph, { ...options, kernels: variant });

  const { addresses, bytes } = addressWeights(plan);
  const arena = firstPage + bytes;
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
  return new Session({ plan, variant, memory, kernels: await loadKernels(variant, memory), resolve, weightBytes: bytes });
}

/** Page 0 stays unused, so that no operand has the address 0, which means "none" to the kernels. */
const firstPage = 65536;

/** Packed weights, one after another behind page 0, each on a multiple of 64. */
function addressWeights({ weights }: Plan): { readonly addresses: ReadonlyMap<string, number>; readonly bytes: number } {
  const addresses = new Map<string, number>();
  let bytes = 0;
  for (const [name, recipe] of weights) {
    addresses.set(name, firstPage + bytes);
    bytes += Math.ceil((recipeSize(recipe) * 4 + 16) / 64) * 64;
  }
  return { addresses, bytes };
}

interface Parts {
  readonly plan: Plan;
  readonly variant: Variant;
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly resolve: (arg: Arg) => number;
  readonly weightBytes: number;
}

/** A compiled network: a plan, one memory of its final size, and the kernels over it. Not for two runs at once. */
export class Session {
  readonly plan: Plan;
  readonly variant: Variant;
  readonly threads = 1;
  /** Bytes of packed weights and tables, and of all memory. */
  readonly weightBytes: number;
  readonly bytes: number;
  #parts:
    | { readonly memory: WebAssembly.Memory; readonly calls: readonly (() => void)[]; readonly resolve: (arg: Arg) => number }
    | undefined;

  /** Use `compile`. */
  constructor({ plan, variant, memory, kernels, resolve, weightBytes }: Parts) {
    this.plan = plan;
    this.variant = variant;
    this.weightBytes = weightBytes;
    this.bytes = memory.buffer.byteLength;
    this.#parts = { memory, resolve, calls: plan.steps.map((step) => callOf(step, kernels, resolve)) };
  }

  /**
   * One inference. @param input the graph's input, logical NCHW; or, for several, tensors by name.
   * @returns the graph's outputs by name, each a tensor of its own.
   * @throws ShapeError if an input is missing or has another shape.
   */
  run(input: Tensor | Readonly<Record<string, Tensor>>): ReadonlyMap<string, Tensor> {
    const inputs = 'data' in input && 'shape' in input ? { input: input as Tensor } : input;
    const { memory, calls, resolve } = this.#alive();
    for (const { name, shape, buffer } of this.plan.inputs) {
      const values = inputOf(inputs[name], name, shape).data;
      new Float32Array(memory.buffer, resolve({ buffer }), values.length).set(values);
    }
    for (const call of calls) call();
    return new Map(this.plan.outputs.map((port) => [port.name, read(memory, resolve({ buffer: port.buffer }), port)]));
  }

  /** Lets the memory go. A disposed session does not run. */
  dispose(): void {
    this.#parts = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive() {
    if (this.#parts === undefined) throw new PlanError('this session is disposed');
    return this.#parts;
  }
}

function callOf({ kernel, args, extent }: Step, kernels: Kernels, resolve: (arg: Arg) => number): () => void {
  const names: readonly string[] = abi[kernel satisfies Kernel];
  const positions = [...names.map((name) => resolve(args[name] as Arg)), 0, extent];
  const run = kernels[kernel];
  return () => run(...positions);
}

/** A port's value, from NHWC back to the logical shape. */
function read(memory: WebAssembly.Memory, address: number, { shape, layout }: Port): Tensor {
  const { images, channels, height, width, image, origin, line, pixel } = layout;
  const from = new Float32Array(memory.buffer, address, (images * image) / 4);
  const y = zerosLike({ shape: [], data: new Float32Array(0) }, shape);
  let at = 0;
  for (let n = 0; n < images; n++)
    for (let c = 0; c < channels; c++)
      for (let h = 0; h < height; h++)
        for (let w = 0; w < width; w++) y.data[at++] = from[(n * image + origin + h * line + w * pixel) / 4 + c] as number;
  return y;
}

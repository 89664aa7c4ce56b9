import { PlanError, UnsupportedError } from '../errors.js';
import { inputOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import { lower } from '../plan/lower.js';
import { place } from '../plan/place.js';
import type { Plan, Port } from '../plan/plan.js';
import { sizeOf, type Tensor, tensor } from '../tensor.js';
import { pickVariant, type Variant } from './features.js';
import { firstPage, type Instance, instantiate } from './instance.js';
import { type CompileOptions, targetOf } from './options.js';
import { checkWeights } from './weights.js';

/** The plan that `compile` would run; it needs no weights. */
export function planOf(graph: Graph, options: CompileOptions = {}): Plan {
  return place(lower(graph, targetOf(options)));
}

/**
 * Plans the graph, packs the weights (batch norm folded in) and allocates the one memory that every run uses.
 *
 * @throws WeightsError for a missing, extra, misshapen or non-finite tensor; UnsupportedError for instructions or threads that are not
 * to be had; PlanError if the memory would exceed 4 GiB.
 */
export async function compile(graph: Graph, weights: ReadonlyMap<string, Tensor>, options: CompileOptions = {}): Promise<Session> {
  const { threads = 1 } = options;
  if (threads !== 1) throw new UnsupportedError(`threads: this version runs 1, not ${threads}`);
  checkWeights(graph, weights);
  const variant = pickVariant(options.kernels ?? 'auto');
  const plan = planOf(graph, { ...options, kernels: variant });
  return new Session(plan, variant, await instantiate(plan, weights, variant));
}

/** A compiled network: a plan, one memory of its final size, and the kernels over it. */
export class Session {
  readonly plan: Plan;
  readonly variant: Variant;
  readonly threads = 1;
  /** Bytes of packed weights and tables. */
  readonly weightBytes: number;
  #instance: Instance | undefined;

  /** Use `compile`. */
  constructor(plan: Plan, variant: Variant, instance: Instance) {
    this.plan = plan;
    this.variant = variant;
    this.weightBytes = instance.arena - firstPage;
    this.#instance = instance;
  }

  /**
   * One inference.
   *
   * @param input the graph's input, logical NCHW; or, where there are several, tensors by name
   * @returns the graph's outputs by name; they are copies, and stay valid after the next run
   * @throws ShapeError if an input is missing or has another shape; PlanError after `dispose`
   */
  run(input: Tensor | Readonly<Record<string, Tensor>>): ReadonlyMap<string, Tensor> {
    const instance = this.#alive();
    this.#write(instance, input);
    for (const call of instance.calls) call();
    return this.#read(instance);
  }

  /** As `run`, and the milliseconds that each step of the plan took. */
  profile(input: Tensor | Readonly<Record<string, Tensor>>): {
    readonly outputs: ReadonlyMap<string, Tensor>;
    readonly stepMs: readonly number[];
  } {
    const instance = this.#alive();
    this.#write(instance, input);
    const stepMs = instance.calls.map((call) => {
      const start = performance.now();
      call();
      return performance.now() - start;
    });
    return { outputs: this.#read(instance), stepMs };
  }

  /** Lets the memory go; the session does not run again. */
  dispose(): void {
    this.#instance = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): Instance {
    if (this.#instance === undefined) throw new PlanError('this session is disposed');
    return this.#instance;
  }

  #write({ memory, resolve }: Instance, input: Tensor | Readonly<Record<string, Tensor>>): void {
    const inputs: Readonly<Record<string, Tensor>> = isTensor(input) ? { input } : input;
    for (const { name, shape, buffer } of this.plan.inputs) {
      const { data } = inputOf(inputs[name], name, shape);
      new Float32Array(memory.buffer, resolve({ buffer }), data.length).set(data);
    }
  }

  #read({ memory, resolve }: Instance): ReadonlyMap<string, Tensor> {
    return new Map(this.plan.outputs.map((port) => [port.name, read(memory, resolve({ buffer: port.buffer }), port)]));
  }
}

function isTensor(input: Tensor | Readonly<Record<string, Tensor>>): input is Tensor {
  return 'shape' in input && Array.isArray(input.shape);
}

/** A port's value, from NHWC back to the logical shape. */
function read(memory: WebAssembly.Memory, address: number, { shape, layout }: Port): Tensor {
  const { images, channels, height, width, image, origin, line, pixel } = layout;
  const from = new Float32Array(memory.buffer, address, (images * image) / 4);
  const data = new Float32Array(sizeOf(shape));
  let at = 0;
  for (let n = 0; n < images; n++)
    for (let c = 0; c < channels; c++)
      for (let h = 0; h < height; h++)
        for (let w = 0; w < width; w++) data[at++] = from[(n * image + origin + h * line + w * pixel) / 4 + c] as number;
  return tensor(shape, data);
}

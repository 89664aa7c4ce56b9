import { InputError, PlanError } from '../errors.js';
import { inputOf } from '../graph/evaluate.js';
import { concat } from '../io/concat.js';
import { insteadOf, isMistaken } from '../meant.js';
import type { Plan, PlanValue } from '../plan/plan.js';
import { kindOf, sizeOf, type Tensor, tensor } from '../tensor.js';
import type { KernelsBuild } from './features.js';
import type { Instance } from './instance.js';
import { disposedError } from './walker.js';

/** What `compile` gives: a plan, one memory of its final size, and the kernels over it. */
export class CompiledSession {
  readonly plan: Plan;
  readonly kernels: KernelsBuild;
  readonly threads: number;
  readonly threadsNote: string | undefined;
  readonly pairedVectors: boolean | undefined;
  readonly weightBytes: number;
  #instance: Instance | undefined;
  #asyncRuns = 0;
  #lastAsyncRun: Promise<unknown> = Promise.resolve();

  constructor(plan: Plan, kernels: KernelsBuild, instance: Instance, threadsNote?: string, pairedVectors?: boolean) {
    this.plan = plan;
    this.threads = plan.target.threads;
    this.threadsNote = threadsNote;
    this.pairedVectors = pairedVectors;
    this.kernels = kernels;
    this.weightBytes = instance.arena - instance.region.begin;
    this.#instance = instance;
  }

  run(input: Tensor | Readonly<Record<string, Tensor>>): ReadonlyMap<string, Tensor> {
    const instance = this.#idle();
    this.#write(instance, input);
    instance.walker.run();
    return this.#read(instance);
  }

  runAsync(input: Tensor | Readonly<Record<string, Tensor>>): Promise<ReadonlyMap<string, Tensor>> {
    const result = this.#lastAsyncRun.then(async () => {
      const instance = this.#alive();
      this.#write(instance, input);
      await instance.walker.runAsync();
      return this.#read(instance);
    });
    this.#asyncRuns++;
    const ended = (): void => {
      this.#asyncRuns--;
    };
    this.#lastAsyncRun = result.then(ended, ended);
    return result;
  }

  update(weights: ReadonlyMap<string, Tensor>): void {
    this.#idle().update(weights);
  }

  profile(input: Tensor | Readonly<Record<string, Tensor>>): {
    readonly outputs: ReadonlyMap<string, Tensor>;
    readonly stepMs: readonly number[];
  } {
    const instance = this.#idle();
    this.#write(instance, input);
    const stepMs = instance.walker.profile();
    return { outputs: this.#read(instance), stepMs };
  }

  async save(): Promise<Uint8Array<ArrayBuffer>> {
    return concat([...(await this.savedPieces())]);
  }

  /** What `save` gives, without a copy of the weights: views that are good until `dispose`. */
  async savedPieces(): Promise<Iterable<Uint8Array>> {
    const { packedPieces } = await import('./packed.js');
    const { memory, resolve } = this.#idle();
    return packedPieces(this.plan, this.kernels, (name, size) => new Float32Array(memory.buffer, resolve({ weights: name }), size));
  }

  dispose(): void {
    this.#instance?.walker.dispose();
    this.#instance?.region.release();
    this.#instance = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): Instance {
    if (this.#instance === undefined) throw disposedError();
    return this.#instance;
  }

  #idle(): Instance {
    const instance = this.#alive();
    if (this.#asyncRuns > 0) throw new PlanError('a runAsync of this session is under way, and there is one memory: await it first');
    return instance;
  }

  #write({ memory, resolve }: Instance, input: Tensor | Readonly<Record<string, Tensor>>): void {
    if (kindOf(input) !== 'Object' || isMistaken('input', input)) throw this.#notInputs(input);
    const inputs: Readonly<Record<string, Tensor>> = isTensor(input) ? { input } : input;
    const given = this.plan.inputs.map(({ name, shape, buffer }) => ({ buffer, data: inputOf(inputs[name], name, shape).data }));
    for (const { data, buffer } of given) {
      new Float32Array(memory.buffer, resolve({ buffer }), data.length).set(data);
    }
  }

  #notInputs(found: unknown): InputError {
    const [first] = this.plan.inputs;
    const names = this.plan.inputs.map(({ name }) => name).join(', ');
    return new InputError(`run takes a tensor, or tensors by name (${names}), not ${insteadOf('input', found, first?.shape)}`);
  }

  #read({ memory, resolve }: Instance): ReadonlyMap<string, Tensor> {
    return new Map(this.plan.outputs.map((port) => [port.name, read(memory, resolve({ buffer: port.buffer }), port)]));
  }
}

function isTensor(input: Tensor | Readonly<Record<string, Tensor>>): input is Tensor {
  return 'shape' in input && Array.isArray(input.shape);
}

/** A port's value, from NHWC back to the logical shape. */
function read(memory: WebAssembly.Memory, address: number, { shape, layout }: PlanValue): Tensor {
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

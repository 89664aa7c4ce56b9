import { InputError, PlanError, ShapeError } from '../errors.js';
import { checkLate, type Inputs, inputOf, inputsByName, type Late, type RunInput } from '../graph/evaluate.js';
import { concat } from '../io/concat.js';
import type { SignalLike } from '../io/signal.js';
import { insteadOf, isMistaken } from '../meant.js';
import type { Plan, PlanValue } from '../plan/plan.js';
import { kindOf, sizeOf, type Tensor, tensor } from '../tensor.js';
import type { KernelsBuild } from './features.js';
import type { Instance } from './instance.js';
import { disposedError, type Stretch } from './walker.js';

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

  run(input: RunInput, late: Late<Tensor> = {}): ReadonlyMap<string, Tensor> {
    const instance = this.#idle();
    this.#write(instance, input, late);
    for (const stretch of this.#stretches(instance, late)) instance.walker.run(stretch);
    return this.#read(instance);
  }

  runAsync(
    input: RunInput,
    late: Late<Tensor> = {},
    { signal }: { readonly signal?: SignalLike } = {},
  ): Promise<ReadonlyMap<string, Tensor>> {
    const result = this.#lastAsyncRun.then(async () => {
      const instance = this.#alive();
      signal?.throwIfAborted();
      this.#write(instance, input, late);
      for (const stretch of this.#stretches(instance, late)) {
        await instance.walker.runAsync(stretch, signal);
        signal?.throwIfAborted();
      }
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

  profile(
    input: RunInput,
    late: Late<Tensor> = {},
  ): {
    readonly outputs: ReadonlyMap<string, Tensor>;
    readonly stepMs: readonly number[];
  } {
    const instance = this.#idle();
    this.#write(instance, input, late);
    const stepMs: number[] = [];
    for (const stretch of this.#stretches(instance, late)) stepMs.push(...instance.walker.profile(stretch));
    return { outputs: this.#read(instance), stepMs };
  }

  async save(): Promise<Uint8Array<ArrayBuffer>> {
    return concat([...(await this.savedPieces())]);
  }

  /** What `save` gives, without a copy of the weights: views that are good until `dispose`. */
  async savedPieces(): Promise<Iterable<Uint8Array>> {
    const { packedPieces } = await import('./further.js');
    const { memory, resolve } = this.#idle();
    return packedPieces(this.plan, this.kernels, (name, size) => new Float32Array(memory.buffer, resolve({ weights: name }), size));
  }

  dispose(): void {
    this.handOver()?.region.release();
  }

  /** Ends the session, and gives its memory to the one that comes after it; undefined if it has ended before. */
  handOver(): Instance | undefined {
    const instance = this.#instance;
    instance?.walker.dispose();
    this.#instance = undefined;
    return instance;
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

  /** Writes all inputs but the late ones. */
  #write(instance: Instance, input: RunInput, late: Late<Tensor>): void {
    if (kindOf(input) !== 'Object' || isMistaken('input', input)) throw this.#notInputs(input);
    checkLate(
      this.plan.inputs.map(({ name }) => name),
      late,
    );
    const inputs = inputsByName(input);
    const given = this.plan.inputs.filter(({ name }) => !Object.hasOwn(late, name));
    this.#checkNoneMissing(given, inputs);
    const all = given.map((port) => [port, inputOf(inputs[port.name], port.name, port.shape)] as const);
    for (const [{ name, refusesNaN }, { data }] of all)
      if (refusesNaN) for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) throw notANumber(name, i);
    for (const [port, value] of all) write(instance, port, value);
  }

  /** The plan's steps up to each late input, which is made and written before those behind it are walked. */
  *#stretches(instance: Instance, late: Late<Tensor>): Generator<Stretch> {
    let from = 0;
    for (const port of this.plan.inputs) {
      const make = Object.hasOwn(late, port.name) ? late[port.name] : undefined;
      if (make === undefined) continue;
      if (port.step > from) yield [from, port.step];
      from = port.step;
      write(instance, port, inputOf(make(this.#read(instance, from)), port.name, port.shape));
    }
    yield [from, this.plan.steps.length];
  }

  /** @throws ShapeError for an input that is missing, with what was handed in that is none */
  #checkNoneMissing(expected: Plan['inputs'], inputs: Inputs): void {
    const missing = expected.find(({ name }) => inputs[name] === undefined);
    if (missing === undefined) return;
    const names = this.plan.inputs.map(({ name }) => name);
    const strange = Object.keys(inputs).find((name) => !names.includes(name));
    const instead = strange === undefined ? '' : `, and no input is called ${strange.slice(0, 80)}`;
    throw new ShapeError(`input ${missing.name} is missing${instead}`, { expected: missing.shape });
  }

  #notInputs(found: unknown): InputError {
    const [first] = this.plan.inputs;
    const names = this.plan.inputs.map(({ name }) => name).join(', ');
    return new InputError(`run takes a tensor, or tensors by name (${names}), not ${insteadOf('input', found, first?.shape)}`);
  }

  /** The outputs that are complete before this step. */
  #read({ memory, resolve }: Instance, before = this.plan.steps.length): ReadonlyMap<string, Tensor> {
    const known = this.plan.outputs.filter(({ step }) => step < before);
    return new Map(known.map((port) => [port.name, read(memory, resolve({ buffer: port.buffer }), port)]));
  }
}

function write({ memory, resolve }: Instance, { buffer }: PlanValue, { data }: Tensor): void {
  new Float32Array(memory.buffer, resolve({ buffer }), data.length).set(data);
}

const notANumber = (name: string, at: number): InputError =>
  new InputError(`input ${name} is NaN at index ${at}, for which no integer of a quantised network stands`);

/** A port's value, from NHWC back to the logical shape: pixel by pixel, so that memory is read in its order. */
function read(memory: WebAssembly.Memory, address: number, { shape, layout, dtype }: PlanValue): Tensor {
  const { images, channels, height, width, image, origin, line, pixel, base } = layout;
  const Held = dtype === 'int32' ? Float64Array : Float32Array; // float32 does not hold all int32
  const Stored = base !== undefined ? Uint8Array : dtype === 'int32' ? Int32Array : Float32Array;
  const unit = Stored.BYTES_PER_ELEMENT;
  const from = new Stored(memory.buffer, address, (images * image) / unit);
  const data = new Held(sizeOf(shape));
  const plane = height * width;
  for (let n = 0; n < images; n++)
    for (let h = 0; h < height; h++)
      for (let w = 0; w < width; w++) {
        const first = (n * image + origin + h * line + w * pixel) / unit;
        const to = n * channels * plane + h * width + w;
        if (plane === 1) data.set(from.subarray(first, first + channels), to);
        else for (let c = 0; c < channels; c++) data[to + c * plane] = from[first + c] as number;
      }
  if (base) for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + base;
  return tensor(shape, data);
}

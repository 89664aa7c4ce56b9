import { expect } from 'vitest';
import { abi, type Kernel } from '../../../src/plan/abi.js';
import { type ProductForm, productForms } from '../../../src/plan/quantised/forms.js';
import { type KernelsBuild, supports } from '../../../src/wasm/features.js';
import { productForm } from '../../../src/wasm/quantised/form.js';

export interface Engine8 {
  readonly build: KernelsBuild;
  readonly form: ProductForm;
}

/** Every build that this engine runs, with every form of products that is right here. */
export const engines8: readonly Engine8[] = (['strict', 'relaxed'] as const)
  .filter(supports)
  .flatMap((build) => productForms.slice(0, productForms.indexOf(productForm(build)) + 1).map((form) => ({ build, form })));

const binaries = {
  strict: () => import('../../../src/wasm/binary/quantised/strict.js'),
  relaxed: () => import('../../../src/wasm/binary/quantised/relaxed.js'),
};
const modules = new Map<KernelsBuild, WebAssembly.Module>();

/** Bytes of a seed: all values occur. */
export function garbage(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = (seed ^ 0x9e3779b9) | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 11;
  }
  return bytes;
}

type Operand = Uint8Array | Int8Array | Int32Array | Float32Array;

/**
 * A memory full of garbage, a kernel's operands in it with gaps in between, one call, and what it wrote: nothing but what it may, which each caller names
 * with its bytes.
 */
export class Scene {
  readonly #memory: WebAssembly.Memory;
  readonly #before: Uint8Array;
  readonly #may: (readonly [number, number])[] = [];
  #end = 65536;

  constructor(bytes: number, seed: number) {
    this.#memory = new WebAssembly.Memory({ initial: 2 + Math.ceil(bytes / 65536) });
    this.#before = garbage(this.#memory.buffer.byteLength, seed);
    new Uint8Array(this.#memory.buffer).set(this.#before);
  }

  /** Something to read. @returns its address, a multiple of 16 */
  put(operand: Operand): number {
    const at = this.#take(operand.byteLength);
    const bytes = new Uint8Array(operand.buffer, operand.byteOffset, operand.byteLength);
    new Uint8Array(this.#memory.buffer).set(bytes, at);
    this.#before.set(bytes, at);
    return at;
  }

  /** Room that the kernel may write. */
  room(bytes: number): number {
    const at = this.#take(bytes);
    this.#may.push([at, at + bytes]);
    return at;
  }

  /**
   * @param cuts where the calls begin and end
   * @param times more than 1: by a module whose code no engine has optimised yet, so often that it has afterwards, with the same results each time
   */
  async call(
    build: KernelsBuild,
    kernel: Kernel,
    args: Readonly<Record<string, number>>,
    cuts: readonly number[],
    times = 1,
  ): Promise<void> {
    const bytes = (): Promise<Buffer> => binaries[build]().then((binary) => Buffer.from(binary.default, 'base64'));
    const module = times > 1 ? unlikeAny(await bytes()) : (modules.get(build) ?? new WebAssembly.Module(Uint8Array.from(await bytes())));
    if (times === 1) modules.set(build, module);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    const list = abi[kernel].map((name) => args[name] as number);
    expect(list.every((value) => typeof value === 'number')).toBe(true);
    cuts.slice(1).forEach((end, i) => {
      (exports[kernel] as (...all: number[]) => void)(...list, cuts[i] as number, end);
    });
    const after = new Uint8Array(this.#memory.buffer);
    const first = Buffer.from(after);
    for (let call = 1; call < times; call++) {
      (exports[kernel] as (...all: number[]) => void)(...list, cuts[0] as number, cuts.at(-1) as number);
      expect(first.compare(after), `call ${call}`).toBe(0);
    }
    const allowed = new Uint8Array(after.length);
    for (const [from, to] of this.#may) allowed.fill(1, from, to);
    expect(
      after.findIndex((byte, i) => allowed[i] === 0 && byte !== this.#before[i]),
      'a stray write',
    ).toBe(-1);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  sums(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length);
  }

  #take(bytes: number): number {
    const at = this.#end;
    this.#end += Math.ceil((bytes + 80) / 64) * 64;
    expect(this.#end).toBeLessThanOrEqual(this.#memory.buffer.byteLength);
    return at;
  }
}

let sections = 0;

/** The module with a section that means nothing, and says something else each time: engines keep optimised code by a module's bytes. */
const unlikeAny = (bytes: Uint8Array): WebAssembly.Module => {
  const name = Buffer.from(`unlike ${process.hrtime.bigint()} ${sections++}`);
  return new WebAssembly.Module(Uint8Array.from([...bytes, 0, name.length + 1, name.length, ...name]));
};

/** A whole number between limits, from a stream of bytes. */
export const between = (byte: number, low: number, high: number): number => low + (byte % (high - low + 1));

/** Half to even: what the kernels' rounding is held to, written apart from it. */
export function halfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

export const clipped = (value: number, lowest: number, highest: number): number => Math.max(Math.min(value, highest), lowest);

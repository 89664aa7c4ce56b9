import { InputError, UnsupportedError } from '../errors.js';
import { shown } from '../tensor.js';

/** Which instructions a build uses: `strict` is WebAssembly SIMD, `relaxed` adds fused multiply-add and needs the engine's support. */
export type KernelsBuild = 'strict' | 'relaxed';

// (module (func (param v128 v128 v128) (result v128) local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd))
const relaxedProbe = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a,
  0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b,
];

// (module (func (result v128) i32.const 0 i8x16.splat))
const simdProbe = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a, 0x08, 0x01, 0x06,
  0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b,
];

// (module (func (export "f") (param f32 f32) (result f32) local.get 0 f32x4.splat local.get 0 f32x4.splat local.get 1 f32x4.splat
//   f32x4.relaxed_madd f32x4.extract_lane 0))
const fusionProbe = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x07, 0x01, 0x60, 0x02, 0x7d, 0x7d, 0x01, 0x7d, 0x03, 0x02, 0x01, 0x00, 0x07, 0x05,
  0x01, 0x01, 0x66, 0x00, 0x00, 0x0a, 0x16, 0x01, 0x14, 0x00, 0x20, 0x00, 0xfd, 0x13, 0x20, 0x00, 0xfd, 0x13, 0x20, 0x01, 0xfd, 0x13, 0xfd,
  0x85, 0x02, 0xfd, 0x1f, 0x00, 0x0b,
];

const validates = (bytes: readonly number[]): boolean => WebAssembly.validate(Uint8Array.from(bytes));

/** Whether this engine runs a build now; asked anew each time, since a program may turn a flag on (see the command line). */
export function supports(kernels: KernelsBuild): boolean {
  if (kernels !== 'strict' && kernels !== 'relaxed') return false;
  return validates(kernels === 'relaxed' ? relaxedProbe : simdProbe);
}

/**
 * Whether relaxed SIMD rounds a multiply-add once here, as its kernels hope for; engines may also round the product, and Bun does on x86. Then relaxed
 * kernels are right and no faster than strict ones.
 */
export function fusesProducts(): boolean {
  if (!supports('relaxed')) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(fusionProbe)));
  const { f } = exports as unknown as { f(x: number, y: number): number };
  return f(1 + 2 ** -12, -(1 + 2 ** -11)) !== 0; // x · x is 1 + 2⁻¹¹ + 2⁻²⁴, and float32 has no room for the last
}

const builds: readonly ('auto' | KernelsBuild)[] = ['auto', 'strict', 'relaxed'];

/** Asked for by name, or `auto`: the fastest that the engine runs. @throws InputError for another name */
export function pickBuild(asked: 'auto' | KernelsBuild): KernelsBuild {
  if (!supports('strict')) throw new UnsupportedError('this engine has no WebAssembly SIMD');
  if (!builds.includes(asked)) throw new InputError(`kernels is one of ${builds.join(', ')}, not ${shown(asked)}`);
  if (asked === 'auto') return supports('relaxed') ? 'relaxed' : 'strict';
  if (!supports(asked)) throw new UnsupportedError('this engine runs no relaxed SIMD; Node 20 does with --experimental-wasm-relaxed-simd');
  return asked;
}

/**
 * Turns relaxed SIMD on for this whole process where V8 has it behind a flag (Node 20), and says whether it runs.
 * Workers that start later inherit it.
 */
export function turnOnRelaxed(): boolean {
  if (!supports('relaxed')) v8()?.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return supports('relaxed');
}

/**
 * Asks V8 to join neighbouring 128-bit operations into 256-bit ones, in modules that this process compiles from now on, and says whether this V8 has
 * the flag. Whether it does anything only a timing tells: see `tuning`.
 */
export function turnOnPairedVectors(): boolean {
  const known = majorOfV8() >= firstV8WithPairedVectors;
  if (known) v8()?.setFlagsFromString('--experimental-wasm-revectorize'); // of an unknown flag V8 complains on stderr
  return known;
}

/** What callers ask for with `engineFlags`. */
export function turnOnEngineFlags(): void {
  turnOnRelaxed();
  turnOnPairedVectors();
}

/** Node 22's; it gains nothing there. Node 20 has V8 11, which lacks the flag. */
const firstV8WithPairedVectors = 12;

function majorOfV8(): number {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly v8?: string } } };
  return v8() === undefined ? 0 : Number.parseInt(process?.versions?.v8 ?? '0', 10);
}

/** V8's own module where this is Node, without an import that a browser or a bundler would stumble over. */
function v8(): { setFlagsFromString(flags: string): void } | undefined {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(name: string): { setFlagsFromString(flags: string): void } | undefined };
  };
  return process?.getBuiltinModule?.('node:v8');
}

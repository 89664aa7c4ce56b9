import type { ProductForm } from '../../plan/quantised/forms.js';
import { type KernelsBuild, supports } from '../features.js';

// (module (memory (export "m") 1)
//  (func (export "f") (param $n i32) (local $s v128) (local $t v128)
//    (local.set $s (v128.load (i32.const 32))) (local.set $t (v128.load (i32.const 32)))
//    (loop $l
//      (local.set $s (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load (i32.const 0)) (v128.load (i32.const 16)) (local.get $s)))
//      (local.set $t (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load (i32.const 16)) (v128.load (i32.const 16)) (local.get $t)))
//      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
//    (v128.store (i32.const 48) (local.get $s)) (v128.store (i32.const 64) (local.get $t))))
const dotProbe = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x01, 0x7f, 0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00,
  0x01, 0x07, 0x09, 0x02, 0x01, 0x6d, 0x02, 0x00, 0x01, 0x66, 0x00, 0x00, 0x0a, 0x59, 0x01, 0x57, 0x01, 0x02, 0x7b, 0x41, 0x20, 0xfd, 0x00,
  0x04, 0x00, 0x21, 0x01, 0x41, 0x20, 0xfd, 0x00, 0x04, 0x00, 0x21, 0x02, 0x03, 0x40, 0x41, 0x00, 0xfd, 0x00, 0x04, 0x00, 0x41, 0x10, 0xfd,
  0x00, 0x04, 0x00, 0x20, 0x01, 0xfd, 0x93, 0x02, 0x21, 0x01, 0x41, 0x10, 0xfd, 0x00, 0x04, 0x00, 0x41, 0x10, 0xfd, 0x00, 0x04, 0x00, 0x20,
  0x02, 0xfd, 0x93, 0x02, 0x21, 0x02, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x41, 0x30, 0x20, 0x01, 0xfd, 0x0b, 0x04,
  0x00, 0x41, 0xc0, 0x00, 0x20, 0x02, 0xfd, 0x0b, 0x04, 0x00, 0x0b,
];

let found: ProductForm | undefined;

/** The fastest form that is exact here for bytes up to 127; measured once a process. */
export function productForm(build: KernelsBuild): ProductForm {
  if (build === 'strict' || !supports('relaxed')) return 'wide';
  found ??= dotsAreExact() ? 'dots' : 'pairs';
  return found;
}

/** Calls of the probe: the first ones, which run unoptimised code, and so many that all engines have optimised it. */
const firstCalls = 3;
const calls = 300;
const hotSteps = 1000;

/** Whether the one-step dot product adds to its sums: V8 11's baseline compiler forgets them. */
function dotsAreExact(): boolean {
  // a section that means nothing, and says something else each time: engines keep optimised code by a module's bytes
  const unlike = [...crypto.getRandomValues(new Uint8Array(8))];
  const bytes = Uint8Array.from([...dotProbe, 0, 1 + unlike.length, unlike.length, ...unlike.map((byte) => byte & 63)]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { m, f } = exports as unknown as { readonly m: WebAssembly.Memory; f(steps: number): void };
  const weights = new Int8Array(m.buffer, 0, 16);
  const operands = new Int8Array(m.buffer, 16, 16);
  const [starts, sums] = [new Int32Array(m.buffer, 32, 4), new Int32Array(m.buffer, 48, 8)];
  weights.set([-128, -128, -128, -128, 127, 126, -3, 99]);
  weights.set([127, 127, 127, 127, 1, -1, 0, -128], 8);
  operands.set([127, 127, 127, 127, 126, 0, 5, 64, 127, 127, 127, 127, 3, 120, 9, 127]);
  starts.set([1000, -7, 2 ** 30, 5]);
  const dot = (by: Int8Array, lane: number): number =>
    [0, 1, 2, 3].reduce((sum, i) => sum + (by[4 * lane + i] as number) * (operands[4 * lane + i] as number), 0);
  return Array.from({ length: calls }, (_, call) => call).every((call) => {
    const steps = call < firstCalls ? call + 1 : hotSteps;
    f(steps);
    return sums.every((sum, i) => sum === (((starts[i % 4] as number) + steps * dot(i < 4 ? weights : operands, i % 4)) | 0));
  });
}

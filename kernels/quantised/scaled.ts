import { fmadd } from '../fmadd';

/** Bytes of x that are summed on their own before they join the rest: the error of a sum grows with the length of its chains (Higham 2002, §4.2). */
const CHUNK = 32 * 4;

/**
 * y = scale · (w x) + bias: a fully connected layer of floats whose weights are integers, such as an excitation's (Hu 2018, eq. 3). Integers save memory here.
 *
 *   x           [images, xPixel bytes] floats, of which `inputs` count
 *   panels      each 8 outputs' bias [8] and scale [8], then weights [inputs, 8] i8
 *   y           [images, yPixel bytes] floats; scale and bias past the last output are 0
 *   begin, end  of panels · images, images innermost
 */
// biome-ignore format: the ABI by its kinds
export function scaled8(
  x: usize, panels: usize, y: usize, xPixel: usize, yPixel: usize, images: i32, inputs: i32, begin: i32, end: i32,
): void {
  const zero = f32x4.splat(0);
  for (let unit = begin; unit < end; unit++) {
    const n = unit % images;
    const panel = <usize>(unit / images);
    const head = panels + panel * (64 + ((<usize>inputs) << 3));
    let b = head + 64;
    let t0 = zero, t1 = zero;
    for (let p = x + <usize>n * xPixel, last = p + ((<usize>inputs) << 2); p < last; ) {
      let s0 = zero, s1 = zero;
      for (const stop = min(p + CHUNK, last); p < stop; p += 4, b += 8) {
        const a = v128.load32_splat(p);
        const w = v128.load8x8_s(b);
        s0 = fmadd(a, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(w)), s0);
        s1 = fmadd(a, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(w)), s1);
      }
      t0 = f32x4.add(t0, s0);
      t1 = f32x4.add(t1, s1);
    }
    const to = y + <usize>n * yPixel + (panel << 5);
    v128.store(to, fmadd(t0, v128.load(head, 32), v128.load(head)));
    v128.store(to, fmadd(t1, v128.load(head, 48), v128.load(head, 16)), 16);
  }
}

import { fmadd } from '../fmadd';

/** Bytes of x that are summed on their own before they join the rest: the error of a sum grows with the length of its chains (Higham 2002, §4.2). */
const CHUNK = 32 * 4;

/**
 * y = scale · (w x) + bias: a fully connected layer of floats whose weights are integers, such as an excitation's (Hu 2018, eq. 3). Integers save memory here.
 *
 *   x           [images, xPixel bytes] floats, of which `inputs` count
 *   panels      [yPixel/32] of 8 outputs: bias [8], scale [8], then weights [inputs, 8] i8; bias and scale past the last output are 0
 *   y           [images, yPixel bytes] floats
 *   begin, end  of ⌈yPixel/128⌉ · images: 32 channels a unit, images innermost
 *
 * Four panels at once: eight independent sums hide the latency of one. Column tail: a missing panel repeats the one before it.
 */
// biome-ignore format: one line per panel
export function scaled8(
  x: usize, panels: usize, y: usize, xPixel: usize, yPixel: usize, images: i32, inputs: i32, begin: i32, end: i32,
): void {
  const panelBytes: usize = 64 + ((<usize>inputs) << 3);
  const zero = f32x4.splat(0);
  for (let unit = begin; unit < end; unit++) {
    const n = unit % images;
    const first = (<usize>(unit / images)) << 2;
    const count = <i32>min((yPixel >> 5) - first, 4);
    const b0 = panels + first * panelBytes, y0 = y + <usize>n * yPixel + (first << 5);
    const b1 = count > 1 ? b0 + panelBytes : b0, y1 = count > 1 ? y0 + 32 : y0;
    const b2 = count > 2 ? b1 + panelBytes : b1, y2 = count > 2 ? y1 + 32 : y1;
    const b3 = count > 3 ? b2 + panelBytes : b2, y3 = count > 3 ? y2 + 32 : y2;
    let t00 = zero, t01 = zero, t10 = zero, t11 = zero, t20 = zero, t21 = zero, t30 = zero, t31 = zero;
    let at: usize = 64;
    for (let p = x + <usize>n * xPixel, last = p + ((<usize>inputs) << 2); p < last; ) {
      let s00 = zero, s01 = zero, s10 = zero, s11 = zero, s20 = zero, s21 = zero, s30 = zero, s31 = zero;
      for (const stop = min(p + CHUNK, last); p < stop; p += 4, at += 8) {
        const a = v128.load32_splat(p);
        const w0 = v128.load8x8_s(b0 + at); s00 = fmadd(a, low(w0), s00); s01 = fmadd(a, high(w0), s01);
        const w1 = v128.load8x8_s(b1 + at); s10 = fmadd(a, low(w1), s10); s11 = fmadd(a, high(w1), s11);
        const w2 = v128.load8x8_s(b2 + at); s20 = fmadd(a, low(w2), s20); s21 = fmadd(a, high(w2), s21);
        const w3 = v128.load8x8_s(b3 + at); s30 = fmadd(a, low(w3), s30); s31 = fmadd(a, high(w3), s31);
      }
      t00 = f32x4.add(t00, s00); t01 = f32x4.add(t01, s01);
      t10 = f32x4.add(t10, s10); t11 = f32x4.add(t11, s11);
      t20 = f32x4.add(t20, s20); t21 = f32x4.add(t21, s21);
      t30 = f32x4.add(t30, s30); t31 = f32x4.add(t31, s31);
    }
    storeScaled(y3, b3, t30, t31);
    storeScaled(y2, b2, t20, t21);
    storeScaled(y1, b1, t10, t11);
    storeScaled(y0, b0, t00, t01);
  }
}

function low(w: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(w));
}
function high(w: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(w));
}

function storeScaled(y: usize, head: usize, l: v128, h: v128): void {
  v128.store(y, fmadd(l, v128.load(head, 32), v128.load(head)));
  v128.store(y, fmadd(h, v128.load(head, 48), v128.load(head, 16)), 16);
}

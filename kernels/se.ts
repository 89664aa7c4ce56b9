import { fmadd, sigmoid4, zeroBetween } from './simd';

/**
 * One of an excitation's two layers, y = max(W x + b, 0) or σ(W x + b) (Hu 2018, eq. 3).
 *
 *   x           [images, xPixel bytes], of which `inputs` channels count
 *   panels      [yPixel/32, 8 + inputs · 8] floats: bias, then weights, as conv's with one tap
 *   y           [images, yPixel bytes], of which `outputs` channels count
 *   gate        1: σ; 0: ReLU
 *   begin, end  of images · ⌈yPixel/128⌉: 32 channels a unit
 */
export function excite(
  x: usize,
  panels: usize,
  y: usize,
  xPixel: usize,
  yPixel: usize,
  inputs: i32,
  outputs: i32,
  gate: i32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  const panelBytes = 32 + ((<usize>inputs) << 5);
  const units = <i32>((yPixel + 127) >> 7);
  for (let unit = begin; unit < end; unit++) {
    const n = unit / units;
    const first = (<usize>(unit % units)) << 2; // of up to four panels
    const count = min((yPixel >> 5) - first, 4);
    const at = y + <usize>n * yPixel;
    const from = at + (first << 5);
    const to = from + (count << 5);
    fourPanels(x + <usize>n * xPixel, panels + first * panelBytes, from, inputs, <i32>count);
    if (gate) for (let c = from; c < to; c += 16) v128.store(c, sigmoid4(v128.load(c)));
    else for (let c = from; c < to; c += 16) v128.store(c, f32x4.pmax(v128.load(c), zero));
    zeroBetween(max(from, at + ((<usize>outputs) << 2)), to);
  }
}

/**
 * y = bias + x·w for one row and four panels (32 columns): eight independent sums hide the latency of one.
 * Column tail: a missing panel repeats the one before it.
 */
function fourPanels(x: usize, b0: usize, y0: usize, k: i32, count: i32): void {
  const panelBytes = 32 + ((<usize>k) << 5);
  const b1 = count > 1 ? b0 + panelBytes : b0,
    y1 = count > 1 ? y0 + 32 : y0;
  const b2 = count > 2 ? b1 + panelBytes : b1,
    y2 = count > 2 ? y1 + 32 : y1;
  const b3 = count > 3 ? b2 + panelBytes : b2,
    y3 = count > 3 ? y2 + 32 : y2;
  let s00 = v128.load(b0),
    s01 = v128.load(b0, 16),
    s10 = v128.load(b1),
    s11 = v128.load(b1, 16);
  let s20 = v128.load(b2),
    s21 = v128.load(b2, 16),
    s30 = v128.load(b3),
    s31 = v128.load(b3, 16);
  let at: usize = 32;
  for (let p = x, end = x + ((<usize>k) << 2); p < end; p += 4, at += 32) {
    const a = v128.load32_splat(p);
    s00 = fmadd(a, v128.load(b0 + at), s00);
    s01 = fmadd(a, v128.load(b0 + at, 16), s01);
    s10 = fmadd(a, v128.load(b1 + at), s10);
    s11 = fmadd(a, v128.load(b1 + at, 16), s11);
    s20 = fmadd(a, v128.load(b2 + at), s20);
    s21 = fmadd(a, v128.load(b2 + at, 16), s21);
    s30 = fmadd(a, v128.load(b3 + at), s30);
    s31 = fmadd(a, v128.load(b3 + at, 16), s31);
  }
  v128.store(y3, s30);
  v128.store(y3, s31, 16);
  v128.store(y2, s20);
  v128.store(y2, s21, 16);
  v128.store(y1, s10);
  v128.store(y1, s11, 16);
  v128.store(y0, s00);
  v128.store(y0, s01, 16);
}

/**
 * y = max(u · s + residual, lowest): gate, shortcut and ReLU of a block in one pass (Hu 2018, fig. 3).
 *
 *   u, y        [images · rows, pixel bytes]; y may be u or residual
 *   s           [images, pixel bytes]
 *   residual    as u, or 0 for nothing
 *   rows        of one image
 *   begin, end  of images · rows
 */
export function scaleAddRelu(
  u: usize,
  s: usize,
  residual: usize,
  y: usize,
  pixel: usize,
  rows: i32,
  lowest: f32,
  begin: i32,
  end: i32,
): void {
  const lo = f32x4.splat(lowest);
  for (let r = begin; r < end; r++) {
    const at = <usize>r * pixel;
    const gate = s + <usize>(r / rows) * pixel;
    // two vectors side by side, which an engine may pair
    if (residual)
      for (let c: usize = 0; c < pixel; c += 32) {
        const a = u + at + c,
          b = residual + at + c,
          to = y + at + c;
        const y0 = fmadd(v128.load(a), v128.load(gate + c), v128.load(b));
        const y1 = fmadd(v128.load(a, 16), v128.load(gate + c, 16), v128.load(b, 16));
        v128.store(to, f32x4.pmax(y0, lo));
        v128.store(to, f32x4.pmax(y1, lo), 16);
      }
    else
      for (let c: usize = 0; c < pixel; c += 32) {
        const a = u + at + c,
          to = y + at + c;
        const y0 = f32x4.mul(v128.load(a), v128.load(gate + c));
        const y1 = f32x4.mul(v128.load(a, 16), v128.load(gate + c, 16));
        v128.store(to, f32x4.pmax(y0, lo));
        v128.store(to, f32x4.pmax(y1, lo), 16);
      }
  }
}

import { activate } from './activation';
import { dense4x8, dense5x8 } from './denseTile';
import { fmadd } from './fmadd';
import { zeroBetween } from './simd';

/**
 * Bytes of x that are summed on their own before they join the rest, the bias last: the error of a sum grows with the length of its chains, and with what
 * they add to (Higham 2002, §4.2).
 */
const CHUNK = 32 * 4;

/** Terms that a block of many images takes at a time, so that their part of x stays in the cache while four panels pass over it: a multiple of a chunk's. */
const SLICE = 256;

/**
 * A fully connected layer, y = W x + b, with a function behind it: the classifier, and the two layers of an excitation (Hu 2018, eq. 3).
 *
 *   x           [images, xPixel bytes], of which `inputs` channels count
 *   panels      [yPixel/32, 8 + inputs · 8] floats: bias, then weights
 *   y           [images, yPixel bytes], of which `outputs` channels count
 *   after       which function: see activation.ts
 *   wide        1: sums in float64, for few inputs; 0: in float32
 *   rows        images of a unit: 1; or many, by tiles of `tile` of them, 4 or 5, which share what they read of the panels. The sums are the same to the bit
 *   begin, end  of ⌈yPixel/128⌉ · ⌈images/rows⌉: 32 channels a unit, images innermost, so that four panels serve all images while they are in the cache
 */
// biome-ignore format: the ABI by its kinds
export function dense(
  x: usize, panels: usize, y: usize, xPixel: usize, yPixel: usize,
  images: i32, inputs: i32, outputs: i32, after: i32, wide: i32, rows: i32, tile: i32, begin: i32, end: i32,
): void {
  const panelBytes: usize = 32 + ((<usize>inputs) << 5);
  const blocks = (images + rows - 1) / rows;
  for (let unit = begin; unit < end; unit++) {
    const n = (unit % blocks) * rows;
    const size = min(images - n, rows);
    const first = (<usize>(unit / blocks)) << 2; // of up to four panels
    const count = min((yPixel >> 5) - first, 4);
    const image = x + <usize>n * xPixel;
    const weights = panels + first * panelBytes;
    let at = y + <usize>n * yPixel;
    if (wide) for (let q: usize = 0; q < count; q++) widePanel(image, weights + q * panelBytes, at + ((first + q) << 5), inputs);
    else if (rows === 1) fourPanels(image, weights, at + (first << 5), inputs, <i32>count);
    else manyImages(image, xPixel, weights, panelBytes, at + (first << 5), yPixel, inputs, <i32>count, size, tile);
    for (let r = 0; r < size; r++, at += yPixel) {
      const from = at + (first << 5);
      const to = from + (count << 5);
      activate(from, from, 0, 1, to - from, after);
      zeroBetween(max(from, at + ((<usize>outputs) << 2)), to);
    }
  }
}

/** y = bias + x·w for many images and panels: a slice of all sums after another, each panel's part of it by tiles that are as alike as possible. */
// biome-ignore format: a tile a line
function manyImages(
  x: usize, xPixel: usize, panels: usize, panelBytes: usize, y: usize, yPixel: usize, inputs: i32, count: i32, size: i32, tile: i32,
): void {
  const bytes = <usize>count << 5;
  for (let r = 0; r < size; r++) memory.fill(y + <usize>r * yPixel, 0, bytes);
  const tiles = (size + tile - 1) / tile;
  for (let k = 0; k < inputs; k += SLICE) {
    const terms = min(inputs - k, SLICE);
    for (let q = 0; q < count; q++) {
      const b = panels + <usize>q * panelBytes + 32 + ((<usize>k) << 5);
      let from = x + ((<usize>k) << 2), to = y + (<usize>q << 5);
      for (let t = 0, height = size / tiles + 1; t < tiles; t++) {
        if (t === size % tiles) height--;
        if (height === 5) dense5x8(from, xPixel, b, terms, to, yPixel);
        else dense4x8(from, xPixel, b, terms, to, yPixel, height);
        from += <usize>height * xPixel;
        to += <usize>height * yPixel;
      }
    }
  }
  for (let r = 0; r < size; r++, y += yPixel)
    for (let q = 0, bias = panels, to = y; q < count; q++, bias += panelBytes, to += 32) {
      v128.store(to, f32x4.add(v128.load(to), v128.load(bias)));
      v128.store(to, f32x4.add(v128.load(to, 16), v128.load(bias, 16)), 16);
    }
}

/**
 * y = bias + x·w for one row and four panels (32 columns): eight independent sums hide the latency of one.
 * Column tail: a missing panel repeats the one before it.
 */
// biome-ignore format: one line per panel
function fourPanels(x: usize, b0: usize, y0: usize, k: i32, count: i32): void {
  const panelBytes = 32 + ((<usize>k) << 5);
  const b1 = count > 1 ? b0 + panelBytes : b0, y1 = count > 1 ? y0 + 32 : y0;
  const b2 = count > 2 ? b1 + panelBytes : b1, y2 = count > 2 ? y1 + 32 : y1;
  const b3 = count > 3 ? b2 + panelBytes : b2, y3 = count > 3 ? y2 + 32 : y2;
  const zero = f32x4.splat(0);
  let t00 = zero, t01 = zero, t10 = zero, t11 = zero, t20 = zero, t21 = zero, t30 = zero, t31 = zero;
  let at: usize = 32;
  for (let p = x, end = x + ((<usize>k) << 2); p < end; ) {
    let s00 = zero, s01 = zero, s10 = zero, s11 = zero, s20 = zero, s21 = zero, s30 = zero, s31 = zero;
    for (const stop = min(p + CHUNK, end); p < stop; p += 4, at += 32) {
      const a = v128.load32_splat(p);
      s00 = fmadd(a, v128.load(b0 + at), s00); s01 = fmadd(a, v128.load(b0 + at, 16), s01);
      s10 = fmadd(a, v128.load(b1 + at), s10); s11 = fmadd(a, v128.load(b1 + at, 16), s11);
      s20 = fmadd(a, v128.load(b2 + at), s20); s21 = fmadd(a, v128.load(b2 + at, 16), s21);
      s30 = fmadd(a, v128.load(b3 + at), s30); s31 = fmadd(a, v128.load(b3 + at, 16), s31);
    }
    t00 = f32x4.add(t00, s00); t01 = f32x4.add(t01, s01);
    t10 = f32x4.add(t10, s10); t11 = f32x4.add(t11, s11);
    t20 = f32x4.add(t20, s20); t21 = f32x4.add(t21, s21);
    t30 = f32x4.add(t30, s30); t31 = f32x4.add(t31, s31);
  }
  v128.store(y3, f32x4.add(t30, v128.load(b3))); v128.store(y3, f32x4.add(t31, v128.load(b3, 16)), 16);
  v128.store(y2, f32x4.add(t20, v128.load(b2))); v128.store(y2, f32x4.add(t21, v128.load(b2, 16)), 16);
  v128.store(y1, f32x4.add(t10, v128.load(b1))); v128.store(y1, f32x4.add(t11, v128.load(b1, 16)), 16);
  v128.store(y0, f32x4.add(t00, v128.load(b0))); v128.store(y0, f32x4.add(t01, v128.load(b0, 16)), 16);
}

/** y = bias + x·w for one row and one panel, in float64, rounded once. */
function widePanel(x: usize, panel: usize, y: usize, k: i32): void {
  let s0 = f64x2.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  let w = panel + 32;
  for (const end = x + ((<usize>k) << 2); x < end; x += 4, w += 32) {
    const a = f64x2.splat(<f64>load<f32>(x));
    s0 = f64x2.add(s0, f64x2.mul(a, promoted(w)));
    s1 = f64x2.add(s1, f64x2.mul(a, promoted(w + 8)));
    s2 = f64x2.add(s2, f64x2.mul(a, promoted(w + 16)));
    s3 = f64x2.add(s3, f64x2.mul(a, promoted(w + 24)));
  }
  round(f64x2.add(s0, promoted(panel)), y);
  round(f64x2.add(s1, promoted(panel + 8)), y + 8);
  round(f64x2.add(s2, promoted(panel + 16)), y + 16);
  round(f64x2.add(s3, promoted(panel + 24)), y + 24);
}

/** Two floats as float64. */
function promoted(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

function round(pair: v128, to: usize): void {
  v128.store64_lane(to, f32x4.demote_f64x2_zero(pair), 0);
}

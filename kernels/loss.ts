import { zeroBetween } from './simd';

/** Losses and where gradients start. A minibatch has few logits: scalars, in float64. */

/**
 * y[n] = −Σ_k t[n, k] · log softmax(x[n])_k.
 *
 *   x, t        [images, pixel bytes], `classes` of which count
 *   y           [images] floats
 *   begin, end  of images
 */
export function crossEntropy(x: usize, t: usize, y: usize, pixel: usize, classes: i32, begin: i32, end: i32): void {
  const bytes = (<usize>classes) << 2;
  for (let n = begin; n < end; n++) {
    const from = x + <usize>n * pixel,
      target = t + <usize>n * pixel;
    const logSum = logSumExp(from, bytes);
    let sum: f64 = 0;
    for (let k: usize = 0; k < bytes; k += 4) sum += <f64>load<f32>(target + k) * (logSum - <f64>load<f32>(from + k));
    store<f32>(y + ((<usize>n) << 2), <f32>sum);
  }
}

/**
 * dx[n, k] = dy[n] · (softmax(x[n])_k · Σ_j t[n, j] − t[n, k]).
 *
 *   x, t, dx    [images, pixel bytes], `classes` of which count
 *   dy          [images] floats
 *   begin, end  of images
 */
export function crossEntropyGrad(x: usize, t: usize, dy: usize, dx: usize, pixel: usize, classes: i32, begin: i32, end: i32): void {
  const bytes = (<usize>classes) << 2;
  for (let n = begin; n < end; n++) {
    const from = x + <usize>n * pixel,
      target = t + <usize>n * pixel,
      to = dx + <usize>n * pixel;
    const logSum = logSumExp(from, bytes);
    let total: f64 = 0;
    for (let k: usize = 0; k < bytes; k += 4) total += <f64>load<f32>(target + k);
    const d = <f64>load<f32>(dy + ((<usize>n) << 2));
    for (let k: usize = 0; k < bytes; k += 4) {
      const share = exp(<f64>load<f32>(from + k) - logSum);
      store<f32>(to + k, <f32>(d * (share * total - <f64>load<f32>(target + k))));
    }
    zeroBetween(to + bytes, to + pixel);
  }
}

/**
 * dx[n, k] = y[n, k] · (dy[n, k] − Σ_j dy[n, j] · y[n, j]), y the softmax.
 *
 *   y, dy, dx   [rows, pixel bytes], pads 0
 *   begin, end  of rows
 */
export function softmaxGrad(y: usize, dy: usize, dx: usize, pixel: usize, begin: i32, end: i32): void {
  for (let at = <usize>begin * pixel; at < <usize>end * pixel; at += pixel) {
    let sum: f64 = 0;
    for (let k = at; k < at + pixel; k += 4) sum += <f64>load<f32>(dy + k) * <f64>load<f32>(y + k);
    for (let k = at; k < at + pixel; k += 4) store<f32>(dx + k, <f32>(<f64>load<f32>(y + k) * (<f64>load<f32>(dy + k) - sum)));
  }
}

/** log Σ e^x; the largest is taken out first, which keeps every power at most 1. */
function logSumExp(x: usize, bytes: usize): f64 {
  let largest: f64 = -Infinity;
  for (let k: usize = 0; k < bytes; k += 4) largest = max(largest, <f64>load<f32>(x + k));
  let sum: f64 = 0;
  for (let k: usize = 0; k < bytes; k += 4) sum += exp(<f64>load<f32>(x + k) - largest);
  return largest + log(sum);
}

/** e^x for x ≤ 0, or a little more: 2^n · e^r, |r| ≤ ½ ln 2, by Taylor's series to r¹³, off by 2⁻⁵⁰. Below e^−700 it is 0. */
function exp(x: f64): f64 {
  if (x < -700) return 0;
  const n = nearest(x * Math.LOG2E);
  const r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10; // ln 2 in two parts
  let y: f64 = 1;
  for (let k: f64 = 13; k > 0; k--) y = 1 + (y * r) / k;
  return y * reinterpret<f64>((<i64>n + 1023) << 52);
}

/** ln x for x ≥ 1: the exponent times ln 2, and ln m = 2 artanh t, t = (m − 1)/(m + 1), for m between √½ and √2, to t²¹. NaN and infinities stay. */
function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  let exponent = <f64>((reinterpret<i64>(x) >> 52) - 1023);
  let m = reinterpret<f64>((reinterpret<i64>(x) & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > Math.SQRT2) {
    m *= 0.5;
    exponent++;
  }
  const t = (m - 1) / (m + 1);
  let y: f64 = 0;
  for (let k: f64 = 21; k > 0; k -= 2) y = y * t * t + 1 / k;
  return exponent * Math.LN2 + 2 * t * y;
}

/** y = Σ x / size. x: [size] floats; y: one. begin, end: of 1. */
export function meanOfAll(x: usize, y: usize, size: i32, begin: i32, end: i32): void {
  if (begin === end) return;
  let sum: f64 = 0;
  for (let i: usize = 0; i < (<usize>size) << 2; i += 4) sum += <f64>load<f32>(x + i);
  store<f32>(y, <f32>(sum / <f64>size));
  zeroBetween(y + 4, y + 32);
}

/**
 * y = value, times the one number x / n if x is not 0.
 *
 *   y           [rows, pixel bytes], `channels` of which count
 *   begin, end  of rows
 */
export function fill(x: usize, y: usize, value: f32, n: f32, pixel: usize, channels: i32, begin: i32, end: i32): void {
  const number: f32 = x ? (value * load<f32>(x)) / n : value;
  for (let r = begin; r < end; r++) {
    let at = y + <usize>r * pixel;
    const stop = at + pixel;
    for (const last = at + ((<usize>channels) << 2); at < last; at += 4) store<f32>(at, number);
    zeroBetween(at, stop);
  }
}

import { fmadd } from './fmadd';
import { expNegative, zeroBetween } from './simd';

/**
 * y = max(x · factor + shift, lowest): a batch norm that rides on no convolution.
 *
 *   x, y           [rows, pixel bytes]; y may be x
 *   factor, shift  [pixel bytes], 0 in pad channels
 *   begin, end     of rows
 */
export function affine(x: usize, factor: usize, shift: usize, y: usize, pixel: usize, lowest: f32, begin: i32, end: i32): void {
  const lo = f32x4.splat(lowest);
  for (let r = begin; r < end; r++) {
    const at = <usize>r * pixel;
    for (let c: usize = 0; c < pixel; c += 16)
      v128.store(y + at + c, f32x4.pmax(fmadd(v128.load(x + at + c), v128.load(factor + c), v128.load(shift + c)), lo));
  }
}

/**
 * y = max(a + b, lowest).
 *
 *   a, b, y     [rows, pixel bytes]; y may be a or b
 *   begin, end  of rows
 */
export function addRelu(a: usize, b: usize, y: usize, pixel: usize, lowest: f32, begin: i32, end: i32): void {
  const lo = f32x4.splat(lowest);
  for (let at = <usize>begin * pixel, last = <usize>end * pixel; at < last; at += 16)
    v128.store(y + at, f32x4.pmax(f32x4.add(v128.load(a + at), v128.load(b + at)), lo));
}

/**
 * y = a · b.
 *
 *   a, b, y     [rows, pixel bytes]; y may be a or b
 *   begin, end  of rows
 */
export function multiply(a: usize, b: usize, y: usize, pixel: usize, begin: i32, end: i32): void {
  for (let at = <usize>begin * pixel, last = <usize>end * pixel; at < last; at += 16)
    v128.store(y + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
}

/**
 * y = e^(x − m) / Σ e^(x − m), m the row's largest value, the sum in ascending order.
 *
 *   x, y        [rows, pixel bytes]; y may be x
 *   begin, end  of rows
 */
export function softmax(x: usize, y: usize, pixel: usize, channels: i32, begin: i32, end: i32): void {
  const bytes = (<usize>channels) << 2;
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * pixel;
    const to = y + <usize>r * pixel;
    let largest: f32 = -Infinity;
    for (let c: usize = 0; c < bytes; c += 4) largest = max(largest, load<f32>(from + c));
    const shift = f32x4.splat(largest);
    for (let c: usize = 0; c < pixel; c += 16) v128.store(to + c, expNegative(f32x4.sub(v128.load(from + c), shift)));
    let sum: f32 = 0;
    for (let c: usize = 0; c < bytes; c += 4) sum += load<f32>(to + c);
    const divisor = f32x4.splat(sum);
    for (let c: usize = 0; c < pixel; c += 16) v128.store(to + c, f32x4.div(v128.load(to + c), divisor));
    zeroBetween(to + bytes, to + pixel);
  }
}

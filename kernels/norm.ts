import { fmadd } from './fmadd';
import { BLOCK } from './gather';

/** Batch norm in training and its gradients (Ioffe & Szegedy 2015, arXiv:1502.03167, alg. 1). Vectors are one value a channel, padded as a pixel is. */

/** What `channelSums` sums. */
const VALUES = 0;
const SQUARES = 1;
const NORMALISED = 2;

/**
 * Sums over blocks of 60 rows, a channel each: Σ a; Σ (a − mean)²; Σ b · (a − mean); Σ a · b.
 *
 *   a, b        [images, rows, pixel bytes]; b where it is read
 *   mean        [pixel bytes] where it is read
 *   sums        [images · blocks, pixel bytes]
 *   kind        0 to 3, in that order
 *   begin, end  of images · blocks
 */
export function channelSums(a: usize, b: usize, mean: usize, sums: usize, pixel: usize, rows: i32, kind: i32, begin: i32, end: i32): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  for (let unit = begin; unit < end; unit++) {
    const block = unit % blocks;
    const size = <usize>min(rows - block * BLOCK, BLOCK) * pixel;
    const first = <usize>((unit / blocks) * rows + block * BLOCK) * pixel;
    const to = sums + <usize>unit * pixel;
    for (let c: usize = 0; c < pixel; c += 32) {
      let s0 = f32x4.splat(0),
        s1 = s0;
      let at = a + first + c;
      const stop = at + size;
      if (kind === VALUES)
        for (; at < stop; at += pixel) {
          s0 = f32x4.add(s0, v128.load(at));
          s1 = f32x4.add(s1, v128.load(at, 16));
        }
      else if (kind === SQUARES) {
        const m0 = v128.load(mean + c),
          m1 = v128.load(mean + c, 16);
        for (; at < stop; at += pixel) {
          const d0 = f32x4.sub(v128.load(at), m0),
            d1 = f32x4.sub(v128.load(at, 16), m1);
          s0 = fmadd(d0, d0, s0);
          s1 = fmadd(d1, d1, s1);
        }
      } else if (kind === NORMALISED) {
        const m0 = v128.load(mean + c),
          m1 = v128.load(mean + c, 16);
        for (let other = b + first + c; at < stop; at += pixel, other += pixel) {
          s0 = fmadd(v128.load(other), f32x4.sub(v128.load(at), m0), s0);
          s1 = fmadd(v128.load(other, 16), f32x4.sub(v128.load(at, 16), m1), s1);
        }
      } else
        for (let other = b + first + c; at < stop; at += pixel, other += pixel) {
          s0 = fmadd(v128.load(at), v128.load(other), s0);
          s1 = fmadd(v128.load(at, 16), v128.load(other, 16), s1);
        }
      v128.store(to + c, s0);
      v128.store(to + c, s1, 16);
    }
  }
}

/**
 * y = Σ sums / divisor, in float64; divided by √(variance + ε) too, where a variance is given.
 *
 *   sums        [images, blocks, pixel bytes]
 *   variance    [pixel bytes], or 0 for none
 *   y           [images, pixel bytes]
 *   begin, end  of images · pixel/32: 8 channels a unit
 */
export function totals(
  sums: usize,
  variance: usize,
  y: usize,
  pixel: usize,
  blocks: i32,
  divisor: i32,
  eps: f64,
  begin: i32,
  end: i32,
): void {
  const parts = <i32>(pixel >> 5);
  for (let unit = begin; unit < end; unit++) {
    const c = (<usize>(unit % parts)) << 5;
    const n = <usize>(unit / parts);
    for (let offset = c; offset < c + 32; offset += 8) {
      let at = sums + n * <usize>blocks * pixel + offset;
      let sum = f64x2.splat(0);
      for (const stop = at + <usize>blocks * pixel; at < stop; at += pixel)
        sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(at)));
      let by = f64x2.splat(<f64>divisor);
      if (variance) {
        const v = f64x2.promote_low_f32x4(v128.load64_zero(variance + offset));
        by = f64x2.mul(by, f64x2.sqrt(f64x2.add(v, f64x2.splat(eps))));
      }
      v128.store64_lane(y + n * pixel + offset, f32x4.demote_f64x2_zero(f64x2.div(sum, by)), 0);
    }
  }
}

/**
 * y = k · γ / √(variance + ε) · d, or without the root: the factor of a batch norm, and what its gradients make of it, in float64.
 *
 *   gamma, variance, d, y   vectors; d may be 0 for ones
 *   root        1 for the root, 0 for none
 *   begin, end  of the floats of a vector
 */
export function normFactor(gamma: usize, variance: usize, d: usize, y: usize, k: f64, eps: f64, root: i32, begin: i32, end: i32): void {
  for (let at = (<usize>begin) << 2; at < (<usize>end) << 2; at += 4) {
    const v = <f64>load<f32>(variance + at) + eps;
    const factor = (k * <f64>load<f32>(gamma + at)) / (root ? sqrt(v) : v);
    store<f32>(y + at, <f32>(d ? factor * <f64>load<f32>(d + at) : factor));
  }
}

/** y = a · p + b · q, in float64: what a running statistic becomes. Vectors, begin and end as in normFactor. */
export function blend(p: usize, q: usize, y: usize, a: f64, b: f64, begin: i32, end: i32): void {
  for (let at = (<usize>begin) << 2; at < (<usize>end) << 2; at += 4)
    store<f32>(y + at, <f32>(a * <f64>load<f32>(p + at) + b * <f64>load<f32>(q + at)));
}

/**
 * y = max((x − mean) · factor + shift, lowest).
 *
 *   x, y        [rows, pixel bytes]; y may be x
 *   begin, end  of rows
 */
export function normalise(
  x: usize,
  mean: usize,
  factor: usize,
  shift: usize,
  y: usize,
  pixel: usize,
  lowest: f32,
  begin: i32,
  end: i32,
): void {
  const lo = f32x4.splat(lowest);
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * pixel,
      to = y + <usize>r * pixel;
    for (let c: usize = 0; c < pixel; c += 32) {
      const d0 = f32x4.sub(v128.load(from + c), v128.load(mean + c));
      const d1 = f32x4.sub(v128.load(from + c, 16), v128.load(mean + c, 16));
      const y0 = fmadd(d0, v128.load(factor + c), v128.load(shift + c));
      const y1 = fmadd(d1, v128.load(factor + c, 16), v128.load(shift + c, 16));
      v128.store(to + c, f32x4.pmax(y0, lo));
      v128.store(to + c, f32x4.pmax(y1, lo), 16);
    }
  }
}

/**
 * y = factor · dy + twoNth · dVariance · (x − mean) + nth · dMean: what a batch norm, its variance and its mean send back to x, in one pass.
 *
 *   dy, x, y    [rows, pixel bytes]; y may be dy or x
 *   factor, mean, dVariance, dMean   vectors
 *   twoNth, nth   2/n and 1/n, n the values of a channel
 *   begin, end  of rows
 */
export function normGrad(
  dy: usize,
  x: usize,
  factor: usize,
  mean: usize,
  dVariance: usize,
  dMean: usize,
  y: usize,
  pixel: usize,
  twoNth: f32,
  nth: f32,
  begin: i32,
  end: i32,
): void {
  const two = f32x4.splat(twoNth);
  const one = f32x4.splat(nth);
  for (let r = begin; r < end; r++) {
    const at = <usize>r * pixel;
    for (let c: usize = 0; c < pixel; c += 16) {
      const slope = f32x4.mul(two, v128.load(dVariance + c));
      const shift = f32x4.mul(one, v128.load(dMean + c));
      const centred = f32x4.sub(v128.load(x + at + c), v128.load(mean + c));
      v128.store(y + at + c, fmadd(v128.load(factor + c), v128.load(dy + at + c), fmadd(slope, centred, shift)));
    }
  }
}

/** y = twoNth · dVariance · (x − mean): normGrad's middle term alone. Operands as there. */
export function varianceGrad(x: usize, mean: usize, dVariance: usize, y: usize, pixel: usize, twoNth: f32, begin: i32, end: i32): void {
  const two = f32x4.splat(twoNth);
  for (let r = begin; r < end; r++) {
    const at = <usize>r * pixel;
    for (let c: usize = 0; c < pixel; c += 16) {
      const centred = f32x4.sub(v128.load(x + at + c), v128.load(mean + c));
      v128.store(y + at + c, f32x4.mul(f32x4.mul(two, v128.load(dVariance + c)), centred));
    }
  }
}

/**
 * y = nth · z + residual, z the same for all rows of an image: what a mean sends back.
 *
 *   z           [images, pixel bytes]
 *   residual, y [images · rows, pixel bytes]; residual may be 0 for none, and y be it
 *   nth         1/n, n the values of one mean
 *   begin, end  of images · rows
 */
export function spread(z: usize, residual: usize, y: usize, pixel: usize, rows: i32, nth: f32, begin: i32, end: i32): void {
  const one = f32x4.splat(nth);
  for (let r = begin; r < end; r++) {
    const from = z + <usize>(r / rows) * pixel;
    const at = <usize>r * pixel;
    if (residual)
      for (let c: usize = 0; c < pixel; c += 16) v128.store(y + at + c, fmadd(one, v128.load(from + c), v128.load(residual + at + c)));
    else for (let c: usize = 0; c < pixel; c += 16) v128.store(y + at + c, f32x4.mul(one, v128.load(from + c)));
  }
}

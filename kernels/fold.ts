import { promoteHigh } from './simd';

/**
 * Constant weights, packed as the tiles read them, batch norm folded in: src/plan/pack.ts is the specification, to the last bit. Products are made in
 * float64 and rounded once. What is past a panel's last output is 0, in `w` and in `factor`.
 *
 *   w           [width, channels, taps] floats: a panel's outputs as the checkpoint has them
 *   factor      [width] f64: batch norm's γ/√(σ² + ε) of each output
 *   y           [taps, channels, width] floats
 *   zeros       v128: sums of 0 · w, which are 0 if all weights are finite
 *   width       8 or 16
 *   begin, end  of channels
 */
// biome-ignore format: as src/plan/abi.ts has them
export function foldPanel(
  w: usize, factor: usize, y: usize, zeros: usize, width: i32, channels: i32, taps: i32, begin: i32, end: i32,
): void {
  const zero = f32x4.splat(0);
  let sum = zero;
  const apart = (<usize>(channels * taps)) << 2;
  const row = (<usize>width) << 2;
  const tap = <usize>channels * row;
  for (let c = begin; c < end; c++) {
    let from = w + ((<usize>(c * taps)) << 2);
    let to = y + <usize>c * row;
    for (let t = 0; t < taps; t++, from += 4, to += tap) {
      for (let column: usize = 0, at = from; column < <usize>width; column += 4, at += apart << 2) {
        let u = v128.load32_zero(at);
        u = v128.load32_lane(at + apart, u, 1);
        u = v128.load32_lane(at + 2 * apart, u, 2);
        u = v128.load32_lane(at + 3 * apart, u, 3);
        sum = f32x4.add(sum, f32x4.mul(u, zero));
        const factors = factor + (column << 3);
        const low = f64x2.mul(f64x2.promote_low_f32x4(u), v128.load(factors));
        const high = f64x2.mul(promoteHigh(u), v128.load(factors, 16));
        v128.store(to + (column << 2), v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
      }
    }
  }
  v128.store(zeros, sum);
}

/**
 * u = G g Gᵀ of 3×3 filters, times each output's factor (Lavin & Gray 2016, arXiv:1509.09308, §4): src/plan/winograd.ts has the sum and G. Its terms are
 * added in the same order, without those that are 0.
 *
 *   w           [width, channels, 9] floats
 *   y           [(m+2)²] panels [channels, width] of floats, `point` bytes from one to the next
 *   zeros       v128: sums of 0 · w, which are 0 if all weights are finite
 *   m           4 or 2
 *   begin, end  of channels
 */
// biome-ignore format: as src/plan/abi.ts has them
export function foldFilters(
  w: usize, factor: usize, y: usize, zeros: usize, point: usize, width: i32, channels: i32, m: i32, begin: i32, end: i32,
): void {
  const zero = f64x2.splat(0);
  let sum = zero;
  const apart = <usize>(channels * 36);
  const row = (<usize>width) << 2;
  for (let c = begin; c < end; c++) {
    let from = w + <usize>(c * 36);
    let to = y + <usize>c * row;
    for (let column = 0; column < width; column += 2, from += 2 * apart, to += 8) {
      const f = v128.load(factor + ((<usize>column) << 3));
      const a0 = pair(from, apart),
        a1 = pair(from + 4, apart),
        a2 = pair(from + 8, apart);
      const b0 = pair(from + 12, apart),
        b1 = pair(from + 16, apart),
        b2 = pair(from + 20, apart);
      const c0 = pair(from + 24, apart),
        c1 = pair(from + 28, apart),
        c2 = pair(from + 32, apart);
      const all = f64x2.add(f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, b0)), f64x2.add(f64x2.add(b1, b2), f64x2.add(f64x2.add(c0, c1), c2)));
      sum = f64x2.add(sum, f64x2.mul(all, zero)); // float32 numbers add up to no infinity in float64
      if (m === 4) {
        edge4(times(a0, QUARTER), times(a1, QUARTER), times(a2, QUARTER), f, to, point);
        middle4(a0, a1, a2, b0, b1, b2, c0, c1, c2, -SIXTH, -SIXTH, -SIXTH, f, to + 6 * point, point);
        middle4(a0, a1, a2, b0, b1, b2, c0, c1, c2, -SIXTH, SIXTH, -SIXTH, f, to + 12 * point, point);
        middle4(a0, a1, a2, b0, b1, b2, c0, c1, c2, TWENTY_FOURTH, TWELFTH, SIXTH, f, to + 18 * point, point);
        middle4(a0, a1, a2, b0, b1, b2, c0, c1, c2, TWENTY_FOURTH, -TWELFTH, SIXTH, f, to + 24 * point, point);
        edge4(c0, c1, c2, f, to + 30 * point, point);
      } else {
        edge2(a0, a1, a2, f, to, point);
        middle2(a0, a1, a2, b0, b1, b2, c0, c1, c2, HALF, f, to + 4 * point, point);
        middle2(a0, a1, a2, b0, b1, b2, c0, c1, c2, -HALF, f, to + 8 * point, point);
        edge2(c0, c1, c2, f, to + 12 * point, point);
      }
    }
  }
  v128.store(zeros, sum);
}

const HALF: f64 = 1.0 / 2;
const QUARTER: f64 = 1.0 / 4;
const SIXTH: f64 = 1.0 / 6;
const TWELFTH: f64 = 1.0 / 12;
const TWENTY_FOURTH: f64 = 1.0 / 24;

/** The same weight of two outputs, in float64. */
function pair(from: usize, apart: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load32_lane(from + apart, v128.load32_zero(from), 1));
}

function times(a: v128, g: f64): v128 {
  return f64x2.mul(a, f64x2.splat(g));
}

function plus(sum: v128, a: v128, g: f64): v128 {
  return f64x2.add(sum, times(a, g));
}

/** Two outputs' values of one point, times their factors and rounded. A sum starts from +0, so that it never is −0. */
function put(to: usize, sum: v128, f: v128): void {
  v128.store64_lane(to, f32x4.demote_f64x2_zero(f64x2.mul(sum, f)), 0);
}

/** Points of a row of G in which one filter row counts: a is that row times its number in G. */
// biome-ignore format: a point a line
function edge4(a0: v128, a1: v128, a2: v128, f: v128, to: usize, point: usize): void {
  const zero = f64x2.splat(0);
  put(to, plus(zero, a0, QUARTER), f); to += point;
  put(to, plus(plus(plus(zero, a0, -SIXTH), a1, -SIXTH), a2, -SIXTH), f); to += point;
  put(to, plus(plus(plus(zero, a0, -SIXTH), a1, SIXTH), a2, -SIXTH), f); to += point;
  put(to, plus(plus(plus(zero, a0, TWENTY_FOURTH), a1, TWELFTH), a2, SIXTH), f); to += point;
  put(to, plus(plus(plus(zero, a0, TWENTY_FOURTH), a1, -TWELFTH), a2, SIXTH), f); to += point;
  put(to, f64x2.add(zero, a2), f);
}

/** Points of a row (g0, g1, g2) of G. */
// biome-ignore format: a point a line
function middle4(
  a0: v128, a1: v128, a2: v128, b0: v128, b1: v128, b2: v128, c0: v128, c1: v128, c2: v128,
  g0: f64, g1: f64, g2: f64, f: v128, to: usize, point: usize,
): void {
  a0 = times(a0, g0); a1 = times(a1, g0); a2 = times(a2, g0);
  b0 = times(b0, g1); b1 = times(b1, g1); b2 = times(b2, g1);
  c0 = times(c0, g2); c1 = times(c1, g2); c2 = times(c2, g2);
  const zero = f64x2.splat(0);
  put(to, plus(plus(plus(zero, a0, QUARTER), b0, QUARTER), c0, QUARTER), f); to += point;
  put(to, sum9(a0, a1, a2, b0, b1, b2, c0, c1, c2, -SIXTH, -SIXTH, -SIXTH), f); to += point;
  put(to, sum9(a0, a1, a2, b0, b1, b2, c0, c1, c2, -SIXTH, SIXTH, -SIXTH), f); to += point;
  put(to, sum9(a0, a1, a2, b0, b1, b2, c0, c1, c2, TWENTY_FOURTH, TWELFTH, SIXTH), f); to += point;
  put(to, sum9(a0, a1, a2, b0, b1, b2, c0, c1, c2, TWENTY_FOURTH, -TWELFTH, SIXTH), f); to += point;
  put(to, f64x2.add(f64x2.add(f64x2.add(zero, a2), b2), c2), f);
}

function sum9(a0: v128, a1: v128, a2: v128, b0: v128, b1: v128, b2: v128, c0: v128, c1: v128, c2: v128, g0: f64, g1: f64, g2: f64): v128 {
  const a = plus(plus(plus(f64x2.splat(0), a0, g0), a1, g1), a2, g2);
  const b = plus(plus(plus(a, b0, g0), b1, g1), b2, g2);
  return plus(plus(plus(b, c0, g0), c1, g1), c2, g2);
}

// biome-ignore format: a point a line
function edge2(a0: v128, a1: v128, a2: v128, f: v128, to: usize, point: usize): void {
  const zero = f64x2.splat(0);
  put(to, f64x2.add(zero, a0), f); to += point;
  put(to, plus(plus(plus(zero, a0, HALF), a1, HALF), a2, HALF), f); to += point;
  put(to, plus(plus(plus(zero, a0, HALF), a1, -HALF), a2, HALF), f); to += point;
  put(to, f64x2.add(zero, a2), f);
}

/** Points of a row (1/2, g, 1/2) of G. */
// biome-ignore format: a point a line
function middle2(
  a0: v128, a1: v128, a2: v128, b0: v128, b1: v128, b2: v128, c0: v128, c1: v128, c2: v128,
  g: f64, f: v128, to: usize, point: usize,
): void {
  a0 = times(a0, HALF); a1 = times(a1, HALF); a2 = times(a2, HALF);
  b0 = times(b0, g); b1 = times(b1, g); b2 = times(b2, g);
  c0 = times(c0, HALF); c1 = times(c1, HALF); c2 = times(c2, HALF);
  const zero = f64x2.splat(0);
  put(to, f64x2.add(f64x2.add(f64x2.add(zero, a0), b0), c0), f); to += point;
  put(to, sum9(a0, a1, a2, b0, b1, b2, c0, c1, c2, HALF, HALF, HALF), f); to += point;
  put(to, sum9(a0, a1, a2, b0, b1, b2, c0, c1, c2, HALF, -HALF, HALF), f); to += point;
  put(to, f64x2.add(f64x2.add(f64x2.add(zero, a2), b2), c2), f);
}

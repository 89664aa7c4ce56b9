/** a·b + c: one rounding in the relaxed build, two in the strict one. The only place where the builds differ. */
export function fmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** 2^n for whole n from −126 to 127, put together from its exponent bits. */
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/**
 * e^x for x ≤ 0 (NaN stays NaN): x = n·ln 2 + r with |r| ≤ ½ ln 2, then Taylor's series of e^r up to r⁷/7!, whose
 * remainder is below 0.1 u. ln 2 is split in two parts so that n·hi is exact. 2^n is applied in two factors, so that results
 * fade through the denormals to 0 instead of stopping at 2^−126.
 */
export function expNegative(x: v128): v128 {
  x = f32x4.max(x, f32x4.splat(-104.0)); // e^−104 rounds to 0
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)));
  const r = fmadd(n, f32x4.splat(2.1219444e-4), fmadd(n, f32x4.splat(-0.693359375), x));
  let y = f32x4.splat(1.0 / 5040.0);
  y = fmadd(y, r, f32x4.splat(1.0 / 720.0));
  y = fmadd(y, r, f32x4.splat(1.0 / 120.0));
  y = fmadd(y, r, f32x4.splat(1.0 / 24.0));
  y = fmadd(y, r, f32x4.splat(1.0 / 6.0));
  y = fmadd(y, r, f32x4.splat(0.5));
  y = fmadd(y, r, f32x4.splat(1.0));
  y = fmadd(y, r, f32x4.splat(1.0));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(y, power2(half)), power2(i32x4.sub(whole, half)));
}

/** 1 / (1 + e^−x), through e^−|x|, which cannot overflow: for x < 0 the same fraction times e^x / e^x. */
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1.0);
  const power = expNegative(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(power, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, power));
}

/** x clamped between 0 and 6. */
export function clamp06(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(6)); // pmin and pmax keep a NaN
}

/** relu6(x + 3) / 6. */
export function hardSigmoid4(x: v128): v128 {
  return f32x4.mul(clamp06(f32x4.add(x, f32x4.splat(3))), f32x4.splat(1.0 / 6.0));
}

/**
 * −m / (2 + m) with m = e^−2|x| − 1, and x's sign: no difference that cancels, so that small x keep their digits. e^−2|x| as in expNegative, but for
 * the series' first term; below e^−64, m is −1.
 */
export function tanh4(x: v128): v128 {
  const power = f32x4.max(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)), f32x4.splat(-64));
  const n = f32x4.nearest(f32x4.mul(power, f32x4.splat(<f32>Math.LOG2E)));
  const r = fmadd(n, f32x4.splat(2.1219444e-4), fmadd(n, f32x4.splat(-0.693359375), power));
  let y = f32x4.splat(1.0 / 5040.0);
  y = fmadd(y, r, f32x4.splat(1.0 / 720.0));
  y = fmadd(y, r, f32x4.splat(1.0 / 120.0));
  y = fmadd(y, r, f32x4.splat(1.0 / 24.0));
  y = fmadd(y, r, f32x4.splat(1.0 / 6.0));
  y = fmadd(y, r, f32x4.splat(0.5));
  y = fmadd(y, r, f32x4.splat(1.0));
  const scale = power2(i32x4.trunc_sat_f32x4_s(n));
  const m = fmadd(f32x4.mul(y, r), scale, f32x4.sub(scale, f32x4.splat(1.0)));
  const size = f32x4.abs(f32x4.div(m, f32x4.add(m, f32x4.splat(2.0))));
  return v128.or(size, v128.and(x, i32x4.splat(<i32>0x80000000)));
}

/** Sets the floats from `from` up to `to` (byte addresses) to 0: the pad channels of a pixel. */
export function zeroBetween(from: usize, to: usize): void {
  for (; from < to; from += 4) store<f32>(from, 0);
}

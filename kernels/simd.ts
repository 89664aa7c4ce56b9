/** a·b + c: one rounding in the relaxed build, two in the strict one. The only place where the builds differ. */
export function fmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The bit of a float's sign. */
const SIGN: i32 = 0x80000000;

/** 1.5 · 2²³: a float of this size has no digits behind the point, and the lowest bits of its pattern are those of the whole number added to it. */
const SHIFTER: f32 = 12582912;

/** (e^r − 1) / r for |r| ≤ ½ ln 2: a polynomial that is off by 0.33 u at most, and with it 1 + r · y by 0.07 u. */
function series(r: v128): v128 {
  let y = f32x4.splat(0.001381459878757596);
  y = fmadd(y, r, f32x4.splat(0.008368716575205326));
  y = fmadd(y, r, f32x4.splat(0.04166838899254799));
  y = fmadd(y, r, f32x4.splat(0.1666652113199234));
  y = fmadd(y, r, f32x4.splat(0.4999999403953552));
  return fmadd(y, r, f32x4.splat(1));
}

/** r = x − n · ln 2, by two parts of ln 2, of which the first times n is exact. */
function reduced(x: v128, n: v128): v128 {
  return fmadd(n, f32x4.splat(2.1219444e-4), fmadd(n, f32x4.splat(-0.693359375), x));
}

/**
 * e^x for x ≤ 0 (NaN stays NaN): 2^n · e^r with n = x / ln 2, rounded. The sum with SHIFTER rounds, and holds the bits of an exponent, which are shifted
 * to their place: those of 2^(n + 64), so that results fade through the denormals to 0 in the last product alone.
 */
export function expNegative(x: v128): v128 {
  const offset = SHIFTER + 127 + 64;
  x = f32x4.pmax(x, f32x4.splat(-104)); // e^−104 rounds to 0
  const shifted = fmadd(x, f32x4.splat(<f32>Math.LOG2E), f32x4.splat(offset));
  const r = reduced(x, f32x4.sub(shifted, f32x4.splat(offset)));
  const y = fmadd(series(r), r, f32x4.splat(1));
  return f32x4.mul(f32x4.mul(y, i32x4.shl(shifted, 23)), f32x4.splat(5.421010862427522e-20)); // 2^−64
}

/**
 * 1 / (1 + e^−x), as 2^−24 / (2^−24 + 2^−24 · e^−x): so that e^−x, up to e^104, is a float32, and so is what is left of it for x < −88. Above 64, 1 + e^−x is 1.
 */
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(<f32>(1.0 / 0x1000000)); // 2^−24
  const offset = SHIFTER + 127 - 24;
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(64)); // both keep a NaN
  const shifted = fmadd(x, f32x4.splat(<f32>-Math.LOG2E), f32x4.splat(offset));
  const n = f32x4.sub(shifted, f32x4.splat(offset));
  const r = fmadd(n, f32x4.splat(-2.1219444e-4), fmadd(n, f32x4.splat(0.693359375), x)); // the negative of the reduced argument
  let y = fmadd(f32x4.splat(0.001381459878757596), r, f32x4.splat(-0.008368716575205326));
  y = fmadd(y, r, f32x4.splat(0.04166838899254799));
  y = fmadd(y, r, f32x4.splat(-0.1666652113199234));
  y = fmadd(y, r, f32x4.splat(0.4999999403953552));
  y = fmadd(y, r, f32x4.splat(-1));
  const power = f32x4.mul(fmadd(y, r, f32x4.splat(1)), i32x4.shl(shifted, 23));
  return f32x4.div(one, f32x4.add(one, power));
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
 * −m / (2 + m) with m = e^−2|x| − 1, and x's sign: no difference that cancels, so that small x keep their digits. e^−2|x| is 2^n · e^r as in expNegative;
 * below e^−64, m is −1.
 */
export function tanh4(x: v128): v128 {
  const one = f32x4.splat(1);
  const offset = SHIFTER + 127;
  const power = f32x4.pmax(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)), f32x4.splat(-64));
  const shifted = fmadd(power, f32x4.splat(<f32>Math.LOG2E), f32x4.splat(offset));
  const r = reduced(power, f32x4.sub(shifted, f32x4.splat(offset)));
  const scale = i32x4.shl(shifted, 23);
  const m = fmadd(f32x4.mul(series(r), r), scale, f32x4.sub(scale, one));
  const size = f32x4.abs(f32x4.div(m, f32x4.add(m, f32x4.splat(2))));
  return v128.or(size, v128.and(x, i32x4.splat(SIGN)));
}

/** The upper two floats, in float64. */
export function promoteHigh(u: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(u, u, 1, 0));
}

/** Sets the floats from `from` up to `to` (byte addresses) to 0: the pad channels of a pixel. */
export function zeroBetween(from: usize, to: usize): void {
  for (; from < to; from += 4) store<f32>(from, 0);
}

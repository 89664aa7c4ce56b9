import { fmadd } from './fmadd';

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
 * The constants are parameters, for loops that load them first: see activation.ts.
 */
// biome-ignore format: the series by its terms
export function sigmoidWith(
  x: v128, least: v128, most: v128, perLn2: v128, offset: v128, ln2: v128, ln2Rest: v128,
  c6: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, c0: v128, one: v128,
): v128 {
  x = f32x4.pmin(f32x4.pmax(x, least), most); // both keep a NaN
  const shifted = fmadd(x, perLn2, offset);
  const n = f32x4.sub(shifted, offset);
  const r = fmadd(n, ln2Rest, fmadd(n, ln2, x)); // the negative of the reduced argument
  let y = fmadd(c6, r, c5);
  y = fmadd(y, r, c4);
  y = fmadd(y, r, c3);
  y = fmadd(y, r, c2);
  y = fmadd(y, r, c1);
  const power = f32x4.mul(fmadd(y, r, c0), i32x4.shl(shifted, 23));
  return f32x4.div(one, f32x4.add(one, power));
}

/** sigmoidWith's constants, in its order. */
// biome-ignore format: in that order
export const SIGMOID_CONSTANTS = memory.data<f32>([
  -104, 64, <f32>-Math.LOG2E, SHIFTER + 127 - 24, 0.693359375, -2.1219444e-4,
  0.001381459878757596, -0.008368716575205326, 0.04166838899254799, -0.1666652113199234, 0.4999999403953552, -1, 1, <f32>(1.0 / 0x1000000),
]);

/** The constant at place `i` of a table, four times. */
export function constant(table: usize, i: i32): v128 {
  return v128.load32_splat(table + ((<usize>i) << 2));
}

/** 1 / (1 + e^−x). */
// biome-ignore format: in that order
export function sigmoid4(x: v128): v128 {
  const k = SIGMOID_CONSTANTS;
  return sigmoidWith(
    x, constant(k, 0), constant(k, 1), constant(k, 2), constant(k, 3), constant(k, 4), constant(k, 5),
    constant(k, 6), constant(k, 7), constant(k, 8), constant(k, 9), constant(k, 10), constant(k, 11), constant(k, 12), constant(k, 13),
  );
}

/** x clamped between `zero` and `six`. */
export function clampWith(x: v128, zero: v128, six: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, zero), six); // pmin and pmax keep a NaN
}

/** relu6(x + 3) / 6. */
export function hardSigmoidWith(x: v128, three: v128, zero: v128, six: v128, sixth: v128): v128 {
  return f32x4.mul(clampWith(f32x4.add(x, three), zero, six), sixth);
}

/** hardSigmoidWith's constants, in its order. */
export const HARD_CONSTANTS = memory.data<f32>([3, 0, 6, 1.0 / 6.0]);

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

import { zeroBetween } from './simd';

/** Which function: by its place in src/ops/functionNames.ts. */
const LEAKY_RELU = 0;
const CLIP = 1;
const ELU = 2;
const GELU = 3;
const GELU_TANH = 4;
const ERF = 5;
const EXP = 6;
const LOG = 7;
const SQRT = 8;
const ABS = 9;
const POWER = 10;
const SOFTPLUS = 11;
const FLOOR = 13;
const CEIL = 14;
const ROUND = 15;
const SIGN = 16;

/**
 * y = f(x) for a function with numbers of its own. What is no power is done by vectors; powers and logarithms one by one, in float64, and rounded once.
 *
 *   x, y        [rows, pixel bytes]; y may be x
 *   a, b        the function's numbers
 *   channels    whose values count; f(0) must not leak into the pads
 *   kind        which function
 *   begin, end  of rows
 */
export function apply(x: usize, y: usize, pixel: usize, channels: i32, a: f64, b: f64, kind: i32, begin: i32, end: i32): void {
  const bytes = (<usize>channels) << 2;
  const isVector = kind === LEAKY_RELU || kind === CLIP || kind === SQRT || kind === ABS || kind >= FLOOR;
  const low = f32x4.splat(<f32>a),
    high = f32x4.splat(<f32>b);
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * pixel;
    const to = y + <usize>r * pixel;
    if (isVector)
      for (let c: usize = 0; c < pixel; c += 16) {
        const value = v128.load(from + c);
        let result = value;
        if (kind === LEAKY_RELU) result = v128.bitselect(f32x4.mul(value, low), value, f32x4.lt(value, f32x4.splat(0)));
        else if (kind === CLIP) result = f32x4.min(f32x4.max(value, low), high);
        else if (kind === SQRT) result = f32x4.sqrt(value);
        else if (kind === FLOOR) result = f32x4.floor(value);
        else if (kind === CEIL) result = f32x4.ceil(value);
        else if (kind === ROUND) result = f32x4.nearest(value);
        else if (kind === SIGN) result = sign(value);
        else result = f32x4.abs(value);
        v128.store(to + c, result);
      }
    else for (let c: usize = 0; c < bytes; c += 4) store<f32>(to + c, <f32>one(<f64>load<f32>(from + c), a, kind));
    zeroBetween(to + bytes, to + pixel);
  }
}

/** 1 above 0, −1 below; 0 and NaN stay. */
function sign(x: v128): v128 {
  const zero = f32x4.splat(0);
  const down = v128.bitselect(f32x4.splat(-1), x, f32x4.lt(x, zero));
  return v128.bitselect(f32x4.splat(1), down, f32x4.gt(x, zero));
}

function one(x: f64, a: f64, kind: i32): f64 {
  if (kind === ELU) return x < 0 ? a * expm1(x) : x;
  if (kind === GELU) return (x / 2) * (1 + erf(x * Math.SQRT1_2));
  if (kind === GELU_TANH) return (x / 2) * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
  if (kind === ERF) return erf(x);
  if (kind === EXP) return Math.exp(x);
  if (kind === LOG) return Math.log(x);
  if (kind === POWER) return power(x, a);
  if (kind === SOFTPLUS) return softplus(x);
  return x * Math.tanh(softplus(x)); // mish, place 12
}

/** e^x − 1, near 0 by its series, where the difference would cancel. */
function expm1(x: f64): f64 {
  if (Math.abs(x) > 0.01) return Math.exp(x) - 1;
  return x * (1 + (x / 2) * (1 + (x / 3) * (1 + (x / 4) * (1 + (x / 5) * (1 + x / 6)))));
}

/** ln(1 + e^x): of x far below 0 the sum would swallow e^x. */
function softplus(x: f64): f64 {
  const small = Math.exp(-Math.abs(x));
  const tail = small > 0.01 ? Math.log(1 + small) : small * (1 - small * (1.0 / 2 - small * (1.0 / 3 - small * (1.0 / 4 - small / 5))));
  return max(x, 0) + tail;
}

export function power(x: f64, exponent: f64): f64 {
  if (exponent === 2) return x * x;
  if (exponent === 0.5 && x > 0) return sqrt(x);
  return x ** exponent;
}

/** 2/√π e^−x² Σ 2ⁿx²ⁿ⁺¹/(2n + 1)!!, all terms of one sign (Abramowitz & Stegun 1964, 7.1.6); from 6 on it is 1. */
function erf(x: f64): f64 {
  if (Math.abs(x) >= 6) return x < 0 ? -1 : 1;
  let term = x,
    sum = x;
  for (let n: f64 = 3; Math.abs(term) > Math.abs(sum) * 1e-17; n += 2) {
    term *= (2 * x * x) / n;
    sum += term;
  }
  return 1.1283791670955126 * Math.exp(-x * x) * sum;
}

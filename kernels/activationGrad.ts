import { fmadd } from './fmadd';
import { sigmoid4 } from './simd';

/** Which function: as in activation.ts. */
const RELU = 1;
const RELU6 = 2;
const HARD_SWISH = 3;
const SILU = 4;
const TANH = 5;
const SIGMOID = 6;

/**
 * dx = f′(x) · dy; of a ReLU and relu6, x may as well be the result.
 *
 *   x, dy, dx   [rows, pixel bytes]; dx may be either
 *   kind        which function
 *   begin, end  of rows
 */
export function activationGrad(x: usize, dy: usize, dx: usize, pixel: usize, kind: i32, begin: i32, end: i32): void {
  const offset = <usize>begin * pixel;
  for (let at = offset, stop = <usize>end * pixel; at < stop; at += 16) {
    const a = v128.load(x + at);
    const d = v128.load(dy + at);
    v128.store(dx + at, kind === RELU ? v128.and(d, f32x4.gt(a, f32x4.splat(0))) : f32x4.mul(slope(a, kind), d));
  }
}

function slope(x: v128, kind: i32): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (kind === RELU6) return v128.and(one, v128.and(f32x4.gt(x, zero), f32x4.lt(x, f32x4.splat(6))));
  const three = f32x4.splat(3);
  const beyond = f32x4.ge(x, three);
  const within = v128.and(f32x4.gt(x, f32x4.splat(-3)), f32x4.lt(x, three));
  if (kind === HARD_SWISH) {
    const straight = f32x4.mul(fmadd(x, f32x4.splat(2), three), f32x4.splat(1.0 / 6.0));
    return v128.or(v128.and(straight, within), v128.and(one, beyond));
  }
  if (kind === SILU) return f32x4.mul(sigmoid4(x), fmadd(x, sigmoid4(f32x4.neg(x)), one));
  if (kind === TANH) {
    const twice = f32x4.add(x, x); // 1 − tanh² x = 4 σ(2x) σ(−2x), and nothing cancels
    return f32x4.mul(f32x4.mul(f32x4.splat(4), sigmoid4(twice)), sigmoid4(f32x4.neg(twice)));
  }
  if (kind === SIGMOID) return f32x4.mul(sigmoid4(x), sigmoid4(f32x4.neg(x)));
  return v128.and(f32x4.splat(1.0 / 6.0), within);
}

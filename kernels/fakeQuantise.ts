/**
 * y = scale · clip(round(x / scale)), ties to even, in float32: what x is worth as an integer less its zero point. NaN stays NaN.
 *
 *   x, y            [rows, pixel bytes]; y may be x
 *   lowest, highest integers less the zero point; 0 is one of them, so that pad channels stay 0
 *   begin, end      of rows
 */
export function fakeQuantise(x: usize, y: usize, pixel: usize, scale: f32, lowest: f32, highest: f32, begin: i32, end: i32): void {
  const step = f32x4.splat(scale);
  const least = f32x4.splat(lowest);
  const most = f32x4.splat(highest);
  for (let at = <usize>begin * pixel, stop = <usize>end * pixel; at < stop; at += 16) {
    const q = f32x4.nearest(f32x4.div(v128.load(x + at), step));
    v128.store(y + at, f32x4.mul(f32x4.min(f32x4.max(q, least), most), step));
  }
}

/** dx = dy where fakeQuantise does not clip x, else 0; dx may be either operand. */
export function fakeQuantiseGrad(
  x: usize,
  dy: usize,
  dx: usize,
  pixel: usize,
  scale: f32,
  lowest: f32,
  highest: f32,
  begin: i32,
  end: i32,
): void {
  const step = f32x4.splat(scale);
  const least = f32x4.splat(lowest);
  const most = f32x4.splat(highest);
  for (let at = <usize>begin * pixel, stop = <usize>end * pixel; at < stop; at += 16) {
    const q = f32x4.nearest(f32x4.div(v128.load(x + at), step));
    const inside = v128.and(f32x4.ge(q, least), f32x4.le(q, most));
    v128.store(dx + at, v128.and(v128.load(dy + at), inside));
  }
}

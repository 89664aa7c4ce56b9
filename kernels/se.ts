import { fmadd } from './fmadd';

/**
 * y = max(u · s + residual, lowest): gate, shortcut and ReLU of a block in one pass (Hu 2018, fig. 3).
 *
 *   u, y        [images · rows, pixel bytes]; y may be u or residual
 *   s           [images, pixel bytes]
 *   residual    as u, or 0 for nothing
 *   rows        of one image
 *   begin, end  of images · rows
 */
export function scaleAddRelu(
  u: usize,
  s: usize,
  residual: usize,
  y: usize,
  pixel: usize,
  rows: i32,
  lowest: f32,
  begin: i32,
  end: i32,
): void {
  const lo = f32x4.splat(lowest);
  for (let r = begin; r < end; r++) {
    const at = <usize>r * pixel;
    const gate = s + <usize>(r / rows) * pixel;
    // two vectors side by side, which an engine may pair
    if (residual)
      for (let c: usize = 0; c < pixel; c += 32) {
        const a = u + at + c,
          b = residual + at + c,
          to = y + at + c;
        const y0 = fmadd(v128.load(a), v128.load(gate + c), v128.load(b));
        const y1 = fmadd(v128.load(a, 16), v128.load(gate + c, 16), v128.load(b, 16));
        v128.store(to, f32x4.pmax(y0, lo));
        v128.store(to, f32x4.pmax(y1, lo), 16);
      }
    else
      for (let c: usize = 0; c < pixel; c += 32) {
        const a = u + at + c,
          to = y + at + c;
        const y0 = f32x4.mul(v128.load(a), v128.load(gate + c));
        const y1 = f32x4.mul(v128.load(a, 16), v128.load(gate + c, 16));
        v128.store(to, f32x4.pmax(y0, lo));
        v128.store(to, f32x4.pmax(y1, lo), 16);
      }
  }
}

/**
 * y = G g Gᵀ of 3×3 filters, in panels of each point (Lavin & Gray 2016, arXiv:1509.09308, §4; kernels/winograd.ts has the other transforms): what compile
 * does once where weights do not change. In float64, rounded once.
 *
 *   order       [size] i32: i ≥ 0 is the i-th filter, −1 a zero
 *   weights     filters of 9 floats
 *   y           [(m+2)²] panels of `size` floats, `point` bytes from one to the next
 *   m           4 or 2; flip, 1 for filters turned by 180°
 *   begin, end  of size
 */
export function packFilters(order: usize, weights: usize, y: usize, point: usize, m: i32, flip: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const from = load<i32>(order + ((<usize>i) << 2));
    const to = y + ((<usize>i) << 2);
    if (from < 0) {
      for (let k = (m + 2) * (m + 2), at = to; k > 0; k--, at += point) store<f32>(at, 0);
      continue;
    }
    const g = weights + <usize>(from * 36) + (flip ? 32 : 0);
    const next: usize = flip ? -4 : 4;
    if (m === 4) columns4(g, next, to, point);
    else columns2(g, next, to, point);
  }
}

const SIXTH: f64 = 1.0 / 6;
const TWELFTH: f64 = 1.0 / 12;
const TWENTY_FOURTH: f64 = 1.0 / 24;

/** G of F(4, 3) is [1/4 0 0; −1/6 −1/6 −1/6; −1/6 1/6 −1/6; 1/24 1/12 1/6; 1/24 −1/12 1/6; 0 0 1]. */
// biome-ignore format: a row of G a line
function columns4(g: usize, next: usize, to: usize, point: usize): void {
  const a0 = <f64>load<f32>(g), a1 = <f64>load<f32>(g + next), a2 = <f64>load<f32>(g + 2 * next);
  g += 3 * next;
  const b0 = <f64>load<f32>(g), b1 = <f64>load<f32>(g + next), b2 = <f64>load<f32>(g + 2 * next);
  g += 3 * next;
  const c0 = <f64>load<f32>(g), c1 = <f64>load<f32>(g + next), c2 = <f64>load<f32>(g + 2 * next);
  const e0 = (a0 + c0) * SIXTH, e1 = (a1 + c1) * SIXTH, e2 = (a2 + c2) * SIXTH;
  const h0 = b0 * SIXTH, h1 = b1 * SIXTH, h2 = b2 * SIXTH;
  const s0 = a0 * TWENTY_FOURTH + c0 * SIXTH, s1 = a1 * TWENTY_FOURTH + c1 * SIXTH, s2 = a2 * TWENTY_FOURTH + c2 * SIXTH;
  const t0 = b0 * TWELFTH, t1 = b1 * TWELFTH, t2 = b2 * TWELFTH;
  const row = 6 * point;
  row4(a0 / 4, a1 / 4, a2 / 4, to, point); to += row;
  row4(-e0 - h0, -e1 - h1, -e2 - h2, to, point); to += row;
  row4(h0 - e0, h1 - e1, h2 - e2, to, point); to += row;
  row4(s0 + t0, s1 + t1, s2 + t2, to, point); to += row;
  row4(s0 - t0, s1 - t1, s2 - t2, to, point); to += row;
  row4(c0, c1, c2, to, point);
}

// biome-ignore format: a row of G a line
function row4(a: f64, b: f64, c: f64, to: usize, point: usize): void {
  const e = (a + c) * SIXTH, h = b * SIXTH;
  const s = a * TWENTY_FOURTH + c * SIXTH, t = b * TWELFTH;
  store<f32>(to, <f32>(a / 4)); to += point;
  store<f32>(to, <f32>(-e - h)); to += point;
  store<f32>(to, <f32>(h - e)); to += point;
  store<f32>(to, <f32>(s + t)); to += point;
  store<f32>(to, <f32>(s - t)); to += point;
  store<f32>(to, <f32>c);
}

/** G of F(2, 3) is [1 0 0; 1/2 1/2 1/2; 1/2 −1/2 1/2; 0 0 1]. */
// biome-ignore format: a row of G a line
function columns2(g: usize, next: usize, to: usize, point: usize): void {
  const a0 = <f64>load<f32>(g), a1 = <f64>load<f32>(g + next), a2 = <f64>load<f32>(g + 2 * next);
  g += 3 * next;
  const b0 = <f64>load<f32>(g), b1 = <f64>load<f32>(g + next), b2 = <f64>load<f32>(g + 2 * next);
  g += 3 * next;
  const c0 = <f64>load<f32>(g), c1 = <f64>load<f32>(g + next), c2 = <f64>load<f32>(g + 2 * next);
  const row = 4 * point;
  row2(a0, a1, a2, to, point); to += row;
  row2((a0 + b0 + c0) / 2, (a1 + b1 + c1) / 2, (a2 + b2 + c2) / 2, to, point); to += row;
  row2((a0 - b0 + c0) / 2, (a1 - b1 + c1) / 2, (a2 - b2 + c2) / 2, to, point); to += row;
  row2(c0, c1, c2, to, point);
}

// biome-ignore format: a row of G a line
function row2(a: f64, b: f64, c: f64, to: usize, point: usize): void {
  store<f32>(to, <f32>a); to += point;
  store<f32>(to, <f32>((a + b + c) / 2)); to += point;
  store<f32>(to, <f32>((a - b + c) / 2)); to += point;
  store<f32>(to, <f32>c);
}

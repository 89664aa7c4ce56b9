import { fmadd } from './simd';

/**
 * c = max(Σ_t a_t · w_t + bias, lowest) on one tile of 6 pixels × 8 channels, each channel with its own filter.
 *
 *   rows      [taps, 60]  pointers: channel 0 of tap t of row r is at load(rows + (t·60 + r)·4)
 *   at        bytes from there to the tile's first channel
 *   panel     bias [8], then w [taps, 8]
 *   c, cStride, count, lowest  as gemm6x8's
 *
 * 20 loads for 12 products: loads bound it, at some 60 % of the peak of a product that fits the cache.
 */
// biome-ignore format: one line per row of the register tile
export function depthwise6x8(
  rows: usize, panel: usize, taps: i32, at: usize, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let s40 = s00, s41 = s01;
  let s50 = s00, s51 = s01;
  let b = panel + 32;
  for (const last = b + (<usize>taps << 5); b < last; b += 32, rows += 240) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const a0 = load<usize>(rows) + at;     s00 = fmadd(v128.load(a0), b0, s00); s01 = fmadd(v128.load(a0, 16), b1, s01);
    const a1 = load<usize>(rows, 4) + at;  s10 = fmadd(v128.load(a1), b0, s10); s11 = fmadd(v128.load(a1, 16), b1, s11);
    const a2 = load<usize>(rows, 8) + at;  s20 = fmadd(v128.load(a2), b0, s20); s21 = fmadd(v128.load(a2, 16), b1, s21);
    const a3 = load<usize>(rows, 12) + at; s30 = fmadd(v128.load(a3), b0, s30); s31 = fmadd(v128.load(a3, 16), b1, s31);
    const a4 = load<usize>(rows, 16) + at; s40 = fmadd(v128.load(a4), b0, s40); s41 = fmadd(v128.load(a4, 16), b1, s41);
    const a5 = load<usize>(rows, 20) + at; s50 = fmadd(v128.load(a5), b0, s50); s51 = fmadd(v128.load(a5, 16), b1, s51);
  }

  const c1 = count > 1 ? c + cStride : c;
  const c2 = count > 2 ? c1 + cStride : c1;
  const c3 = count > 3 ? c2 + cStride : c2;
  const c4 = count > 4 ? c3 + cStride : c3;
  const c5 = count > 5 ? c4 + cStride : c4;
  const lo = f32x4.splat(lowest);
  s50 = f32x4.pmax(s50, lo); v128.store(c5, s50); s51 = f32x4.pmax(s51, lo); v128.store(c5, s51, 16);
  s40 = f32x4.pmax(s40, lo); v128.store(c4, s40); s41 = f32x4.pmax(s41, lo); v128.store(c4, s41, 16);
  s30 = f32x4.pmax(s30, lo); v128.store(c3, s30); s31 = f32x4.pmax(s31, lo); v128.store(c3, s31, 16);
  s20 = f32x4.pmax(s20, lo); v128.store(c2, s20); s21 = f32x4.pmax(s21, lo); v128.store(c2, s21, 16);
  s10 = f32x4.pmax(s10, lo); v128.store(c1, s10); s11 = f32x4.pmax(s11, lo); v128.store(c1, s11, 16);
  s00 = f32x4.pmax(s00, lo); v128.store(c, s00); s01 = f32x4.pmax(s01, lo); v128.store(c, s01, 16);
}

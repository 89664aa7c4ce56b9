import { fmadd } from './simd';

/**
 * The tile of gemm5x8 for convolutions of 4 channels a group: the panel's 8 columns are two groups side by side, of
 * which columns 0–3 read channels 0–3 at a row's address and columns 4–7 the next four. Contract as gemm5x8's, but
 *
 *   rows   each row and tap points to 8 consecutive floats
 *   panel  bias [8], then [taps · 4, 8]
 *
 * 12 loads for 10 products: loads, not arithmetic, bound it, and a sixth row would need one register more than there are.
 */
// biome-ignore format: one line per row of the register tile
export function grouped5x8(
  rows: usize, panel: usize, taps: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let s40 = s00, s41 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 32, p = end;
  for (const last = b + (end << 3) * taps; b < last; p += 4) {
    if (p === end) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      a4 = load<usize>(rows, 16);
      rows += 240;
    }
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += 32;
    s00 = fmadd(v128.load32_splat(a0 + p), b0, s00); s01 = fmadd(v128.load32_splat(a0 + p, 16), b1, s01);
    s10 = fmadd(v128.load32_splat(a1 + p), b0, s10); s11 = fmadd(v128.load32_splat(a1 + p, 16), b1, s11);
    s20 = fmadd(v128.load32_splat(a2 + p), b0, s20); s21 = fmadd(v128.load32_splat(a2 + p, 16), b1, s21);
    s30 = fmadd(v128.load32_splat(a3 + p), b0, s30); s31 = fmadd(v128.load32_splat(a3 + p, 16), b1, s31);
    s40 = fmadd(v128.load32_splat(a4 + p), b0, s40); s41 = fmadd(v128.load32_splat(a4 + p, 16), b1, s41);
  }

  const c1 = count > 1 ? c + cStride : c;
  const c2 = count > 2 ? c1 + cStride : c1;
  const c3 = count > 3 ? c2 + cStride : c2;
  const c4 = count > 4 ? c3 + cStride : c3;
  const lo = f32x4.splat(lowest); // pmax keeps a NaN sum and is one instruction; max is several
  s40 = f32x4.pmax(s40, lo); v128.store(c4, s40); s41 = f32x4.pmax(s41, lo); v128.store(c4, s41, 16);
  s30 = f32x4.pmax(s30, lo); v128.store(c3, s30); s31 = f32x4.pmax(s31, lo); v128.store(c3, s31, 16);
  s20 = f32x4.pmax(s20, lo); v128.store(c2, s20); s21 = f32x4.pmax(s21, lo); v128.store(c2, s21, 16);
  s10 = f32x4.pmax(s10, lo); v128.store(c1, s10); s11 = f32x4.pmax(s11, lo); v128.store(c1, s11, 16);
  s00 = f32x4.pmax(s00, lo); v128.store(c, s00); s01 = f32x4.pmax(s01, lo); v128.store(c, s01, 16);
}

/** grouped5x8 with 4 rows. */
// biome-ignore format: one line per row of the register tile
export function grouped4x8(
  rows: usize, panel: usize, taps: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 32, p = end;
  for (const last = b + (end << 3) * taps; b < last; p += 4) {
    if (p === end) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      rows += 240;
    }
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += 32;
    s00 = fmadd(v128.load32_splat(a0 + p), b0, s00); s01 = fmadd(v128.load32_splat(a0 + p, 16), b1, s01);
    s10 = fmadd(v128.load32_splat(a1 + p), b0, s10); s11 = fmadd(v128.load32_splat(a1 + p, 16), b1, s11);
    s20 = fmadd(v128.load32_splat(a2 + p), b0, s20); s21 = fmadd(v128.load32_splat(a2 + p, 16), b1, s21);
    s30 = fmadd(v128.load32_splat(a3 + p), b0, s30); s31 = fmadd(v128.load32_splat(a3 + p, 16), b1, s31);
  }

  const c1 = count > 1 ? c + cStride : c;
  const c2 = count > 2 ? c1 + cStride : c1;
  const c3 = count > 3 ? c2 + cStride : c2;
  const lo = f32x4.splat(lowest); // pmax keeps a NaN sum and is one instruction; max is several
  s30 = f32x4.pmax(s30, lo); v128.store(c3, s30); s31 = f32x4.pmax(s31, lo); v128.store(c3, s31, 16);
  s20 = f32x4.pmax(s20, lo); v128.store(c2, s20); s21 = f32x4.pmax(s21, lo); v128.store(c2, s21, 16);
  s10 = f32x4.pmax(s10, lo); v128.store(c1, s10); s11 = f32x4.pmax(s11, lo); v128.store(c1, s11, 16);
  s00 = f32x4.pmax(s00, lo); v128.store(c, s00); s01 = f32x4.pmax(s01, lo); v128.store(c, s01, 16);
}

import { fmadd } from './simd';

/** The tiles of gradTile.ts with 16 outputs, for engines that pair vectors: see gemm16.ts. */

/**
 * sums[6, 16] = Σ over `count` pixels of x[c .. c + 6] times dy[16].
 *
 *   rows   [count] pointers to the pixels of x; c, bytes from there to the first channel
 *   dy     [count, pixel bytes], 16 outputs of each
 */
// biome-ignore format: one line per row of the register tile
export function tile6x16(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00;
  let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  let s20 = s00, s21 = s00, s22 = s00, s23 = s00;
  let s30 = s00, s31 = s00, s32 = s00, s33 = s00;
  let s40 = s00, s41 = s00, s42 = s00, s43 = s00;
  let s50 = s00, s51 = s00, s52 = s00, s53 = s00;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows) + c;
    const b0 = v128.load(dy), b1 = v128.load(dy, 16), b2 = v128.load(dy, 32), b3 = v128.load(dy, 48);
    const x0 = v128.load32_splat(a); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01); s02 = fmadd(x0, b2, s02); s03 = fmadd(x0, b3, s03);
    const x1 = v128.load32_splat(a, 4); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11); s12 = fmadd(x1, b2, s12); s13 = fmadd(x1, b3, s13);
    const x2 = v128.load32_splat(a, 8); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21); s22 = fmadd(x2, b2, s22); s23 = fmadd(x2, b3, s23);
    const x3 = v128.load32_splat(a, 12); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31); s32 = fmadd(x3, b2, s32); s33 = fmadd(x3, b3, s33);
    const x4 = v128.load32_splat(a, 16); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41); s42 = fmadd(x4, b2, s42); s43 = fmadd(x4, b3, s43);
    const x5 = v128.load32_splat(a, 20); s50 = fmadd(x5, b0, s50); s51 = fmadd(x5, b1, s51); s52 = fmadd(x5, b2, s52); s53 = fmadd(x5, b3, s53);
  }
  v128.store(sums, s50, 320); v128.store(sums, s51, 336); v128.store(sums, s52, 352); v128.store(sums, s53, 368);
  v128.store(sums, s40, 256); v128.store(sums, s41, 272); v128.store(sums, s42, 288); v128.store(sums, s43, 304);
  v128.store(sums, s30, 192); v128.store(sums, s31, 208); v128.store(sums, s32, 224); v128.store(sums, s33, 240);
  v128.store(sums, s20, 128); v128.store(sums, s21, 144); v128.store(sums, s22, 160); v128.store(sums, s23, 176);
  v128.store(sums, s10, 64); v128.store(sums, s11, 80); v128.store(sums, s12, 96); v128.store(sums, s13, 112);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16); v128.store(sums, s02, 32); v128.store(sums, s03, 48);
}

// biome-ignore format: one line per row of the register tile
export function tile5x16(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00;
  let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  let s20 = s00, s21 = s00, s22 = s00, s23 = s00;
  let s30 = s00, s31 = s00, s32 = s00, s33 = s00;
  let s40 = s00, s41 = s00, s42 = s00, s43 = s00;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows) + c;
    const b0 = v128.load(dy), b1 = v128.load(dy, 16), b2 = v128.load(dy, 32), b3 = v128.load(dy, 48);
    const x0 = v128.load32_splat(a); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01); s02 = fmadd(x0, b2, s02); s03 = fmadd(x0, b3, s03);
    const x1 = v128.load32_splat(a, 4); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11); s12 = fmadd(x1, b2, s12); s13 = fmadd(x1, b3, s13);
    const x2 = v128.load32_splat(a, 8); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21); s22 = fmadd(x2, b2, s22); s23 = fmadd(x2, b3, s23);
    const x3 = v128.load32_splat(a, 12); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31); s32 = fmadd(x3, b2, s32); s33 = fmadd(x3, b3, s33);
    const x4 = v128.load32_splat(a, 16); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41); s42 = fmadd(x4, b2, s42); s43 = fmadd(x4, b3, s43);
  }
  v128.store(sums, s40, 256); v128.store(sums, s41, 272); v128.store(sums, s42, 288); v128.store(sums, s43, 304);
  v128.store(sums, s30, 192); v128.store(sums, s31, 208); v128.store(sums, s32, 224); v128.store(sums, s33, 240);
  v128.store(sums, s20, 128); v128.store(sums, s21, 144); v128.store(sums, s22, 160); v128.store(sums, s23, 176);
  v128.store(sums, s10, 64); v128.store(sums, s11, 80); v128.store(sums, s12, 96); v128.store(sums, s13, 112);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16); v128.store(sums, s02, 32); v128.store(sums, s03, 48);
}

/** Of fewer than 4 channels the last is read again. */
// biome-ignore format: one line per row of the register tile
export function tile4x16(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize, height: i32): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00;
  let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  let s20 = s00, s21 = s00, s22 = s00, s23 = s00;
  let s30 = s00, s31 = s00, s32 = s00, s33 = s00;
  const c1 = height > 1 ? c + 4 : c, c2 = height > 2 ? c1 + 4 : c1, c3 = height > 3 ? c2 + 4 : c2;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows);
    const b0 = v128.load(dy), b1 = v128.load(dy, 16), b2 = v128.load(dy, 32), b3 = v128.load(dy, 48);
    const x0 = v128.load32_splat(a + c); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01); s02 = fmadd(x0, b2, s02); s03 = fmadd(x0, b3, s03);
    const x1 = v128.load32_splat(a + c1); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11); s12 = fmadd(x1, b2, s12); s13 = fmadd(x1, b3, s13);
    const x2 = v128.load32_splat(a + c2); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21); s22 = fmadd(x2, b2, s22); s23 = fmadd(x2, b3, s23);
    const x3 = v128.load32_splat(a + c3); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31); s32 = fmadd(x3, b2, s32); s33 = fmadd(x3, b3, s33);
  }
  v128.store(sums, s30, 192); v128.store(sums, s31, 208); v128.store(sums, s32, 224); v128.store(sums, s33, 240);
  v128.store(sums, s20, 128); v128.store(sums, s21, 144); v128.store(sums, s22, 160); v128.store(sums, s23, 176);
  v128.store(sums, s10, 64); v128.store(sums, s11, 80); v128.store(sums, s12, 96); v128.store(sums, s13, 112);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16); v128.store(sums, s02, 32); v128.store(sums, s03, 48);
}

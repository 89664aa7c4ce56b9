import { fmadd } from './simd';

/**
 * sums[6, 8] += Σ over `count` pixels of x[c .. c + 6] times dy[8].
 *
 *   rows   [count] pointers to the pixels of x; c, bytes from there to the first channel
 *   dy     [count, pixel bytes], 8 outputs of each
 */
// biome-ignore format: one line per row of the register tile
export function tile6x8(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize): void {
  let s00 = f32x4.splat(0), s01 = s00;
  let s10 = s00, s11 = s00;
  let s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00;
  let s40 = s00, s41 = s00;
  let s50 = s00, s51 = s00;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows) + c;
    const b0 = v128.load(dy), b1 = v128.load(dy, 16);
    const x0 = v128.load32_splat(a); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a, 8); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a, 12); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
    const x4 = v128.load32_splat(a, 16); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41);
    const x5 = v128.load32_splat(a, 20); s50 = fmadd(x5, b0, s50); s51 = fmadd(x5, b1, s51);
  }
  v128.store(sums, s50, 160); v128.store(sums, s51, 176);
  v128.store(sums, s40, 128); v128.store(sums, s41, 144);
  v128.store(sums, s30, 96); v128.store(sums, s31, 112);
  v128.store(sums, s20, 64); v128.store(sums, s21, 80);
  v128.store(sums, s10, 32); v128.store(sums, s11, 48);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16);
}

// biome-ignore format: one line per row of the register tile
export function tile5x8(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize): void {
  let s00 = f32x4.splat(0), s01 = s00;
  let s10 = s00, s11 = s00;
  let s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00;
  let s40 = s00, s41 = s00;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows) + c;
    const b0 = v128.load(dy), b1 = v128.load(dy, 16);
    const x0 = v128.load32_splat(a); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a, 8); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a, 12); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
    const x4 = v128.load32_splat(a, 16); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41);
  }
  v128.store(sums, s40, 128); v128.store(sums, s41, 144);
  v128.store(sums, s30, 96); v128.store(sums, s31, 112);
  v128.store(sums, s20, 64); v128.store(sums, s21, 80);
  v128.store(sums, s10, 32); v128.store(sums, s11, 48);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16);
}

/** Of fewer than 4 channels the last is read again. */
// biome-ignore format: one line per row of the register tile
export function tile4x8(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize, height: i32): void {
  let s00 = f32x4.splat(0), s01 = s00;
  let s10 = s00, s11 = s00;
  let s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00;
  const c1 = height > 1 ? c + 4 : c, c2 = height > 2 ? c1 + 4 : c1, c3 = height > 3 ? c2 + 4 : c2;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows);
    const b0 = v128.load(dy), b1 = v128.load(dy, 16);
    const x0 = v128.load32_splat(a + c); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a + c1); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a + c2); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a + c3); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
  }
  v128.store(sums, s30, 96); v128.store(sums, s31, 112);
  v128.store(sums, s20, 64); v128.store(sums, s21, 80);
  v128.store(sums, s10, 32); v128.store(sums, s11, 48);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16);
}

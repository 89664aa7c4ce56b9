import { fmadd } from './simd';

/**
 * c = max(start + a·b, lowest) on one register tile of 6 rows × 8 columns, k ascending.
 *
 *   rows      [taps, 60]  pointers: tap t of row r starts at load(rows + (t·60 + r)·4) and runs over `run` consecutive floats
 *   panel     start [8], then b [terms, 8]: dense, 16-byte aligned, columns past N are 0
 *   terms     more than (taps − 1) · run, at most taps · run: the last tap may be cut short
 *   c         [count, 8]  rows cStride bytes apart, 16-byte aligned
 *   lowest                0 for ReLU, −Infinity for none
 *
 * The gather is the whole of im2col: what a tap's row points to is the planner's business. run ≥ 1, terms ≥ 1.
 * Row tail: 1 ≤ count ≤ 6; rows past it must still point somewhere readable, and store what the last row stores.
 *
 * Registers: 12 sums + 2 weights + 1 broadcast = 15 of x86-64's 16; without FMA the product makes it spill. V8 11 keeps the sums in
 * memory as soon as the function gets longer, and its speed falls from 61 to as little as 35 GFLOP/s. Hence
 * - one loop over k, which fetches the next tap's pointers when a run ends, and no loop over taps around it;
 * - nothing behind it but the ReLU: squeezes and additions are passes over the plane;
 * - stores last row to first, and parameters in this order: what is needed last comes by the stack.
 */
// biome-ignore format: one line per row of the register tile
export function gemm6x8(
  rows: usize, panel: usize, terms: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let s40 = s00, s41 = s01;
  let s50 = s00, s51 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0, a5: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 32, p = end;
  for (const last = b + (<usize>terms << 5); b < last; p += 4) {
    if (p === end) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      a4 = load<usize>(rows, 16);
      a5 = load<usize>(rows, 20);
      rows += 240;
    }
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += 32;
    const x0 = v128.load32_splat(a0 + p); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a1 + p); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a2 + p); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a3 + p); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
    const x4 = v128.load32_splat(a4 + p); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41);
    const x5 = v128.load32_splat(a5 + p); s50 = fmadd(x5, b0, s50); s51 = fmadd(x5, b1, s51);
  }

  const c1 = count > 1 ? c + cStride : c;
  const c2 = count > 2 ? c1 + cStride : c1;
  const c3 = count > 3 ? c2 + cStride : c2;
  const c4 = count > 4 ? c3 + cStride : c3;
  const c5 = count > 5 ? c4 + cStride : c4;
  const lo = f32x4.splat(lowest); // pmax keeps a NaN sum and is one instruction; max is several
  s50 = f32x4.pmax(s50, lo); v128.store(c5, s50); s51 = f32x4.pmax(s51, lo); v128.store(c5, s51, 16);
  s40 = f32x4.pmax(s40, lo); v128.store(c4, s40); s41 = f32x4.pmax(s41, lo); v128.store(c4, s41, 16);
  s30 = f32x4.pmax(s30, lo); v128.store(c3, s30); s31 = f32x4.pmax(s31, lo); v128.store(c3, s31, 16);
  s20 = f32x4.pmax(s20, lo); v128.store(c2, s20); s21 = f32x4.pmax(s21, lo); v128.store(c2, s21, 16);
  s10 = f32x4.pmax(s10, lo); v128.store(c1, s10); s11 = f32x4.pmax(s11, lo); v128.store(c1, s11, 16);
  s00 = f32x4.pmax(s00, lo); v128.store(c, s00); s01 = f32x4.pmax(s01, lo); v128.store(c, s01, 16);
}

/** gemm6x8 with 5 rows: 13 registers with FMA, 14 without. The widest that V8 13 does not spill without FMA. */
// biome-ignore format: one line per row of the register tile
export function gemm5x8(
  rows: usize, panel: usize, terms: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let s40 = s00, s41 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 32, p = end;
  for (const last = b + (<usize>terms << 5); b < last; p += 4) {
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
    const x0 = v128.load32_splat(a0 + p); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a1 + p); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a2 + p); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a3 + p); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
    const x4 = v128.load32_splat(a4 + p); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41);
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

/** gemm6x8 with 4 rows: 11 registers. What fits without FMA everywhere, and the tail of the higher tiles. */
// biome-ignore format: one line per row of the register tile
export function gemm4x8(
  rows: usize, panel: usize, terms: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 32, p = end;
  for (const last = b + (<usize>terms << 5); b < last; p += 4) {
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
    const x0 = v128.load32_splat(a0 + p); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a1 + p); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a2 + p); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a3 + p); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
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

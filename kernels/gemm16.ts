import { fmadd } from './simd';

/**
 * gemm6x8 with 16 columns, for engines that pair vectors (V8's revectorize): adjacent columns become one 256-bit operation each, and
 * 12 wide sums + 2 weights + 1 broadcast fill the 16 registers as 6×8 does the narrow ones. Elsewhere it spills.
 */
// biome-ignore format: one line per row of the register tile
export function gemm6x16(
  rows: usize, panel: usize, terms: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16), s02 = v128.load(panel, 32), s03 = v128.load(panel, 48);
  let s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  let s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  let s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  let s40 = s00, s41 = s01, s42 = s02, s43 = s03;
  let s50 = s00, s51 = s01, s52 = s02, s53 = s03;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0, a5: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 64, p = end;
  for (const last = b + (<usize>terms << 6); b < last; p += 4) {
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
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += 64;
    const x0 = v128.load32_splat(a0 + p); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01); s02 = fmadd(x0, b2, s02); s03 = fmadd(x0, b3, s03);
    const x1 = v128.load32_splat(a1 + p); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11); s12 = fmadd(x1, b2, s12); s13 = fmadd(x1, b3, s13);
    const x2 = v128.load32_splat(a2 + p); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21); s22 = fmadd(x2, b2, s22); s23 = fmadd(x2, b3, s23);
    const x3 = v128.load32_splat(a3 + p); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31); s32 = fmadd(x3, b2, s32); s33 = fmadd(x3, b3, s33);
    const x4 = v128.load32_splat(a4 + p); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41); s42 = fmadd(x4, b2, s42); s43 = fmadd(x4, b3, s43);
    const x5 = v128.load32_splat(a5 + p); s50 = fmadd(x5, b0, s50); s51 = fmadd(x5, b1, s51); s52 = fmadd(x5, b2, s52); s53 = fmadd(x5, b3, s53);
  }

  const c1 = count > 1 ? c + cStride : c;
  const c2 = count > 2 ? c1 + cStride : c1;
  const c3 = count > 3 ? c2 + cStride : c2;
  const c4 = count > 4 ? c3 + cStride : c3;
  const c5 = count > 5 ? c4 + cStride : c4;
  const lo = f32x4.splat(lowest); // pmax keeps a NaN sum and is one instruction; max is several
  s50 = f32x4.pmax(s50, lo); s51 = f32x4.pmax(s51, lo); s52 = f32x4.pmax(s52, lo); s53 = f32x4.pmax(s53, lo);
  v128.store(c5, s50); v128.store(c5, s51, 16); v128.store(c5, s52, 32); v128.store(c5, s53, 48);
  s40 = f32x4.pmax(s40, lo); s41 = f32x4.pmax(s41, lo); s42 = f32x4.pmax(s42, lo); s43 = f32x4.pmax(s43, lo);
  v128.store(c4, s40); v128.store(c4, s41, 16); v128.store(c4, s42, 32); v128.store(c4, s43, 48);
  s30 = f32x4.pmax(s30, lo); s31 = f32x4.pmax(s31, lo); s32 = f32x4.pmax(s32, lo); s33 = f32x4.pmax(s33, lo);
  v128.store(c3, s30); v128.store(c3, s31, 16); v128.store(c3, s32, 32); v128.store(c3, s33, 48);
  s20 = f32x4.pmax(s20, lo); s21 = f32x4.pmax(s21, lo); s22 = f32x4.pmax(s22, lo); s23 = f32x4.pmax(s23, lo);
  v128.store(c2, s20); v128.store(c2, s21, 16); v128.store(c2, s22, 32); v128.store(c2, s23, 48);
  s10 = f32x4.pmax(s10, lo); s11 = f32x4.pmax(s11, lo); s12 = f32x4.pmax(s12, lo); s13 = f32x4.pmax(s13, lo);
  v128.store(c1, s10); v128.store(c1, s11, 16); v128.store(c1, s12, 32); v128.store(c1, s13, 48);
  s00 = f32x4.pmax(s00, lo); s01 = f32x4.pmax(s01, lo); s02 = f32x4.pmax(s02, lo); s03 = f32x4.pmax(s03, lo);
  v128.store(c, s00); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
}

/** gemm6x16 with 5 rows: the widest that paired vectors hold without FMA. */
// biome-ignore format: one line per row of the register tile
export function gemm5x16(
  rows: usize, panel: usize, terms: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16), s02 = v128.load(panel, 32), s03 = v128.load(panel, 48);
  let s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  let s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  let s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  let s40 = s00, s41 = s01, s42 = s02, s43 = s03;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 64, p = end;
  for (const last = b + (<usize>terms << 6); b < last; p += 4) {
    if (p === end) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      a4 = load<usize>(rows, 16);
      rows += 240;
    }
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += 64;
    const x0 = v128.load32_splat(a0 + p); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01); s02 = fmadd(x0, b2, s02); s03 = fmadd(x0, b3, s03);
    const x1 = v128.load32_splat(a1 + p); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11); s12 = fmadd(x1, b2, s12); s13 = fmadd(x1, b3, s13);
    const x2 = v128.load32_splat(a2 + p); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21); s22 = fmadd(x2, b2, s22); s23 = fmadd(x2, b3, s23);
    const x3 = v128.load32_splat(a3 + p); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31); s32 = fmadd(x3, b2, s32); s33 = fmadd(x3, b3, s33);
    const x4 = v128.load32_splat(a4 + p); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41); s42 = fmadd(x4, b2, s42); s43 = fmadd(x4, b3, s43);
  }

  const c1 = count > 1 ? c + cStride : c;
  const c2 = count > 2 ? c1 + cStride : c1;
  const c3 = count > 3 ? c2 + cStride : c2;
  const c4 = count > 4 ? c3 + cStride : c3;
  const lo = f32x4.splat(lowest); // pmax keeps a NaN sum and is one instruction; max is several
  s40 = f32x4.pmax(s40, lo); s41 = f32x4.pmax(s41, lo); s42 = f32x4.pmax(s42, lo); s43 = f32x4.pmax(s43, lo);
  v128.store(c4, s40); v128.store(c4, s41, 16); v128.store(c4, s42, 32); v128.store(c4, s43, 48);
  s30 = f32x4.pmax(s30, lo); s31 = f32x4.pmax(s31, lo); s32 = f32x4.pmax(s32, lo); s33 = f32x4.pmax(s33, lo);
  v128.store(c3, s30); v128.store(c3, s31, 16); v128.store(c3, s32, 32); v128.store(c3, s33, 48);
  s20 = f32x4.pmax(s20, lo); s21 = f32x4.pmax(s21, lo); s22 = f32x4.pmax(s22, lo); s23 = f32x4.pmax(s23, lo);
  v128.store(c2, s20); v128.store(c2, s21, 16); v128.store(c2, s22, 32); v128.store(c2, s23, 48);
  s10 = f32x4.pmax(s10, lo); s11 = f32x4.pmax(s11, lo); s12 = f32x4.pmax(s12, lo); s13 = f32x4.pmax(s13, lo);
  v128.store(c1, s10); v128.store(c1, s11, 16); v128.store(c1, s12, 32); v128.store(c1, s13, 48);
  s00 = f32x4.pmax(s00, lo); s01 = f32x4.pmax(s01, lo); s02 = f32x4.pmax(s02, lo); s03 = f32x4.pmax(s03, lo);
  v128.store(c, s00); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
}

/** gemm6x16 with 4 rows: the tail of the higher tiles. */
// biome-ignore format: one line per row of the register tile
export function gemm4x16(
  rows: usize, panel: usize, terms: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16), s02 = v128.load(panel, 32), s03 = v128.load(panel, 48);
  let s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  let s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  let s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0;
  const end = <usize>run << 2;
  let b = panel + 64, p = end;
  for (const last = b + (<usize>terms << 6); b < last; p += 4) {
    if (p === end) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      rows += 240;
    }
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += 64;
    const x0 = v128.load32_splat(a0 + p); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01); s02 = fmadd(x0, b2, s02); s03 = fmadd(x0, b3, s03);
    const x1 = v128.load32_splat(a1 + p); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11); s12 = fmadd(x1, b2, s12); s13 = fmadd(x1, b3, s13);
    const x2 = v128.load32_splat(a2 + p); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21); s22 = fmadd(x2, b2, s22); s23 = fmadd(x2, b3, s23);
    const x3 = v128.load32_splat(a3 + p); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31); s32 = fmadd(x3, b2, s32); s33 = fmadd(x3, b3, s33);
  }

  const c1 = count > 1 ? c + cStride : c;
  const c2 = count > 2 ? c1 + cStride : c1;
  const c3 = count > 3 ? c2 + cStride : c2;
  const lo = f32x4.splat(lowest); // pmax keeps a NaN sum and is one instruction; max is several
  s30 = f32x4.pmax(s30, lo); s31 = f32x4.pmax(s31, lo); s32 = f32x4.pmax(s32, lo); s33 = f32x4.pmax(s33, lo);
  v128.store(c3, s30); v128.store(c3, s31, 16); v128.store(c3, s32, 32); v128.store(c3, s33, 48);
  s20 = f32x4.pmax(s20, lo); s21 = f32x4.pmax(s21, lo); s22 = f32x4.pmax(s22, lo); s23 = f32x4.pmax(s23, lo);
  v128.store(c2, s20); v128.store(c2, s21, 16); v128.store(c2, s22, 32); v128.store(c2, s23, 48);
  s10 = f32x4.pmax(s10, lo); s11 = f32x4.pmax(s11, lo); s12 = f32x4.pmax(s12, lo); s13 = f32x4.pmax(s13, lo);
  v128.store(c1, s10); v128.store(c1, s11, 16); v128.store(c1, s12, 32); v128.store(c1, s13, 48);
  s00 = f32x4.pmax(s00, lo); s01 = f32x4.pmax(s01, lo); s02 = f32x4.pmax(s02, lo); s03 = f32x4.pmax(s03, lo);
  v128.store(c, s00); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
}

// Written by tooling/tiles.js.
import { dot } from './products';

/**
 * c = start + a·b on one register tile of 6 rows × 8 columns, four terms a step.
 *
 *   rows    [taps, 60]  pointers: tap t of row r starts at load(rows + (t·60 + r)·4) and runs over `run` bytes from 0 to 127, a multiple of 4
 *   panel   start [8] i32, 8 words that the tile leaves alone, then b [terms / 4, 8, 4] i8: four terms of a column side by side
 *   terms   taps · run
 *   c       [6, 8] i32, dense
 *
 * All rows are stored: one past the block's last must point somewhere readable, and have room. Stores run last row to first: see gemm.ts.
 */
export function dot6x8(rows: usize, panel: usize, terms: i32, run: i32, c: usize): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let s40 = s00, s41 = s01;
  let s50 = s00, s51 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0, a5: usize = 0;
  let b = panel + 64, p = <usize>run;
  for (const last = b + (<usize>terms << 3); b < last; p += 4) {
    if (p === <usize>run) {
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
    const x0 = v128.load32_splat(a0 + p); s00 = dot(b0, x0, s00); s01 = dot(b1, x0, s01);
    const x1 = v128.load32_splat(a1 + p); s10 = dot(b0, x1, s10); s11 = dot(b1, x1, s11);
    const x2 = v128.load32_splat(a2 + p); s20 = dot(b0, x2, s20); s21 = dot(b1, x2, s21);
    const x3 = v128.load32_splat(a3 + p); s30 = dot(b0, x3, s30); s31 = dot(b1, x3, s31);
    const x4 = v128.load32_splat(a4 + p); s40 = dot(b0, x4, s40); s41 = dot(b1, x4, s41);
    const x5 = v128.load32_splat(a5 + p); s50 = dot(b0, x5, s50); s51 = dot(b1, x5, s51);
  }

  v128.store(c, s50, 160); v128.store(c, s51, 176);
  v128.store(c, s40, 128); v128.store(c, s41, 144);
  v128.store(c, s30, 96); v128.store(c, s31, 112);
  v128.store(c, s20, 64); v128.store(c, s21, 80);
  v128.store(c, s10, 32); v128.store(c, s11, 48);
  v128.store(c, s00, 0); v128.store(c, s01, 16);
}

/** dot6x8 with 5 rows. */
export function dot5x8(rows: usize, panel: usize, terms: i32, run: i32, c: usize): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let s40 = s00, s41 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0;
  let b = panel + 64, p = <usize>run;
  for (const last = b + (<usize>terms << 3); b < last; p += 4) {
    if (p === <usize>run) {
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
    const x0 = v128.load32_splat(a0 + p); s00 = dot(b0, x0, s00); s01 = dot(b1, x0, s01);
    const x1 = v128.load32_splat(a1 + p); s10 = dot(b0, x1, s10); s11 = dot(b1, x1, s11);
    const x2 = v128.load32_splat(a2 + p); s20 = dot(b0, x2, s20); s21 = dot(b1, x2, s21);
    const x3 = v128.load32_splat(a3 + p); s30 = dot(b0, x3, s30); s31 = dot(b1, x3, s31);
    const x4 = v128.load32_splat(a4 + p); s40 = dot(b0, x4, s40); s41 = dot(b1, x4, s41);
  }

  v128.store(c, s40, 128); v128.store(c, s41, 144);
  v128.store(c, s30, 96); v128.store(c, s31, 112);
  v128.store(c, s20, 64); v128.store(c, s21, 80);
  v128.store(c, s10, 32); v128.store(c, s11, 48);
  v128.store(c, s00, 0); v128.store(c, s01, 16);
}

/** dot6x8 with 4 rows. */
export function dot4x8(rows: usize, panel: usize, terms: i32, run: i32, c: usize): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16);
  let s10 = s00, s11 = s01;
  let s20 = s00, s21 = s01;
  let s30 = s00, s31 = s01;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0;
  let b = panel + 64, p = <usize>run;
  for (const last = b + (<usize>terms << 3); b < last; p += 4) {
    if (p === <usize>run) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      rows += 240;
    }
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += 32;
    const x0 = v128.load32_splat(a0 + p); s00 = dot(b0, x0, s00); s01 = dot(b1, x0, s01);
    const x1 = v128.load32_splat(a1 + p); s10 = dot(b0, x1, s10); s11 = dot(b1, x1, s11);
    const x2 = v128.load32_splat(a2 + p); s20 = dot(b0, x2, s20); s21 = dot(b1, x2, s21);
    const x3 = v128.load32_splat(a3 + p); s30 = dot(b0, x3, s30); s31 = dot(b1, x3, s31);
  }

  v128.store(c, s30, 96); v128.store(c, s31, 112);
  v128.store(c, s20, 64); v128.store(c, s21, 80);
  v128.store(c, s10, 32); v128.store(c, s11, 48);
  v128.store(c, s00, 0); v128.store(c, s01, 16);
}

/** dot6x8 with 6 rows of 16 columns. */
export function dot6x16(rows: usize, panel: usize, terms: i32, run: i32, c: usize): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16), s02 = v128.load(panel, 32), s03 = v128.load(panel, 48);
  let s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  let s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  let s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  let s40 = s00, s41 = s01, s42 = s02, s43 = s03;
  let s50 = s00, s51 = s01, s52 = s02, s53 = s03;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0, a5: usize = 0;
  let b = panel + 128, p = <usize>run;
  for (const last = b + (<usize>terms << 4); b < last; p += 4) {
    if (p === <usize>run) {
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
    const x0 = v128.load32_splat(a0 + p); s00 = dot(b0, x0, s00); s01 = dot(b1, x0, s01); s02 = dot(b2, x0, s02); s03 = dot(b3, x0, s03);
    const x1 = v128.load32_splat(a1 + p); s10 = dot(b0, x1, s10); s11 = dot(b1, x1, s11); s12 = dot(b2, x1, s12); s13 = dot(b3, x1, s13);
    const x2 = v128.load32_splat(a2 + p); s20 = dot(b0, x2, s20); s21 = dot(b1, x2, s21); s22 = dot(b2, x2, s22); s23 = dot(b3, x2, s23);
    const x3 = v128.load32_splat(a3 + p); s30 = dot(b0, x3, s30); s31 = dot(b1, x3, s31); s32 = dot(b2, x3, s32); s33 = dot(b3, x3, s33);
    const x4 = v128.load32_splat(a4 + p); s40 = dot(b0, x4, s40); s41 = dot(b1, x4, s41); s42 = dot(b2, x4, s42); s43 = dot(b3, x4, s43);
    const x5 = v128.load32_splat(a5 + p); s50 = dot(b0, x5, s50); s51 = dot(b1, x5, s51); s52 = dot(b2, x5, s52); s53 = dot(b3, x5, s53);
  }

  v128.store(c, s50, 320); v128.store(c, s51, 336); v128.store(c, s52, 352); v128.store(c, s53, 368);
  v128.store(c, s40, 256); v128.store(c, s41, 272); v128.store(c, s42, 288); v128.store(c, s43, 304);
  v128.store(c, s30, 192); v128.store(c, s31, 208); v128.store(c, s32, 224); v128.store(c, s33, 240);
  v128.store(c, s20, 128); v128.store(c, s21, 144); v128.store(c, s22, 160); v128.store(c, s23, 176);
  v128.store(c, s10, 64); v128.store(c, s11, 80); v128.store(c, s12, 96); v128.store(c, s13, 112);
  v128.store(c, s00, 0); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
}

/** dot6x8 with 5 rows of 16 columns. */
export function dot5x16(rows: usize, panel: usize, terms: i32, run: i32, c: usize): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16), s02 = v128.load(panel, 32), s03 = v128.load(panel, 48);
  let s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  let s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  let s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  let s40 = s00, s41 = s01, s42 = s02, s43 = s03;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0, a4: usize = 0;
  let b = panel + 128, p = <usize>run;
  for (const last = b + (<usize>terms << 4); b < last; p += 4) {
    if (p === <usize>run) {
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
    const x0 = v128.load32_splat(a0 + p); s00 = dot(b0, x0, s00); s01 = dot(b1, x0, s01); s02 = dot(b2, x0, s02); s03 = dot(b3, x0, s03);
    const x1 = v128.load32_splat(a1 + p); s10 = dot(b0, x1, s10); s11 = dot(b1, x1, s11); s12 = dot(b2, x1, s12); s13 = dot(b3, x1, s13);
    const x2 = v128.load32_splat(a2 + p); s20 = dot(b0, x2, s20); s21 = dot(b1, x2, s21); s22 = dot(b2, x2, s22); s23 = dot(b3, x2, s23);
    const x3 = v128.load32_splat(a3 + p); s30 = dot(b0, x3, s30); s31 = dot(b1, x3, s31); s32 = dot(b2, x3, s32); s33 = dot(b3, x3, s33);
    const x4 = v128.load32_splat(a4 + p); s40 = dot(b0, x4, s40); s41 = dot(b1, x4, s41); s42 = dot(b2, x4, s42); s43 = dot(b3, x4, s43);
  }

  v128.store(c, s40, 256); v128.store(c, s41, 272); v128.store(c, s42, 288); v128.store(c, s43, 304);
  v128.store(c, s30, 192); v128.store(c, s31, 208); v128.store(c, s32, 224); v128.store(c, s33, 240);
  v128.store(c, s20, 128); v128.store(c, s21, 144); v128.store(c, s22, 160); v128.store(c, s23, 176);
  v128.store(c, s10, 64); v128.store(c, s11, 80); v128.store(c, s12, 96); v128.store(c, s13, 112);
  v128.store(c, s00, 0); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
}

/** dot6x8 with 4 rows of 16 columns. */
export function dot4x16(rows: usize, panel: usize, terms: i32, run: i32, c: usize): void {
  let s00 = v128.load(panel), s01 = v128.load(panel, 16), s02 = v128.load(panel, 32), s03 = v128.load(panel, 48);
  let s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  let s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  let s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  let a0: usize = 0, a1: usize = 0, a2: usize = 0, a3: usize = 0;
  let b = panel + 128, p = <usize>run;
  for (const last = b + (<usize>terms << 4); b < last; p += 4) {
    if (p === <usize>run) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      rows += 240;
    }
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    b += 64;
    const x0 = v128.load32_splat(a0 + p); s00 = dot(b0, x0, s00); s01 = dot(b1, x0, s01); s02 = dot(b2, x0, s02); s03 = dot(b3, x0, s03);
    const x1 = v128.load32_splat(a1 + p); s10 = dot(b0, x1, s10); s11 = dot(b1, x1, s11); s12 = dot(b2, x1, s12); s13 = dot(b3, x1, s13);
    const x2 = v128.load32_splat(a2 + p); s20 = dot(b0, x2, s20); s21 = dot(b1, x2, s21); s22 = dot(b2, x2, s22); s23 = dot(b3, x2, s23);
    const x3 = v128.load32_splat(a3 + p); s30 = dot(b0, x3, s30); s31 = dot(b1, x3, s31); s32 = dot(b2, x3, s32); s33 = dot(b3, x3, s33);
  }

  v128.store(c, s30, 192); v128.store(c, s31, 208); v128.store(c, s32, 224); v128.store(c, s33, 240);
  v128.store(c, s20, 128); v128.store(c, s21, 144); v128.store(c, s22, 160); v128.store(c, s23, 176);
  v128.store(c, s10, 64); v128.store(c, s11, 80); v128.store(c, s12, 96); v128.store(c, s13, 112);
  v128.store(c, s00, 0); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
}

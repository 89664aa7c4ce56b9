import { BLOCK } from '../gather';

/** Bytes from a tap's pointers to the next one's. */
const NEXT_TAP: usize = BLOCK * 4;

/**
 * c = start + a·b on 4 rows × 4 columns, for bytes from 0 to 255 and weights from −128 to 127: by 16-bit products, whose sums of two are exact in 32 bits.
 *
 *   rows, terms, run  as dots6x8's, but of any bytes
 *   panel    start [4] i32
 *   b        weights [terms / 4, columns, 4] i8, of which 4 columns count; `wide` bytes from a step to the next
 *   c        [4, columns] i32, `wide` bytes a row
 *
 * A vector of 8 products of 16 bits has two columns, and of each the sums of even and of odd pairs: they are added behind the loop. 8 sums + 4 rows +
 * 2 weights + a product.
 */
export function wide4x4(rows: usize, panel: usize, b: usize, terms: i32, run: i32, c: usize, wide: usize): void {
  let s00 = i32x4.splat(0),
    s01 = s00;
  let s10 = s00,
    s11 = s00;
  let s20 = s00,
    s21 = s00;
  let s30 = s00,
    s31 = s00;
  let a0: usize = 0,
    a1: usize = 0,
    a2: usize = 0,
    a3: usize = 0;
  let p = <usize>run;
  for (let left = terms; left > 0; left -= 4, p += 4) {
    if (p === <usize>run) {
      p = 0;
      a0 = load<usize>(rows);
      a1 = load<usize>(rows, 4);
      a2 = load<usize>(rows, 8);
      a3 = load<usize>(rows, 12);
      rows += NEXT_TAP;
    }
    const w0 = v128.load8x8_s(b),
      w1 = v128.load8x8_s(b, 8);
    b += wide;
    const x0 = i16x8.extend_low_i8x16_u(v128.load32_splat(a0 + p));
    const x1 = i16x8.extend_low_i8x16_u(v128.load32_splat(a1 + p));
    const x2 = i16x8.extend_low_i8x16_u(v128.load32_splat(a2 + p));
    const x3 = i16x8.extend_low_i8x16_u(v128.load32_splat(a3 + p));
    s00 = add(s00, w0, x0);
    s01 = add(s01, w1, x0);
    s10 = add(s10, w0, x1);
    s11 = add(s11, w1, x1);
    s20 = add(s20, w0, x2);
    s21 = add(s21, w1, x2);
    s30 = add(s30, w0, x3);
    s31 = add(s31, w1, x3);
  }
  const start = v128.load(panel);
  v128.store(c + 3 * wide, i32x4.add(start, folded(s30, s31)));
  v128.store(c + 2 * wide, i32x4.add(start, folded(s20, s21)));
  v128.store(c + wide, i32x4.add(start, folded(s10, s11)));
  v128.store(c, i32x4.add(start, folded(s00, s01)));
}

/** sums + products of pairs. */
export function add(sums: v128, weights: v128, bytes: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(weights, bytes));
}

/** Sums of neighbours: [l0 + l1, l2 + l3, h0 + h1, h2 + h3]. */
export function folded(l: v128, h: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(l, h, 0, 2, 4, 6), v128.shuffle<i32>(l, h, 1, 3, 5, 7));
}

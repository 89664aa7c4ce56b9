import { BLOCK } from '../gather';
import { DOTS, Dots, PAIRS, Pairs, products } from './products';
import { add, folded } from './wide';

/** Bytes from a tap's pointers to the next one's. */
const NEXT_TAP: usize = BLOCK * 4;

/**
 * c = start + Σ_t a_t · w_t on one row of 16 channels, each with its own filter; four taps a step.
 *
 *   rows    [taps, 60]  pointers: channel 0 of tap t is at load(rows + t·240), 16-byte aligned
 *   at      bytes from there to the first channel
 *   panel   start [16] i32, 16 words that the tile leaves alone, then w [taps / 4, 16, 4] i8: four taps of a channel side by side
 *   taps    a multiple of 4; those that only fill up have weights of 0, and lead somewhere readable
 *   c       [16] i32
 *   form    which products: see conv8
 */
export function depthwise16(rows: usize, at: usize, panel: usize, taps: i32, c: usize, form: i32): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (form === DOTS) narrow16<Dots>(rows, at, panel, taps, c);
    else if (form === PAIRS) narrow16<Pairs>(rows, at, panel, taps, c);
    else wide16(rows, at, panel, taps, c);
  } else wide16(rows, at, panel, taps, c);
}

function narrow16<Form>(rows: usize, at: usize, panel: usize, taps: i32, c: usize): void {
  let s0 = v128.load(panel),
    s1 = v128.load(panel, 16),
    s2 = v128.load(panel, 32),
    s3 = v128.load(panel, 48);
  for (let b = panel + 128, left = taps; left > 0; left -= 4, b += 64, rows += 4 * NEXT_TAP) {
    const x0 = tap(rows, at),
      x1 = tap(rows + NEXT_TAP, at),
      x2 = tap(rows + 2 * NEXT_TAP, at),
      x3 = tap(rows + 3 * NEXT_TAP, at);
    const l01 = low8(x0, x1),
      l23 = low8(x2, x3),
      h01 = high8(x0, x1),
      h23 = high8(x2, x3);
    s0 = products<Form>(v128.load(b), low16(l01, l23), s0);
    s1 = products<Form>(v128.load(b, 16), high16(l01, l23), s1);
    s2 = products<Form>(v128.load(b, 32), low16(h01, h23), s2);
    s3 = products<Form>(v128.load(b, 48), high16(h01, h23), s3);
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
}

/** 16-bit products of any bytes, eight channels after the other eight: see wide4x4. */
function wide16(rows: usize, at: usize, panel: usize, taps: i32, c: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    let s0 = i32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    let from = rows;
    for (let b = panel + 128 + 32 * half, left = taps; left > 0; left -= 4, b += 64, from += 4 * NEXT_TAP) {
      const x0 = eight(from, at + 8 * half),
        x1 = eight(from + NEXT_TAP, at + 8 * half);
      const x2 = eight(from + 2 * NEXT_TAP, at + 8 * half),
        x3 = eight(from + 3 * NEXT_TAP, at + 8 * half);
      const l01 = low8(x0, x1),
        l23 = low8(x2, x3);
      const l = low16(l01, l23),
        h = high16(l01, l23);
      s0 = add(s0, v128.load8x8_s(b), i16x8.extend_low_i8x16_u(l));
      s1 = add(s1, v128.load8x8_s(b, 8), i16x8.extend_high_i8x16_u(l));
      s2 = add(s2, v128.load8x8_s(b, 16), i16x8.extend_low_i8x16_u(h));
      s3 = add(s3, v128.load8x8_s(b, 24), i16x8.extend_high_i8x16_u(h));
    }
    const start = panel + 32 * half,
      to = c + 32 * half;
    v128.store(to, i32x4.add(v128.load(start), folded(s0, s1)));
    v128.store(to, i32x4.add(v128.load(start, 16), folded(s2, s3)), 16);
  }
}

/** 16 channels of one tap. */
function tap(pointer: usize, at: usize): v128 {
  return v128.load(load<usize>(pointer) + at);
}

/** 8 channels of one tap. */
function eight(pointer: usize, at: usize): v128 {
  return v128.load64_zero(load<usize>(pointer) + at);
}

/** Bytes, or pairs of them, of the lower or the upper halves in turn. */
function low8(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
function high8(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
function low16(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
function high16(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

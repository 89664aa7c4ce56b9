import { BLOCK } from '../gather';
import { DOTS, Dots, PAIRS, Pairs, products } from './products';
import { add, folded } from './wide';

/** Bytes from a tap's pointers to the next one's. */
const NEXT_TAP: usize = BLOCK * 4;

/**
 * c = start + a·b on one row of 16 outputs, which are four groups of four channels in and out; a tap a step.
 *
 *   rows    [taps, 60]  pointers: the 16 channels of tap t are at load(rows + t·240)
 *   panel   start [16] i32, 16 words that the tile leaves alone, then b [taps, 4, 4, 4] i8: of each output of a group, by the groups, its four channels'
 *   taps    ≥ 1
 *   c       [16] i32
 *   form    which products: see conv8
 *
 * A vector of sums is the same output of all four groups, so that what it is multiplied with is 16 bytes as they lie in memory. Behind the loop they are
 * turned into the order of the channels.
 */
export function grouped16(rows: usize, panel: usize, taps: i32, c: usize, form: i32): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (form === DOTS) narrow16<Dots>(rows, panel, taps, c);
    else if (form === PAIRS) narrow16<Pairs>(rows, panel, taps, c);
    else wide16(rows, panel, taps, c);
  } else wide16(rows, panel, taps, c);
}

function narrow16<Form>(rows: usize, panel: usize, taps: i32, c: usize): void {
  let s0 = i32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  for (let b = panel + 128, end = b + ((<usize>taps) << 6); b < end; b += 64, rows += NEXT_TAP) {
    const x = v128.load(load<usize>(rows));
    s0 = products<Form>(v128.load(b), x, s0);
    s1 = products<Form>(v128.load(b, 16), x, s1);
    s2 = products<Form>(v128.load(b, 32), x, s2);
    s3 = products<Form>(v128.load(b, 48), x, s3);
  }
  turn(s0, s1, s2, s3, panel, c);
}

/** 16-bit products of any bytes: see wide4x4. */
function wide16(rows: usize, panel: usize, taps: i32, c: usize): void {
  let l0 = i32x4.splat(0),
    l1 = l0,
    l2 = l0,
    l3 = l0;
  let h0 = l0,
    h1 = l0,
    h2 = l0,
    h3 = l0;
  for (let b = panel + 128, end = b + ((<usize>taps) << 6); b < end; b += 64, rows += NEXT_TAP) {
    const x = v128.load(load<usize>(rows));
    const l = i16x8.extend_low_i8x16_u(x),
      h = i16x8.extend_high_i8x16_u(x);
    l0 = add(l0, v128.load8x8_s(b), l);
    h0 = add(h0, v128.load8x8_s(b, 8), h);
    l1 = add(l1, v128.load8x8_s(b, 16), l);
    h1 = add(h1, v128.load8x8_s(b, 24), h);
    l2 = add(l2, v128.load8x8_s(b, 32), l);
    h2 = add(h2, v128.load8x8_s(b, 40), h);
    l3 = add(l3, v128.load8x8_s(b, 48), l);
    h3 = add(h3, v128.load8x8_s(b, 56), h);
  }
  turn(folded(l0, h0), folded(l1, h1), folded(l2, h2), folded(l3, h3), panel, c);
}

/** c[4g + j] = start[4g + j] + s_j[g]. */
function turn(s0: v128, s1: v128, s2: v128, s3: v128, start: usize, c: usize): void {
  const l01 = v128.shuffle<i32>(s0, s1, 0, 4, 1, 5),
    l23 = v128.shuffle<i32>(s2, s3, 0, 4, 1, 5);
  const h01 = v128.shuffle<i32>(s0, s1, 2, 6, 3, 7),
    h23 = v128.shuffle<i32>(s2, s3, 2, 6, 3, 7);
  v128.store(c, i32x4.add(v128.load(start), v128.shuffle<i64>(l01, l23, 0, 2)));
  v128.store(c, i32x4.add(v128.load(start, 16), v128.shuffle<i64>(l01, l23, 1, 3)), 16);
  v128.store(c, i32x4.add(v128.load(start, 32), v128.shuffle<i64>(h01, h23, 0, 2)), 32);
  v128.store(c, i32x4.add(v128.load(start, 48), v128.shuffle<i64>(h01, h23, 1, 3)), 48);
}

/** Forms of products: see `conv8`. */
export const PAIRS = 1;
export const DOTS = 2;

/**
 * sums + four products a lane, of weights from −128 to 127 and bytes from 0 to 127: there every engine is exact. Of bytes above, x86 makes something else
 * than Arm.
 */
export function dot(weights: v128, bytes: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, bytes, sums);
  return sums; // never called: the strict build has tiles of wide.ts alone
}

/** The same in three steps. Two products are 2 · 127 · 128 at most, less than 2¹⁵. V8 11 drops the sums of the one-step form before it optimises a function. */
export function pair(weights: v128, bytes: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(weights, bytes)));
  return sums; // as above
}

/** A form as a type, by its size: a loop of either form is written once. */
export type Dots = i32;
export type Pairs = i64;

/** `dot` or `pair`. */
export function products<Form>(weights: v128, bytes: v128, sums: v128): v128 {
  return sizeof<Form>() === sizeof<Dots>() ? dot(weights, bytes, sums) : pair(weights, bytes, sums);
}

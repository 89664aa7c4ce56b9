/** 1.5 · 2²³: a float of this size has no digits behind the point, and the lowest bits of its pattern are those of the whole number added to it. */
const SHIFTER: f32 = 12582912;
const SHIFTER_BITS: i32 = 0x4b400000;

/**
 * y = clip(round(c · factors) + zero): 8 columns of `size` rows of sums. Each sum is rounded to float32, then its product; the rounding to whole numbers is half to
 * even, before the zero point is added.
 *
 *   c        [size, 8] i32, rows `wide` bytes apart
 *   factors  [8] f32
 *   y        [size, 8] bytes, rows `pixel` bytes apart
 *   zero, lowest, highest  0 to 255; lowest ≤ highest
 */
// biome-ignore format: the ABI by its kinds
export function storeBytes(
  c: usize, wide: usize, factors: usize, y: usize, pixel: usize, size: i32, zero: i32, lowest: i32, highest: i32,
): void {
  const f0 = v128.load(factors), f1 = v128.load(factors, 16);
  const low = limitOf(lowest, zero), high = limitOf(highest, zero), shifter = shifterOf(), offset = offsetOf(zero);
  for (const end = c + <usize>size * wide; c < end; c += wide, y += pixel) {
    const a = f32x4.mul(f32x4.convert_i32x4_s(v128.load(c)), f0);
    const b = f32x4.mul(f32x4.convert_i32x4_s(v128.load(c, 16)), f1);
    v128.store64_lane(y, narrow(rounded(a, low, high, shifter, offset), rounded(b, low, high, shifter, offset)), 0);
  }
}

/** y = c · factors, each sum rounded to float32, then its product: 8 columns of `size` rows. */
export function storeFloats(c: usize, wide: usize, factors: usize, y: usize, pixel: usize, size: i32): void {
  const f0 = v128.load(factors),
    f1 = v128.load(factors, 16);
  for (const end = c + <usize>size * wide; c < end; c += wide, y += pixel) {
    v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(v128.load(c)), f0));
    v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(v128.load(c, 16)), f1), 16);
  }
}

/** y = c. */
export function storeSums(c: usize, wide: usize, y: usize, pixel: usize, size: i32): void {
  for (const end = c + <usize>size * wide; c < end; c += wide, y += pixel) {
    v128.store(y, v128.load(c));
    v128.store(y, v128.load(c, 16), 16);
  }
}

/**
 * The nearest whole numbers, of two ties the even one, from `low` to `high`, with the zero point added. Limits are whole, so that it is the same to clip before; then the
 * sum with the shifter is exact but for the digits behind the point. `offset` is the zero point less the shifter's pattern.
 */
export function rounded(r: v128, low: v128, high: v128, shifter: v128, offset: v128): v128 {
  return i32x4.add(f32x4.add(f32x4.pmin(f32x4.pmax(r, low), high), shifter), offset);
}

/** The constants of `rounded`. */
export function limitOf(lowest: i32, zero: i32): v128 {
  return f32x4.splat(<f32>(lowest - zero));
}
export function shifterOf(): v128 {
  return f32x4.splat(SHIFTER);
}
export function offsetOf(zero: i32): v128 {
  return i32x4.splat(zero - SHIFTER_BITS);
}

/** Eight whole numbers from 0 to 255 as bytes, twice. */
export function narrow(a: v128, b: v128): v128 {
  const words = i16x8.narrow_i32x4_s(a, b);
  return i8x16.narrow_i16x8_u(words, words);
}

/** 0 for NaN. */
export function numbers(r: v128): v128 {
  return v128.and(r, f32x4.eq(r, r));
}

/** Four of eight 16-bit numbers, in float32. */
export function lowFloats(a: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(a));
}
export function highFloats(a: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(a));
}

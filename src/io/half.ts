/**
 * The two 16-bit formats that checkpoints use. A half is IEEE 754 binary16: sign, 5 exponent bits (bias 15), 10 fraction bits.
 * A bfloat16 is the upper half of a float32. Every value of either is a float32, so reading is exact.
 */

/** Halves, given as bit patterns, as float32. */
export function floatsFromHalves(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const negative = half >> 15;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) {
      floats[i] = (negative ? -fraction : fraction) * 2 ** -24; // zero, or subnormal: no implicit leading 1
    } else {
      // Bias 15 becomes 127; the top exponent, of infinity and NaN, stays the top one.
      bits[i] = (negative << 31) | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
    }
  }
  return floats;
}

/**
 * The nearest halves of the values, ties to even, as bit patterns. Rounds once, whether the values are float32 or float64.
 * From 65520 on that is infinity; every NaN becomes 0x7e00.
 */
export function halvesFromFloats(values: Float32Array | Float64Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  const magnitude = new Float64Array(1);
  const words = new Uint32Array(magnitude.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    magnitude[0] = Math.abs(value);
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    halves[i] = sign | magnitudeBits(magnitude[0], (words[1] as number) >>> 20);
  }
  return halves;
}

/** `biased` is the float64 exponent of the magnitude: halves have steps of 2^(e − 10) from 2^e on, and of 2^−24 below 2^−14. */
function magnitudeBits(magnitude: number, biased: number): number {
  if (Number.isNaN(magnitude)) return 0x7e00;
  if (magnitude >= 65520) return 0x7c00;
  const exponent = Math.max(biased - 1023, -14);
  const steps = magnitude * 2 ** (10 - exponent); // exact, below 2048
  const whole = steps + 2 ** 52 - 2 ** 52; //        float64 has no fraction bits up there, so adding rounds, to even
  return ((exponent + 14) << 10) + whole; //         the leading 1 of a normal number, and a carry, add to the exponent
}

/** bfloat16 bit patterns as float32. */
export function floatsFromBfloats(bfloats: Uint16Array): Float32Array {
  const floats = new Float32Array(bfloats.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < bfloats.length; i++) bits[i] = (bfloats[i] as number) << 16;
  return floats;
}

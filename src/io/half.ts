/**
 * The two 16-bit formats that checkpoints use. A half is IEEE 754 binary16: sign, 5 exponent bits (bias 15), 10 fraction bits.
 * A bfloat16 is the upper half of a float32. Every value of either is a float32, so reading is exact.
 */

/** The engine's own halves, which Node 24 and browsers of 2025 have: by them megabytes take a millisecond before anything is compiled. */
const { Float16Array: OwnHalves } = globalThis as {
  readonly Float16Array?: new (buffer: ArrayBufferLike, at: number, length: number) => ArrayLike<number>;
};

/** Halves, given as bit patterns, as float32. Which NaN a NaN becomes is left to the engine. */
export function floatsFromHalves(halves: Uint16Array): Float32Array {
  return OwnHalves === undefined ? computed(halves) : new Float32Array(new OwnHalves(halves.buffer, halves.byteOffset, halves.length));
}

function computed(halves: Uint16Array): Float32Array {
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

/** A 16-bit format: steps of 2^(e − fraction) from 2^e on, and of 2^(least − fraction) below 2^least. */
interface Format {
  readonly fraction: number;
  readonly least: number;
  /** From here on values round to infinity. */
  readonly overflow: number;
  readonly infinity: number;
  readonly nan: number;
}

const half: Format = { fraction: 10, least: -14, overflow: 65520, infinity: 0x7c00, nan: 0x7e00 };
const bfloat: Format = { fraction: 7, least: -126, overflow: (2 - 2 ** -8) * 2 ** 127, infinity: 0x7f80, nan: 0x7fc0 };

/**
 * The nearest halves of the values, ties to even, as bit patterns. Rounds once, whether the values are float32 or float64.
 * From 65520 on that is infinity; every NaN becomes 0x7e00.
 */
export const halvesFromFloats = (values: Float32Array | Float64Array): Uint16Array => nearest(values, half);

/** The nearest bfloat16s of the values, ties to even, as bit patterns. Rounds once; every NaN becomes 0x7fc0. */
export const bfloatsFromFloats = (values: Float32Array | Float64Array): Uint16Array => nearest(values, bfloat);

function nearest(values: Float32Array | Float64Array, format: Format): Uint16Array {
  const rounded = new Uint16Array(values.length);
  const magnitude = new Float64Array(1);
  const words = new Uint32Array(magnitude.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    magnitude[0] = Math.abs(value);
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    rounded[i] = sign | magnitudeBits(magnitude[0], (words[1] as number) >>> 20, format);
  }
  return rounded;
}

/** `biased` is the float64 exponent of the magnitude. */
function magnitudeBits(magnitude: number, biased: number, { fraction, least, overflow, infinity, nan }: Format): number {
  if (Number.isNaN(magnitude)) return nan;
  if (magnitude >= overflow) return infinity;
  const exponent = Math.max(biased - 1023, least);
  const steps = magnitude * 2 ** (fraction - exponent); // exact, below 2^(fraction + 1)
  const whole = steps + 2 ** 52 - 2 ** 52; //              float64 has no fraction bits up there, so adding rounds, to even
  return ((exponent - least) << fraction) + whole; //      the leading 1 of a normal number, and a carry, add to the exponent
}

/** bfloat16 bit patterns as float32. */
export function floatsFromBfloats(bfloats: Uint16Array): Float32Array {
  const floats = new Float32Array(bfloats.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < bfloats.length; i++) bits[i] = (bfloats[i] as number) << 16;
  return floats;
}

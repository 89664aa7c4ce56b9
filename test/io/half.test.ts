import { expect, test } from 'vitest';
import { floatsFromBfloats, floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';

const all16 = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** IEEE 754-2019, §3.4, by its formula in float64. */
function halfValue(bits: number): number {
  const sign = bits < 0x8000 ? 1 : -1;
  const exponent = Math.floor(bits / 1024) % 32;
  const fraction = (bits % 1024) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction));
}

test('every half reads as its formula says', () => {
  const wrong = [...floatsFromHalves(all16)].flatMap((float, bits) => (Object.is(float, halfValue(bits)) ? [] : [{ bits, float }]));
  expect(wrong).toEqual([]);
});

test('every half but NaN survives a round trip, and every NaN stays one', () => {
  const back = halvesFromFloats(floatsFromHalves(all16));
  const wrong = [...back].flatMap((half, bits) => (half === (Number.isNaN(halfValue(bits)) ? 0x7e00 : bits) ? [] : [{ bits, half }]));
  expect(wrong).toEqual([]);
});

/** Between each two neighbouring halves: just below the middle, the middle, just above it, in the precision that `typed` has. */
function middles(typed: (values: readonly number[]) => Float32Array | Float64Array, step: number) {
  const cases = Array.from({ length: 0x7bff }, (_, bits) => {
    const middle = (halfValue(bits) + halfValue(bits + 1)) / 2;
    return { bits, values: [middle * (1 - step), middle, middle * (1 + step)] };
  });
  const halves = halvesFromFloats(typed(cases.flatMap(({ values }) => values)));
  return cases.map(({ bits }, i) => ({ bits, rounded: [...halves.subarray(3 * i, 3 * i + 3)] }));
}

test.each([
  { precision: 'float32', typed: (values: readonly number[]) => Float32Array.from(values), step: 2 ** -23 },
  // A detour over float32 would round these twice, and the neighbours of a middle to even.
  { precision: 'float64', typed: (values: readonly number[]) => Float64Array.from(values), step: 2 ** -52 },
])('rounds $precision to nearest, ties to even', ({ typed, step }) => {
  const even = (bits: number): number => bits + (bits % 2);
  const wrong = middles(typed, step).filter(({ bits, rounded: [below, middle, above] }) => {
    return below !== bits || middle !== even(bits) || above !== bits + 1;
  });
  expect(wrong).toEqual([]);
});

test('overflows to infinity from the middle above the largest half, keeps signs, and underflows to zero', () => {
  const values = [65519.99, 65520, -65520, 1e300, -Infinity, 2 ** -25, -(2 ** -25), 2 ** -25 + 2 ** -60, 5e-324, -0];
  expect([...halvesFromFloats(Float64Array.from(values))]).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00, 0xfc00, 0, 0x8000, 1, 0, 0x8000]);
});

test('a bfloat16 is the upper half of a float32', () => {
  const view = new DataView(new ArrayBuffer(4));
  const expected = [...all16].map((bits) => {
    view.setUint32(0, bits * 65536);
    return view.getFloat32(0);
  });
  expect([...floatsFromBfloats(all16)]).toEqual(expected);
});

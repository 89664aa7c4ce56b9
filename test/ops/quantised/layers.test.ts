import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convolutions } from '../../../reference/properties/windows.js';
import { InputError, ShapeError, WeightsError } from '../../../src/errors.js';
import { forwards } from '../../../src/ops/forwards.js';
import type { Conv2dAttrs } from '../../../src/ops/op.js';
import { integerLinear } from '../../../src/ops/quantised/integerLinear.js';
import { multipliersOf, type Quantisation, rangeOf, requantised } from '../../../src/ops/quantised/quantisation.js';
import { quantisedConv2d } from '../../../src/ops/quantised/quantisedConv2d.js';
import { tensor } from '../../../src/tensor.js';
import { extents, seeds } from '../../support/arbitraries.js';
import { requantisedExactly, wholesWithin } from '../../support/integers.js';

const scales = fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }).map((mantissa) => mantissa * 2 ** -30); // float32 from 2⁻⁷ to 2⁻⁶

const quantisations: fc.Arbitrary<Quantisation> = fc.constantFrom('uint8' as const, 'int8' as const).chain((dtype) =>
  fc.record({
    dtype: fc.constant(dtype),
    scale: scales,
    zeroPoint: fc.oneof(fc.constantFrom(...rangeOf[dtype], 0), fc.integer({ min: rangeOf[dtype][0], max: rangeOf[dtype][1] })),
    range: fc.constant(rangeOf[dtype]),
  }),
);

const drawn = fc.record({
  convolution: convolutions(fc.tuple(extents(3), extents(3), extents(3)), 7),
  x: quantisations,
  y: quantisations,
  wScale: scales,
  wDtype: fc.constantFrom('uint8' as const, 'int8' as const),
  wZeroPoint: fc.integer({ min: 0, max: 127 }),
  seed: seeds(),
});

test('sums are exact, a padded cell adds nothing, and they are rounded once, as fractions are', () => {
  fc.assert(
    fc.property(drawn, ({ convolution: { image, filter, attrs }, x, y, wScale, wDtype, wZeroPoint, seed }) => {
      const [O] = filter as readonly [number];
      const q = wholesWithin(image, seed, rangeOf[x.dtype]);
      const w = wholesWithin(filter, seed + 1, rangeOf[wDtype]);
      const bias = wholesWithin([O], seed + 2, [-5000, 5000]);
      const centred = (from: typeof q, zero: number) =>
        tensor(
          from.shape,
          Float64Array.from(from.data, (value) => value - zero),
        );
      const sums = forwards.conv2d([centred(q, x.zeroPoint), centred(w, wZeroPoint), bias], attrs).data;
      const weights = { dtype: wDtype, zeroPoints: [wZeroPoint] } as const;
      const ones = tensor(
        [O],
        Float32Array.from({ length: O }, () => wScale),
      );
      const found = forwards.quantisedConv2d([q, w, ones, bias], { ...attrs, x, w: weights, y });
      found.data.forEach((value, i) => {
        expect(requantisedExactly(sums[i] as number, [x.scale, wScale, y.scale], y)).toContain(value);
      });
      const plain = forwards.integerConv2d([q, w], { ...attrs, xDtype: x.dtype, xZeroPoint: x.zeroPoint, w: weights });
      expect([...plain.data]).toEqual(
        [...forwards.conv2d([centred(q, x.zeroPoint), centred(w, wZeroPoint)], attrs).data].map((sum) => sum + 0),
      );
    }),
  );
});

const one: Conv2dAttrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
const u8 = (scale: number, zeroPoint: number): Quantisation => ({ dtype: 'uint8', scale, zeroPoint, range: [0, 255] });
const s8 = (scale: number, zeroPoint: number): Quantisation => ({ dtype: 'int8', scale, zeroPoint, range: [-128, 127] });

describe('exact ties of both signs go to the even integer before the zero point is added', () => {
  const halves = [-7, -5, -3, -1, 1, 3, 5, 7]; // in units of half a quantum
  const even = [-4, -2, -2, 0, 0, 2, 2, 4];
  test.each([0, 1, 128])('uint8, zero point %i', (zeroPoint) => {
    const x = tensor([1, 1, 1, 8], halves);
    const attrs = { ...one, x: s8(1, 0), w: { dtype: 'int8', zeroPoints: [0] }, y: u8(2, zeroPoint) } as const;
    const found = forwards.quantisedConv2d([x, tensor([1, 1, 1, 1], [1]), tensor([1], [1])], attrs);
    expect([...found.data]).toEqual(even.map((value) => Math.max(value + zeroPoint, 0)));
  });
  test.each([-128, -1, 0, 127])('int8, zero point %i', (zeroPoint) => {
    const x = tensor([8, 1], halves);
    const attrs = { x: s8(1, 0), w: { dtype: 'int8', zeroPoints: [0] }, y: s8(2, zeroPoint) } as const;
    const found = forwards.quantisedLinear([x, tensor([1, 1], [1]), tensor([1], [1])], attrs);
    expect([...found.data]).toEqual(even.map((value) => Math.min(Math.max(value + zeroPoint, -128), 127)));
  });
});

test('255 x 127 over 4608 terms neither saturates nor wraps, nor does -128', () => {
  const K = 4608;
  const w = { dtype: 'int8', zeroPoints: [0] } as const;
  const sumOf = (x: number, weight: number): number =>
    forwards.integerLinear(
      [
        tensor(
          [1, K],
          Float32Array.from({ length: K }, () => x),
        ),
        tensor(
          [1, K],
          Float32Array.from({ length: K }, () => weight),
        ),
      ],
      {
        ...{ xDtype: 'uint8', xZeroPoint: 0, w },
      },
    ).data[0] as number;
  expect([sumOf(255, 127), sumOf(255, -128)]).toEqual([255 * 127 * K, 255 * -128 * K]);
  expect(sumOf(255, 127)).toBeGreaterThan(2 ** 24);
});

test('a sum beyond 2^24 is rounded to float32, as the op says', () => {
  const x = tensor([1, 2], [255, 1]);
  const w = tensor([1, 2], [127, 1]);
  const bias = tensor([1], Float64Array.of(2 ** 24 - 255 * 127)); // 2²⁴ + 1 in all, which is no float32
  const found = forwards.quantisedLinear([x, w, tensor([1], [1]), bias], { x: u8(1, 0), w: { dtype: 'int8', zeroPoints: [0] } });
  expect(found.data[0]).toBe(2 ** 24);
});

describe('what does not fit is refused', () => {
  const x = [1, 2, 3, 3];
  const attrs = { ...one, x: u8(1, 0), w: { dtype: 'int8', zeroPoints: [0] }, y: u8(1, 0) } as const;
  test('by shape', () => {
    expect(() => quantisedConv2d.infer([x, [4, 2, 1, 1]], attrs)).toThrow(ShapeError);
    expect(() => quantisedConv2d.infer([x, [4, 2, 1, 1], [3]], attrs)).toThrow('one scale an output');
    expect(() => quantisedConv2d.infer([x, [4, 2, 1, 1], [4], [3]], attrs)).toThrow('one bias an output');
    expect(() => quantisedConv2d.infer([x, [4, 2, 1, 1], [4]], { ...attrs, w: { dtype: 'int8', zeroPoints: [0, 0] } })).toThrow(
      '2 zero points',
    );
    expect(() =>
      integerLinear.infer(
        [
          [1, 40000],
          [1, 40000],
        ],
        { xDtype: 'uint8', xZeroPoint: 0, w: attrs.w },
      ),
    ).toThrow('more than int32 holds');
    expect(() =>
      integerLinear.infer(
        [
          [1, 4],
          [1, 4],
        ],
        { xDtype: 'uint8', w: attrs.w },
      ),
    ).toThrow('the zero point of x once');
  });
  test('by type and range', () => {
    const w = { dtype: 'int8', range: [-128, 127] } as const;
    const sums = { dtype: 'int32', range: rangeOf.int32 } as const;
    expect(quantisedConv2d.integers?.([{ dtype: 'uint8', range: [0, 127] }, w, undefined, sums], attrs)).toEqual({
      dtype: 'uint8',
      range: [0, 255],
    });
    expect(() => quantisedConv2d.integers?.([undefined, w, undefined], attrs)).toThrow('x is floats, expected uint8 of 0 to 255');
    const narrow = { ...attrs, x: { ...attrs.x, range: [0, 127] } } as const;
    expect(() => quantisedConv2d.integers?.([{ dtype: 'uint8', range: [0, 255] }, w, undefined], narrow)).toThrow(
      'expected uint8 of 0 to 127',
    );
  });
  test('a scale that is none, and NaN', () => {
    for (const scale of [0, -1, Number.NaN, 1e-60]) expect(() => multipliersOf(u8(1, 0), [scale], u8(1, 0))).toThrow(WeightsError);
    expect(() => requantised('op', Number.NaN, u8(1, 0))).toThrow(InputError);
    expect([Infinity, -Infinity].map((value) => requantised('op', value, u8(1, 3)))).toEqual([255, 0]);
  });
});

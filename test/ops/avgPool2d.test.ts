import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { avgPool2d } from '../../src/ops/avgPool2d.js';
import { forwards } from '../../src/ops/forwards.js';
import type { AvgPoolAttrs } from '../../src/ops/op.js';
import { dims4, map, type Tensor, tensor, widen } from '../../src/tensor.js';
import { poolCase } from '../support/arbitraries.js';
import { pad } from '../support/planes.js';

const pool = (x: Tensor, attrs: AvgPoolAttrs): Tensor => forwards.avgPool2d([x], attrs);

/** Along a row of four: values 6, 12, 24, 48 under kernel 3, stride 2. PyTorch's results; a window counts cells up to the padding's end. */
// biome-ignore format: one row a case
const rows = [
  { sides: [0, 0], rounding: 'floor', window: [42 / 3], inside: [42 / 3] },
  { sides: [0, 0], rounding: 'ceil', window: [42 / 3, 72 / 2], inside: [42 / 3, 72 / 2] },
  { sides: [1, 1], rounding: 'floor', window: [18 / 3, 84 / 3], inside: [18 / 2, 84 / 3] },
  { sides: [1, 1], rounding: 'ceil', window: [18 / 3, 84 / 3, 48 / 2], inside: [18 / 2, 84 / 3, 48 / 1] }, // of 3 cells, 1 in the image, 1 padding, 1 beyond
  { sides: [0, 1], rounding: 'floor', window: [42 / 3, 72 / 3], inside: [42 / 3, 72 / 2] },
  { sides: [2, 0], rounding: 'floor', window: [6 / 3, 42 / 3], inside: [6 / 1, 42 / 3] },
] as const;
test.each(rows)(
  'a row with $sides cells of padding before and after it, $rounding',
  ({ sides: [before, after], rounding, window, inside }) => {
    const values = [6, 12, 24, 48];
    const across = { kernel: [1, 3], stride: [1, 2], padding: [0, after, 0, before], rounding } as const;
    const down = { kernel: [3, 1], stride: [2, 1], padding: [before, 0, after, 0], rounding } as const;
    for (const divisor of ['window', 'inside'] as const) {
      const expected = { window, inside }[divisor];
      expect(pool(tensor([1, 1, 1, 4], values), { ...across, divisor })).toEqual(tensor([1, 1, 1, expected.length], expected));
      expect(pool(tensor([1, 1, 4, 1], values), { ...down, divisor })).toEqual(tensor([1, 1, expected.length, 1], expected));
    }
  },
);

test('by hand: a corner of 3×3, padded by 1, is 4 cells of 9', () => {
  const x = tensor([1, 1, 2, 2], [36, 36, 36, 36]);
  const attrs = { kernel: [3, 3], stride: [3, 3], padding: [1, 1, 1, 1], rounding: 'floor' } as const;
  expect(pool(x, { ...attrs, divisor: 'window' })).toEqual(tensor([1, 1, 1, 1], [16]));
  expect(pool(x, { ...attrs, divisor: 'inside' })).toEqual(tensor([1, 1, 1, 1], [36]));
});

test('a plane of one value stays one where padding is not counted', () => {
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      const y = pool(
        map(x, () => -3),
        { ...attrs, divisor: 'inside' },
      );
      expect(new Set(y.data)).toEqual(new Set([-3]));
    }),
  );
});

test('counted padding is a border of zeros', () => {
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      const floor = { ...attrs, rounding: 'floor', divisor: 'window' } as const;
      expect(pool(x, floor)).toEqual(pool(pad(x, attrs.padding), { ...floor, padding: [0, 0, 0, 0] }));
    }),
  );
});

test('where windows are whole, is a depthwise convolution with equal weights', () => {
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      const [, C] = dims4(x.shape);
      const [P, Q] = attrs.kernel;
      const ones = tensor([C, 1, P, Q], new Float32Array(C * P * Q).fill(1));
      const sums = forwards.conv2d([x, ones], { stride: attrs.stride, padding: attrs.padding, dilation: [1, 1], groups: C });
      const multiples = map(x, (value) => value * P * Q); // whose averages are whole
      expect(pool(multiples, { ...attrs, rounding: 'floor', divisor: 'window' })).toEqual(sums);
    }),
  );
});

test('ceil adds windows at the ends, and leaves the others as floor has them', () => {
  fc.assert(
    fc.property(poolCase(), fc.constantFrom('window' as const, 'inside' as const), ({ x, attrs }, divisor) => {
      const floor = pool(x, { ...attrs, rounding: 'floor', divisor });
      const ceil = pool(x, { ...attrs, rounding: 'ceil', divisor });
      const [, , I, J] = dims4(floor.shape);
      const [, , , Jc] = dims4(ceil.shape);
      const first = Array.from({ length: I * J }, (_, at) => ceil.data[Math.floor(at / J) * Jc + (at % J)]);
      expect(first).toEqual([...floor.data.subarray(0, I * J)]);
    }),
  );
});

test('sums in float64, rounds once; float64 in, float64 out; NaN in its own windows', () => {
  const attrs = { kernel: [1, 3], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor', divisor: 'window' } as const;
  const x = tensor([1, 1, 1, 4], [2 ** 30, 1, -(2 ** 30), NaN]);
  expect(pool(x, attrs).data).toEqual(Float32Array.of(1 / 3, NaN));
  expect(pool(widen(x), attrs).data).toEqual(Float64Array.of(1 / 3, NaN));
});

test('takes one [N, C, H, W]', () => {
  const attrs = { kernel: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor', divisor: 'window' } as const;
  for (const shapes of [[], [[2, 3]], [[3, 4, 4]]]) expect(() => avgPool2d.infer(shapes, attrs)).toThrow(ShapeError);
});

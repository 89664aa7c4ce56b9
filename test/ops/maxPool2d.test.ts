import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { maxPool2d } from '../../src/ops/maxPool2d.js';
import type { PoolAttrs } from '../../src/ops/op.js';
import { at4, dims4, map, type Tensor, tensor, widen } from '../../src/tensor.js';
import { poolCase } from '../support/arbitraries.js';
import { fill } from '../support/planes.js';

const pool = (x: Tensor, attrs: PoolAttrs): Tensor => forwards.maxPool2d([x], attrs);
const plane = tensor([1, 1, 4, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

test('by hand: the two stems read different windows (docs/spec/zoo.md §2.1)', () => {
  const caffe = { kernel: [3, 3], stride: [2, 2], padding: [0, 0, 0, 0], rounding: 'ceil' } as const;
  const torchvision = { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1], rounding: 'floor' } as const;
  expect(pool(plane, caffe)).toEqual(tensor([1, 1, 2, 2], [11, 12, 15, 16]));
  expect(pool(plane, torchvision)).toEqual(tensor([1, 1, 2, 2], [6, 8, 14, 16]));
});

test('by hand: padding is ignored, not 0, on whichever side it is', () => {
  const negative = map(plane, (value) => -value);
  const attrs = { kernel: [2, 3], stride: [2, 2], padding: [1, 2, 0, 0], rounding: 'floor' } as const;
  expect(pool(negative, attrs)).toEqual(tensor([1, 1, 2, 2], [-1, -3, -5, -7]));
});

test('a plane of one value stays one, whatever the window', () => {
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      const y = pool(
        map(x, () => -3),
        attrs,
      );
      expect(new Set(y.data)).toEqual(new Set([-3]));
    }),
  );
});

test('commutes with what keeps order', () => {
  const affine = (t: Tensor): Tensor => map(t, (value) => 3 * value - 100);
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      expect(pool(affine(x), attrs)).toEqual(affine(pool(x, attrs)));
    }),
  );
});

test('is a pool down the columns, then one along the rows', () => {
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      const { kernel, stride, padding } = attrs;
      const columns = { ...attrs, kernel: [kernel[0], 1], stride: [stride[0], 1], padding: [padding[0], 0, padding[2], 0] } as const;
      const rows = { ...attrs, kernel: [1, kernel[1]], stride: [1, stride[1]], padding: [0, padding[1], 0, padding[3]] } as const;
      expect(pool(x, attrs)).toEqual(pool(pool(x, columns), rows));
    }),
  );
});

test('turning the plane over turns the output over, with height and width exchanged', () => {
  const turn = (t: Tensor): Tensor => {
    const [N, C, H, W] = dims4(t.shape);
    return fill(t, [N, C, W, H], (n, c, h, w) => at4(t, n, c, w, h));
  };
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      const { kernel, stride, padding } = attrs;
      const turned: PoolAttrs = {
        ...attrs,
        kernel: [kernel[1], kernel[0]],
        stride: [stride[1], stride[0]],
        padding: [padding[3], padding[2], padding[1], padding[0]],
      };
      expect(pool(turn(x), turned)).toEqual(turn(pool(x, attrs)));
    }),
  );
});

test('NaN spreads to the windows that hold it, and float64 stays float64', () => {
  const attrs = { kernel: [1, 2], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor' } as const;
  expect(pool(widen(tensor([1, 1, 1, 4], [NaN, 0.5, 2, 1])), attrs)).toEqual({ shape: [1, 1, 1, 3], data: Float64Array.of(NaN, 2, 2) });
});

test('takes one [N, C, H, W]', () => {
  const attrs = { kernel: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor' } as const;
  for (const shapes of [[], [[2, 3]], [[3, 4, 4]]]) expect(() => maxPool2d.infer(shapes, attrs)).toThrow(ShapeError);
});

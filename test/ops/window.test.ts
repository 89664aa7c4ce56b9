import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import type { PoolAttrs } from '../../src/ops/op.js';
import { convExtent, poolExtent, poolShape, windowRange } from '../../src/ops/window.js';
import { convCase, poolCase } from '../support/arbitraries.js';

/** Along one axis: extent n, kernel k, stride s, padding p on both sides, and how many windows PyTorch makes of it. */
// biome-ignore format: one row a case
const extents = [
  { n: 112, k: 3, s: 2, p: 1, floor: 56, ceil: 57 },
  { n: 112, k: 3, s: 2, p: 0, floor: 55, ceil: 56 }, // Caffe's stem: what ceil mode is for
  { n: 5, k: 2, s: 2, p: 0, floor: 2, ceil: 3 },
  { n: 4, k: 2, s: 2, p: 0, floor: 2, ceil: 2 },
  { n: 4, k: 3, s: 2, p: 1, floor: 2, ceil: 3 }, // the last starts at cell 3, inside
  { n: 4, k: 3, s: 5, p: 1, floor: 1, ceil: 1 }, // a second would start at 4, beyond: dropped
  { n: 3, k: 2, s: 2, p: 1, floor: 2, ceil: 2 }, // a third would start at 3, in the padding: dropped
  { n: 2, k: 3, s: 2, p: 0, floor: 0, ceil: 1 },
  { n: 1, k: 3, s: 2, p: 0, floor: 0, ceil: 0 },
];
test.each(extents)('pool extent of $n by kernel $k, stride $s, padding $p', ({ n, k, s, p, floor, ceil }) => {
  const attrs = (rounding: PoolAttrs['rounding']): PoolAttrs => ({ kernel: [k, k], stride: [s, s], padding: [p, p, p, p], rounding });
  expect([poolExtent(n, attrs('floor'), 0), poolExtent(n, attrs('ceil'), 0)]).toEqual([floor, ceil]);
  expect([poolExtent(n, attrs('floor'), 1), poolExtent(n, attrs('ceil'), 1)]).toEqual([floor, ceil]);
});

test('floor: the windows that lie in the padded plane; ceil: also one that is cut off, if it starts in the image or the padding before it', () => {
  fc.assert(
    fc.property(poolCase(), fc.constantFrom(0 as const, 1 as const), ({ x, attrs }, axis) => {
      const n = x.shape[2 + axis] as number;
      const [top, right, bottom, left] = attrs.padding;
      const [before, after] = axis === 0 ? [top, bottom] : [left, right];
      const start = (index: number): number => index * attrs.stride[axis] - before;
      const end = (index: number): number => start(index) + attrs.kernel[axis];
      let count = 0;
      while (end(count) <= n + after) count++;
      if (attrs.rounding === 'ceil' && count > 0 && end(count - 1) < n + after && start(count) < n) count++;
      expect(poolExtent(n, attrs, axis)).toBe(count);
    }),
  );
});

test('convolution extent: the windows that lie in the padded plane', () => {
  fc.assert(
    fc.property(convCase(), fc.constantFrom(0 as const, 1 as const), ({ x, w, attrs }, axis) => {
      const padded = (x.shape[2 + axis] as number) + attrs.padding[axis === 0 ? 0 : 3] + attrs.padding[axis === 0 ? 2 : 1];
      const kernel = w.shape[2 + axis] as number;
      let count = 0;
      while (count * attrs.stride[axis] + attrs.dilation[axis] * (kernel - 1) < padded) count++;
      expect(convExtent(x.shape[2 + axis] as number, kernel, attrs, axis)).toBe(count);
    }),
  );
});

test('every window of a pool holds a cell of the image', () => {
  fc.assert(
    fc.property(poolCase(), ({ x, attrs }) => {
      const [, , H] = x.shape as readonly [number, number, number, number];
      for (let i = 0; i < poolExtent(H, attrs, 0); i++) {
        const [from, to] = windowRange(i, H, attrs, 0);
        expect(from).toBeLessThan(to);
      }
    }),
  );
});

// biome-ignore format: one row a case
const unfit: readonly (readonly [what: string, attrs: Partial<PoolAttrs>])[] = [
  ['no kernel', { kernel: [0, 2] }],
  ['no stride', { stride: [1, 0] }],
  ['negative padding', { padding: [0, 0, 0, -1] }],
  ['padding as large as the window', { padding: [2, 0, 0, 0] }],
  ['a window larger than the plane', { kernel: [4, 2] }],
  ['a window larger than the padded plane', { kernel: [2, 5], padding: [0, 1, 0, 0] }],
];
test.each(unfit)('%s is a ShapeError', (_, attrs) => {
  const fine: PoolAttrs = { kernel: [2, 2], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor' };
  expect(poolShape('pool', [1, 5, 3, 3], fine)).toEqual([1, 5, 2, 2]);
  expect(() => poolShape('pool', [1, 5, 3, 3], { ...fine, ...attrs })).toThrow(ShapeError);
  expect(() => poolShape('pool', [5, 3, 3], fine)).toThrow(ShapeError);
});

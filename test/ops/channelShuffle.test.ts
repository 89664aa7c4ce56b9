import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { channelShuffle } from '../../src/ops/channelShuffle.js';
import { forwards } from '../../src/ops/forwards.js';
import { tensor } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

test('by hand: two groups of three channels are dealt out in turn, each image for itself', () => {
  const x = tensor([2, 6, 1, 1], [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]);
  expect([...forwards.channelShuffle([x], { groups: 2 }).data]).toEqual([0, 3, 1, 4, 2, 5, 10, 13, 11, 14, 12, 15]);
});

test('a shuffle by the channels of a group puts back one by the groups, and planes move whole', () => {
  fc.assert(
    fc.property(extents(2), extents(4), extents(4), extents(3), extents(3), seeds(), (N, G, each, H, W, seed) => {
      const x = seeded([N, G * each, H, W], seed);
      expect(forwards.channelShuffle([forwards.channelShuffle([x], { groups: G })], { groups: each })).toEqual(x);
    }),
  );
});

test('takes one [N, C, H, W] whose channels are a multiple of the groups', () => {
  expect(channelShuffle.infer([[2, 6, 4, 5]], { groups: 3 })).toEqual([2, 6, 4, 5]);
  for (const groups of [0, 4, 1.5, -1]) expect(() => channelShuffle.infer([[2, 6, 4, 5]], { groups })).toThrow(ShapeError);
  expect(() => channelShuffle.infer([[2, 6]], { groups: 3 })).toThrow(ShapeError);
});

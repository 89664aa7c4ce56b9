import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { channelSlice } from '../../src/ops/channelSlice.js';
import { forwards } from '../../src/ops/forwards.js';
import { tensor } from '../../src/tensor.js';

test('channels from one on, of every image, of planes and of rows', () => {
  const planes = tensor([2, 3, 1, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect([...forwards.channelSlice([planes], { begin: 1, channels: 2 }).data]).toEqual([2, 3, 4, 5, 8, 9, 10, 11]);
  expect([...forwards.channelSlice([tensor([2, 3], [0, 1, 2, 3, 4, 5])], { begin: 2, channels: 1 }).data]).toEqual([2, 5]);
});

test('channels that there are not are a ShapeError', () => {
  for (const attrs of [
    { begin: 2, channels: 2 },
    { begin: -1, channels: 1 },
    { begin: 0, channels: 0 },
  ])
    expect(() => channelSlice.infer([[1, 3, 2, 2]], attrs)).toThrow(ShapeError);
});

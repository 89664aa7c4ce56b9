import { expect, test } from 'vitest';
import { fromCaffe } from '../../src/checkpoints/caffe.js';
import { WeightsError } from '../../src/errors.js';
import type { Stored } from '../../src/io/tensorFile.js';

test('layers of blobs by the hundred thousand are gone through once', () => {
  const stored: Stored = { dtype: 'F32', shape: [1], read: () => Promise.reject(new WeightsError('there are no values')) };
  const blobs = new Map(Array.from({ length: 100_000 }, (_, i): [string, Stored] => [`layer:${i}`, stored]));
  expect([...fromCaffe(blobs).tensors.keys()]).toEqual(['layer.running_mean', 'layer.running_var']);
});

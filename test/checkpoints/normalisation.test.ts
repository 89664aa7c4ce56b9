import { describe, expect, test } from 'vitest';
import { identify, openCheckpoint, readAll } from '../../src/checkpoints/index.js';
import { describeNetwork } from '../../src/classifier/network.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import type { Tensor } from '../../src/tensor.js';
import { plain, prefixed, type Tensors } from './files.js';

/** A layer of the file that normalises the images. */

const channels = (...values: readonly number[]): Tensor => ({ shape: [1, values.length, 1, 1], data: Float32Array.from(values) });

async function describedAs(beside: Tensors, state?: string) {
  const checkpoint = await openCheckpoint(saveSafetensors(new Map([...beside, ...prefixed('1.', plain)])), { ...(state && { state }) });
  const { stored, ...identified } = identify(checkpoint);
  return describeNetwork({ ...identified, weights: await readAll(stored), metadata: checkpoint.metadata }, 'x', undefined, {});
}

describe('mean and deviation that the file holds are those of its images', () => {
  test.each<[string, readonly number[], readonly number[], 1 | 255]>([
    ['in 0 to 1', [0.5, 0.25, 0.125], [0.5, 1, 0.25], 1],
    ['in bytes', [123, 117, 104], [1, 1, 1], 255],
  ])('%s', async (_, mean, std, range) => {
    for (const [mu, sigma] of [
      ['mean', 'std'],
      ['pixel_mean', 'pixel_std'],
      ['mu', 'sigma'],
    ])
      for (const state of [undefined, '1']) {
        const beside = new Map([
          [`0.${mu}`, channels(...mean)],
          [`0.${sigma}`, channels(...std)],
        ]);
        const { preset, notes } = await describedAs(beside, state);
        expect(preset).toMatchObject({ mean, std, range, channels: 'rgb' });
        expect(notes).toContain("x: images are normalised as the file's own layer 0 does it");
      }
  });

  test.each<[string, Tensors]>([
    ["a loss's", new Map(Object.entries({ 'perceptual_loss.mean': channels(0, 0, 0), 'perceptual_loss.std': channels(1, 1, 1) }))],
    ["a teacher's", new Map(Object.entries({ 'teacher.mean': channels(0, 0, 0), 'teacher.std': channels(1, 1, 1) }))],
    ['of one channel', new Map(Object.entries({ 'normalize.mean': channels(0), 'normalize.std': channels(1) }))],
    ['without a deviation', new Map([['0.mean', channels(0, 0, 0)]])],
    ['whose deviation is none', new Map(Object.entries({ '0.mean': channels(0, 0, 0), '0.std': channels(1, 0, 1) }))],
  ])('not those that are %s', async (_, beside) => {
    const { preset, notes } = await describedAs(beside);
    expect(preset.range).toBeUndefined();
    expect(notes.filter((note) => note.includes('own layer'))).toEqual([]);
  });
});

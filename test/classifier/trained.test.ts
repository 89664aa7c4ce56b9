import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { presetMetadata, readTrained, trainedMetadata } from '../../src/classifier/trained.js';
import { InputError } from '../../src/errors.js';
import { preprocessOptions, presets } from '../../src/pretrained/preset.js';
import { readConfig } from '../../src/train/config.js';

const normalisation = { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] };
const configOf = (preparation: readonly object[]) =>
  readConfig({ model: 'm', data: { train: 'a', test: 'b' }, epochs: 1, lr: 1, preparation, normalisation });
const readBack = (preparation: readonly object[], size = 32) =>
  readTrained('f', trainedMetadata(configOf(preparation), size, ['a', 'b c']));

describe('what any network says of its images', () => {
  test.each(['caffe', 'bninception'] as const)('of the preset %s its range, channels and mean', (name) => {
    const labels = [{ name: 'tench, Tinca tinca', synset: 'n01440764' }, { name: 'cat' }];
    expect(readTrained('f', presetMetadata(presets[name], labels))).toEqual({ preset: presets[name], labels });
  });
});

describe('what a trained network says of its images', () => {
  test('of images as they are', () => {
    expect(readBack([])).toEqual({
      preset: { size: 32, cropRatio: 1, filter: 'bilinear', ...normalisation },
      labels: [{ name: 'a' }, { name: 'b c' }],
    });
  });

  test('of images resized and cropped: whoever reads it resizes to the same side', () => {
    const sides = fc.tuple(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 0, max: 600 }));
    fc.assert(
      fc.property(sides, ([crop, more]) => {
        const steps = [
          { name: 'resize', size: crop + more, filter: 'bicubic' },
          { name: 'centreCrop', size: crop },
        ];
        const { preset } = readBack(steps);
        expect(preset && preprocessOptions(preset)).toEqual({ resize: crop + more, crop, filter: 'bicubic', ...normalisation });
      }),
    );
  });

  test('nothing of images made as no preset says', () => {
    expect(readBack([{ name: 'resize', size: 32 }]).preset).toBeUndefined();
    expect(readBack([{ name: 'centreCrop', size: 32 }]).preset).toBeUndefined();
  });

  test.each([
    [{ 'senet.images': 'no JSON' }, 'f: metadata: senet.images: is not JSON'],
    [{ 'senet.images': '[1]' }, 'f: metadata: senet.images must be an object of size, '],
    [{ 'senet.images': `${'['.repeat(1e5)}${']'.repeat(1e5)}` }, 'f: metadata: senet.images: is JSON of more than 100 lists'],
    [{ 'senet.images': '{"size":0}' }, 'f: metadata: senet.images.size must be a whole number from 1 to 16384, not 0'],
    [{ 'senet.labels': '[1]' }, 'f: metadata senet.labels: '],
  ])('%o is an InputError', (metadata: Readonly<Record<string, string>>, message) => {
    expect(() => readTrained('f', metadata)).toThrow(InputError);
    expect(() => readTrained('f', metadata)).toThrow(message);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collate } from '../../src/data/collate.js';
import { InputError } from '../../src/errors.js';
import { normalise } from '../../src/io/preprocess.js';
import { pixelsOf } from './arbitraries.js';

const normalisation = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] } as const;
const nameOf = (n: number): string => `${n}.png`;

test('a batch is its images normalised, one after another', () => {
  const extent = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(extent, extent, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (width, height, seeds) => {
      const images = seeds.map((seed) => pixelsOf(width, height, seed));
      const { shape, data } = collate(images, normalisation, nameOf);
      expect(shape).toEqual([seeds.length, 3, height, width]);
      expect([...data]).toEqual(images.flatMap((image) => [...normalise(image, normalisation).data]));
    }),
  );
});

test('images of several sizes are no batch', () => {
  expect(() => collate([pixelsOf(4, 3, 0), pixelsOf(4, 3, 1), pixelsOf(3, 4, 2)], normalisation, nameOf)).toThrow(
    new InputError('2.png: is 3×4 pixels where 0.png of the same batch is 4×3: let a step of the augmentation crop to one size'),
  );
});

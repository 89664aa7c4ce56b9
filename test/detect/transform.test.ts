import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Size } from '../../src/detect/boxes.js';
import {
  paddedSize,
  resizedSize,
  restoreBoxes,
  type TransformRule,
  transformImages,
  transformRule,
  transformRule320,
} from '../../src/detect/transform.js';
import { InputError, ShapeError } from '../../src/errors.js';
import type { Pixels } from '../../src/io/resize.js';
import { at4, dims4, type Tensor, widen } from '../../src/tensor.js';
import { pairs, seeded, seeds } from '../support/arbitraries.js';

const rule: TransformRule = { ...transformRule, minSize: 40, maxSize: 66 };
const plain: TransformRule = { ...rule, mean: [0, 0, 0], std: [1, 1, 1] };

describe('the new size', () => {
  test('is by the shorter side, unless the longer would be too long', () => {
    const sizes = (image: Size) => [resizedSize(image, transformRule), resizedSize(image, transformRule320)];
    expect(sizes([512, 512])).toEqual([
      [800, 800],
      [320, 320],
    ]);
    expect(sizes([200, 1000])).toEqual([
      [266, 1333],
      [128, 640],
    ]);
  });

  test('is by a float32 scale, reciprocal first', () => {
    expect(resizedSize([427, 640], transformRule)).toEqual([799, 1199]);
    expect(resizedSize([400, 600], { minSize: 160, maxSize: 266 })).toEqual([159, 239]);
  });

  test('turns as the image turns, and is within the limits', () => {
    fc.assert(
      fc.property(pairs(5000), pairs(1500), ([height, width], [minSize, maxSize]) => {
        const [newHeight, newWidth] = resizedSize([height, width], { minSize, maxSize });
        expect(resizedSize([width, height], { minSize, maxSize })).toEqual([newWidth, newHeight]);
        expect(Math.min(newHeight, newWidth)).toBeLessThanOrEqual(minSize);
        expect(Math.max(newHeight, newWidth)).toBeLessThanOrEqual(maxSize);
      }),
    );
  });

  test('limits and extents are above 0', () => {
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => resizedSize([5, 5], { minSize: wrong, maxSize: 5 })).toThrow(InputError);
      expect(() => resizedSize([5, 5], { minSize: 5, maxSize: wrong })).toThrow(InputError);
      expect(() => resizedSize([wrong, 5], rule)).toThrow(InputError);
    }
  });
});

/** A pixel of the batch from the four around its place, as the definition has it. */
function slow(image: Tensor, [newHeight, newWidth]: Size, c: number, y: number, x: number): number {
  const [, height, width] = image.shape as readonly [number, number, number];
  const place = (i: number, from: number, to: number): number => Math.max(0, ((i + 0.5) * from) / to - 0.5);
  const [down, across] = [place(y, height, newHeight), place(x, width, newWidth)];
  const at = (h: number, w: number): number =>
    ((image.data[(c * height + Math.min(h, height - 1)) * width + Math.min(w, width - 1)] as number) - rule.mean[c as 0]) /
    rule.std[c as 0];
  const [h, w] = [Math.floor(down), Math.floor(across)];
  const [q, p] = [across - w, down - h];
  return (1 - p) * ((1 - q) * at(h, w) + q * at(h, w + 1)) + p * ((1 - q) * at(h + 1, w) + q * at(h + 1, w + 1));
}

/**
 * Values from −1 to 1 are at most 7 when they are normalised, and 10 apart. A place takes 3 roundings of at most 70, here and there, along both axes; the
 * sums take 10 roundings of 7, here and there. Each is 2⁻⁵³ of its number at most.
 */
const bound = (2 * 2 * 3 * 70 * 10 + 2 * 10 * 7) * 2 ** -53;

test('a batch is normalised, resized by bilinear interpolation, and padded with 0', () => {
  const images = fc.array(pairs(70), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(images, seeds(), (sizes, seed) => {
      const given = sizes.map((size, n) => widen(seeded([3, ...size], seed + n)));
      const wide = sizes.map((size) => resizedSize(size, rule));
      if (wide.some(([height, width]) => height * width === 0)) return;
      const { images: batch, sizes: found, originals } = transformImages(given, rule);
      expect([found, originals]).toEqual([wide, sizes]);
      const [N, C, H, W] = dims4(batch.shape);
      expect([N, C, H, W]).toEqual([sizes.length, 3, ...paddedSize(wide)]);
      expect([H % 32, W % 32]).toEqual([0, 0]);
      let furthest = 0;
      let outside = 0;
      for (let n = 0; n < N; n++)
        for (let c = 0; c < 3; c++)
          for (let y = 0; y < H; y++)
            for (let x = 0; x < W; x++) {
              const [height, width] = wide[n] as Size;
              const value = at4(batch, n, c, y, x);
              if (y >= height || x >= width) outside = Math.max(outside, Math.abs(value));
              else furthest = Math.max(furthest, Math.abs(value - slow(given[n] as Tensor, [height, width], c, y, x)));
            }
      expect(outside).toBe(0);
      expect(furthest).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 20 },
  );
});

test('an image of one value keeps it, and one of the new size stays as it is', () => {
  const grey = transformImages([{ shape: [3, 7, 9], data: new Float64Array(189).fill(0.25) }], plain);
  const [height, width] = grey.sizes[0] as Size;
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) expect(at4(grey.images, 0, 2, y, x)).toBe(0.25);
  const same = seeded([3, 40, 64], 5);
  const { images } = transformImages([same], plain);
  expect(images).toEqual({ shape: [1, 3, 64, 64], data: images.data });
  for (let y = 0; y < 40; y++) expect(images.data.slice(y * 64, y * 64 + 64)).toEqual(same.data.slice(y * 64, y * 64 + 64));
});

const pixels = (height: number, width: number, seed: number): Pixels => ({
  width,
  height,
  data: Uint8Array.from(seeded([height * width * 3], seed).data, (value) => Math.floor((value + 1) * 128)),
});

/** The same as planes in 0..1. */
const planes = ({ width, height, data }: Pixels): Tensor => ({
  shape: [3, height, width],
  data: Float64Array.from(
    { length: data.length },
    (_, i) => (data[(i % (width * height)) * 3 + Math.floor(i / (width * height))] as number) / 255,
  ),
});

test('pixels are a tensor of their 255ths, rounded to float32 once', () => {
  fc.assert(
    fc.property(pairs(20), seeds(), ([height, width], seed) => {
      const image = pixels(height + 10, width + 10, seed);
      const { images } = transformImages([image], rule);
      expect(images.data).toEqual(Float32Array.from(transformImages([planes(image)], rule).images.data));
    }),
  );
});

test('a batch is in float64 only if all of its images are', () => {
  const wide = planes(pixels(20, 20, 1));
  expect(transformImages([wide, wide], rule).images.data).toBeInstanceOf(Float64Array);
  expect(transformImages([wide, pixels(20, 20, 1)], rule).images.data).toBeInstanceOf(Float32Array);
  expect(transformImages([seeded([3, 20, 20], 1)], rule).images.data).toBeInstanceOf(Float32Array);
});

test('what is no image, or too narrow, or too many, is refused', () => {
  const transform =
    (...images: readonly unknown[]) =>
    () =>
      transformImages(images as never, rule);
  expect(transform()).toThrow('at least one image');
  expect(transform({ width: 100, height: 1, data: new Uint8Array(300) })).toThrow(
    'an image of 100×1 would be resized to 65×0: it is too narrow',
  );
  expect(transform(undefined)).toThrow(InputError);
  expect(transform('x.png')).toThrow(InputError);
  expect(transform({ width: 2, height: 2, data: new Uint8Array(16) })).toThrow(InputError);
  expect(transform({ shape: [3, 2, 2], data: new Float32Array(11) })).toThrow(InputError);
  expect(transform({ shape: [3, 2, 2], data: new Uint8Array(12) })).toThrow(InputError);
  for (const shape of [
    [1, 2, 2],
    [1, 3, 2, 2],
    [3, 4],
    [3, 0, 2],
  ])
    expect(transform(seeded(shape, 1)), shape.join()).toThrow(ShapeError);
  expect(() => transformImages([pixels(20, 20, 1)], { ...rule, minSize: 1e5, maxSize: 1e5 })).toThrow('more than 2^28 pixels');
});

test('boxes go back by the float32 ratio of each axis', () => {
  const [across, down] = [Math.fround(640 / 1199), Math.fround(427 / 799)];
  expect([...restoreBoxes(Float64Array.of(1, 2, 3, 1199), [799, 1199], [427, 640])]).toEqual([across, 2 * down, 3 * across, 1199 * down]);
  expect([...restoreBoxes(Float64Array.of(1, 2, 3, 4), [5, 6], [5, 6])]).toEqual([1, 2, 3, 4]);
  expect(() => restoreBoxes(new Float64Array(5), [5, 6], [5, 6])).toThrow(ShapeError);
  expect(() => restoreBoxes(new Float64Array(4), [0, 6], [5, 6])).toThrow(InputError);
});

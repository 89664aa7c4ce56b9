import fc from 'fast-check';
import { type Random, randomOf } from '../../src/data/random.js';
import type { Pixels } from '../../src/io/resize.js';
import { fmix32 } from '../../src/io/synthetic.js';

/** Any bytes, from extents and a seed, so that failures shrink to one pixel. */
export const pixelsOf = (width: number, height: number, seed: number): Pixels => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => fmix32(i + Math.imul(seed, 0x9e3779b9)) & 255),
});

export const images = (most = 12): fc.Arbitrary<Pixels> => {
  const extent = fc.integer({ min: 1, max: most });
  return fc.tuple(extent, extent, fc.nat()).map(([width, height, seed]) => pixelsOf(width, height, seed));
};

export const streams = (): fc.Arbitrary<Random> => fc.nat().map((seed) => randomOf(seed));

/** The three bytes of a pixel, black outside the image. */
export function pixelAt({ width, height, data }: Pixels, x: number, y: number): readonly number[] {
  if (x < 0 || x >= width || y < 0 || y >= height) return [0, 0, 0];
  return [...data.subarray((y * width + x) * 3, (y * width + x + 1) * 3)];
}

/** An image from its pixels. */
export function drawn(width: number, height: number, at: (x: number, y: number) => readonly number[]): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(at(x, y), (y * width + x) * 3);
  return { width, height, data };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { atOnce } from '../../src/io/pieces.js';
import { centreCrop, crop, filters, mostPixelsMade, type Pixels, resize, resizeInPieces, resizeShorter } from '../../src/io/resize.js';
import { cut, expectations, largestDifference, photographs, type ResizeCase, read, readJson, sha256 } from './fixtures.js';

describe.each(['chelsea.png', 'coffee.png', 'rocket.jpg'])('the conformance vectors of %s', (photo) => {
  test.each(filters)('%s: Resize(256) and CenterCrop(224) differ nowhere', async (filter) => {
    const expected = await read(expectations, `${photo.split('.')[0]}.resize256-${filter}.crop224.png`);
    expect(largestDifference(centreCrop(resizeShorter(await read(photographs, photo), 256, filter), 224), expected)).toBe(0);
  });
});

const { cases } = await readJson<{ cases: readonly ResizeCase[] }>('resize.json');

test.each(cases)(
  '$filter $box → $to$resize/$crop equals PIL to the bit',
  async ({ photo, box, filter, to, resize: size, crop, sha256: expected }) => {
    const image = cut(await read(photographs, photo), box);
    const out = to ? resize(image, ...to, filter) : centreCrop(resizeShorter(image, size as number, filter), crop as number);
    expect([out.width, out.height]).toEqual(to ?? [crop, crop]);
    expect(sha256(out.data)).toBe(expected);
  },
);

const extent = fc.integer({ min: 1, max: 40 });
const image = fc.record({ width: extent, height: extent, seed: fc.nat() }).map(({ width, height, seed }): Pixels => {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i + seed, 0x9e3779b9) >>> 24);
  return { width, height, data };
});

test('an image resized to its own size is the image', () => {
  fc.assert(
    fc.property(image, fc.constantFrom(...filters), (x, filter) => {
      expect(resize(x, x.width, x.height, filter)).toEqual(x);
    }),
  );
});

test('one colour stays that colour: the weights sum to 1', () => {
  fc.assert(
    fc.property(image, extent, extent, fc.nat(255), fc.constantFrom(...filters), (x, width, height, colour, filter) => {
      const plain = { ...x, data: x.data.map(() => colour) };
      expect(resize(plain, width, height, filter).data.every((byte) => byte === colour)).toBe(true);
    }),
  );
});

test('a box of a resized image has the pixels that it has in the whole one', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const edges = fc.tuple(share, share).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(image, extent, extent, edges, edges, fc.constantFrom(...filters), (x, width, height, columns, rows, filter) => {
      const [left, right] = columns.map((at) => Math.floor(at * (width - 1))) as [number, number];
      const [top, bottom] = rows.map((at) => Math.floor(at * (height - 1))) as [number, number];
      const box = { left, top, width: right - left + 1, height: bottom - top + 1 };
      expect(atOnce(resizeInPieces(x, { width, height }, filter, box))).toEqual(crop(resize(x, width, height, filter), box));
    }),
  );
});

test('resizeShorter gives the shorter side its size and the longer the floor of its share', () => {
  fc.assert(
    fc.property(image, extent, (x, size) => {
      const { width, height } = resizeShorter(x, size, 'bilinear');
      expect(Math.min(width, height)).toBe(size);
      expect(Math.max(width, height)).toBe(Math.floor((size * Math.max(x.width, x.height)) / Math.min(x.width, x.height)));
      if (width !== height) expect(width > height).toBe(x.width > x.height);
    }),
  );
});

test('centreCrop takes each pixel from the image at one offset, and black from outside', () => {
  fc.assert(
    fc.property(image, extent, (x, size) => {
      const [left, top] = [x.width, x.height].map((side) => offset(side, size)) as [number, number];
      const at = (row: number, column: number, c: number) =>
        row < 0 || row >= x.height || column < 0 || column >= x.width ? 0 : x.data[(row * x.width + column) * 3 + c];
      const expected = Array.from({ length: size * size * 3 }, (_, i) =>
        at(top + Math.floor(i / 3 / size), left + (Math.floor(i / 3) % size), i % 3),
      );
      expect([...centreCrop(x, size).data]).toEqual(expected);
    }),
  );
});

/** Halves to even, by hand: 0.5 → 0, 1.5 → 2; and in front of a smaller image no more padding than behind it. */
const offset = (side: number, size: number): number =>
  side < size ? -Math.floor((size - side) / 2) : 2 * Math.floor((side - size) / 4) + ([0, 0, 1, 2][(side - size) % 4] as number);

test.each([0, -1, 2.5, Number.NaN, mostPixelsMade + 1])('an extent of %d is refused', (size) => {
  const pixel: Pixels = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
  expect(() => resize(pixel, size, 1, 'bilinear')).toThrow(InputError);
  expect(() => resize(pixel, 1, size, 'bilinear')).toThrow(InputError);
  expect(() => resizeShorter(pixel, size, 'bilinear')).toThrow(InputError);
  expect(() => centreCrop(pixel, size)).toThrow(InputError);
});

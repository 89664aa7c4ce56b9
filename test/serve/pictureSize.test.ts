import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPixels, claimedPixels } from '../../serve/src/models/pictureSize.js';
import { InputError } from '../../src/errors.js';
import { decodeImage } from '../../src/io/image.js';
import { pictures } from './hosted.js';

const folder = new URL('../fixtures/preprocess/files/', import.meta.url);
const files = readdirSync(folder).filter((name) => /\.(jpg|png|webp)$/.test(name));
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));

describe('a header claims the pixels that the decoder makes', () => {
  test.each(files)('%s', async (name) => {
    const bytes = read(name);
    const pixels = await decodeImage(bytes).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      return undefined; // of a kind that is not read
    });
    if (pixels !== undefined) expect(claimedPixels(bytes)).toBe(pixels.width * pixels.height);
  });

  test('of the photographs', () => {
    expect(pictures.map(claimedPixels)).toEqual([451 * 300, 600 * 400, claimedPixels(pictures[2] as Uint8Array), 640 * 427]);
  });
});

test('a picture that is cut off or changed anywhere claims more, less or nothing, and never fails or hangs', () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.nat(400), fc.nat(255), fc.nat(1000), (name, at, value, length) => {
      const bytes = read(name).slice(0, length);
      if (at < bytes.length) bytes[at] = value;
      expect(claimedPixels(bytes) ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('what is no picture claims nothing', () => {
  for (const bytes of [[], [0xff, 0xd8], [0xff, 0xd8, 0xff], [0xff, 0xd8, 0xff, 0xd9], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]])
    expect(claimedPixels(Uint8Array.from(bytes))).toBeUndefined();
});

test('a chunk that claims to be as long as the format allows does not make the search go round', () => {
  const webp = new Uint8Array(64);
  webp.set(new TextEncoder().encode('RIFF....WEBPJUNK'));
  webp.fill(0xff, 16, 20);
  expect(claimedPixels(webp)).toBeUndefined();
});

test('the limit is a picture of as many pixels', () => {
  checkPixels(100, 100);
  checkPixels(undefined, 100);
  expect(() => checkPixels(101, 100)).toThrow('expected a picture of at most 100 pixels, found 101');
});

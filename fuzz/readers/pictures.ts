import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from '../../src/node/images/image.js';
import type { Draw } from '../draw.js';
import { bulkJpeg, jpeg, jpegExtent } from '../make/jpeg.js';
import { mutated } from '../make/mutate.js';
import { bulkPng, png, pngExtent } from '../make/png.js';
import { bulkWebp, webp, webpExtent } from '../make/webp.js';
import { root } from '../place.js';
import type { Files, Reader } from '../reader.js';

const bulkOnce = 500;

/** Small pictures that are right, by how their names end. */
export function goodPictures(): Readonly<Record<'jpg' | 'png' | 'webp', readonly Uint8Array[]>> {
  const folder = new URL('test/fixtures/preprocess/files/', root);
  const ending = (end: string): readonly Uint8Array[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith(`.${end}`))
      .sort()
      .map((name) => new Uint8Array(readFileSync(new URL(name, folder))));
  return { jpg: ending('jpg'), png: ending('png'), webp: ending('webp') };
}

/** JPEG, PNG and WebP files, decoded and turned upright; some of them as far as they go. */
export async function openPictures(): Promise<Reader> {
  const good = goodPictures();
  const all = Object.values(good).flat();
  const bulk = (draw: Draw): Uint8Array => {
    const size = draw.pick([2 ** 14, 2 ** 16, 2 ** 18]);
    const kind = draw.whole(0, 3);
    if (kind === 0) return bulkJpeg(draw.pick(good.jpg), size, draw);
    return kind === 1 ? bulkWebp(draw.pick(good.webp), size, draw) : bulkPng(size, draw);
  };
  const make = (draw: Draw): Uint8Array => {
    if (draw.once(bulkOnce)) return bulk(draw);
    const kind = draw.whole(0, 9);
    if (kind <= 2) return mutated(draw.pick(all), draw);
    if (kind <= 5) return png(draw);
    return kind <= 8 ? jpeg(draw.pick(good.jpg), draw) : webp(draw.pick(good.webp), draw);
  };
  return {
    make: (draw) => ({ [draw.once(4) ? 'tolerant' : 'strict']: make(draw) }),
    async read(files, place) {
      const [name] = Object.keys(files) as [string];
      const options = { orient: true, tolerant: name === 'tolerant' };
      const { width, height, data } = await readImage(join(place.write(files), name), options);
      if (data.length !== 3 * width * height) throw new Error(`${data.length} bytes for ${width}×${height} pixels`);
    },
    claimed,
  };
}

/**
 * Bytes of the pixels of a picture, which may be far larger than its file: by the first header that a decoder would go by, and no more than its format can
 * pack. A PNG that is refused need not have been made RGB.
 */
function claimed(files: Files, read: boolean): number {
  const [file] = Object.values(files) as [Uint8Array];
  const head = pngExtent(file) ?? jpegExtent(file) ?? webpExtent(file);
  if (head === undefined) return 0;
  const { width, height, bitsPerPixel, mostPerByte } = head;
  const pixels = Math.min(width * height, file.length * mostPerByte);
  return pixels * ((read ? 3 : 0) + bitsPerPixel / 8);
}

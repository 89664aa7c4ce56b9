import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { decodeImage } from '../../src/io/image.js';
import { type Pixels, resize } from '../../src/io/resize.js';
import { displayP3 } from './displayP3.js';

/** A file of a kind, and what Pillow makes of it. */
export interface KindOfFile {
  readonly kind: string;
  readonly type: `image/${'jpeg' | 'png' | 'webp'}`;
  readonly bytes: Uint8Array;
  /** Turned upright, as browsers turn it. Our decoders give Pillow's bits: test/io holds them to it, on these very files where Pillow could write them. */
  readonly expected: Pixels;
}

const root = dirname(createRequire(import.meta.url).resolve('senet/package.json')); // from the build and from the source alike

interface Row {
  readonly kind: string;
  /** In test/fixtures/preprocess/files, or in assets/images. */
  readonly file: string;
  readonly made?: (file: Buffer) => Buffer;
}

const rows: readonly Row[] = [
  { kind: 'JPEG 4:4:4', file: '444.jpg' },
  { kind: 'JPEG 4:2:2', file: '422.jpg' },
  { kind: 'JPEG 4:2:0', file: '420.jpg' },
  { kind: 'JPEG 4:2:0, progressive', file: '420.progressive.jpg' },
  { kind: 'JPEG, grey', file: 'grey.jpg' },
  { kind: 'JPEG, CMYK', file: 'cmyk.jpg' },
  { kind: 'JPEG, turned by EXIF', file: 'exif6.jpg' },
  { kind: 'JPEG, profile Adobe RGB', file: 'profile.jpg' },
  { kind: 'JPEG, profile Display P3', file: '444.jpg', made: (jpeg) => withProfile(jpeg, displayP3()) },
  { kind: 'JPEG, a photograph of 640×427', file: 'assets/images/rocket.jpg' },
  { kind: 'PNG, 8 bits', file: 'rgb8.png' },
  { kind: 'PNG, 8 bits, interlaced', file: 'rgb8.interlaced.png' },
  { kind: 'PNG, 8 bits, grey', file: 'grey8.png' },
  { kind: 'PNG, palette', file: 'palette8.png', made: (png) => without(png, 'tRNS') },
  { kind: 'PNG, palette, in part transparent', file: 'palette2.png' },
  { kind: 'PNG, 16 bits', file: 'rgb16.png' },
  { kind: 'PNG, alpha', file: 'rgba8.png' },
  { kind: 'PNG, gAMA of 1', file: 'gamma.png' },
  { kind: 'PNG, profile Adobe RGB', file: 'profile.png' },
  { kind: 'PNG, turned by EXIF', file: 'exif6.png' },
  { kind: 'PNG, a photograph of 451×300', file: 'assets/images/chelsea.png' },
  { kind: 'WebP, lossy', file: 'lossy.webp' },
  { kind: 'WebP, lossless', file: 'lossless.webp' },
  { kind: 'WebP, lossy, alpha', file: 'lossy-alpha.webp' },
  { kind: 'WebP, lossless, alpha', file: 'lossless-alpha.webp' },
  { kind: 'WebP, profile Adobe RGB', file: 'profile.webp' },
  { kind: 'WebP, turned by EXIF', file: 'exif6.webp' },
];

export const kindsOfFile = (): Promise<readonly KindOfFile[]> =>
  Promise.all(
    rows.map(async ({ kind, file, made = (bytes) => bytes }) => {
      const bytes = made(await readFile(join(root, file.includes('/') ? file : `test/fixtures/preprocess/files/${file}`)));
      const type = `image/${file.endsWith('.jpg') ? 'jpeg' : file.endsWith('.png') ? 'png' : 'webp'}` as const;
      return { kind, type, bytes, expected: await decodeImage(bytes, { file, orient: true }) };
    }),
  );

/** A photograph of 640×480, as cameras give them. */
export async function photograph(): Promise<Pixels> {
  return resize(await decodeImage(await readFile(join(root, 'assets/images/rocket.jpg'))), 640, 480, 'bicubic');
}

/** Behind SOI, in one segment (ICC.1:2010, annex B.4). */
function withProfile(jpeg: Buffer, profile: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile]);
  const head = Buffer.from([0xff, 0xe2, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}

/** A PNG without the chunks of a name. */
function without(png: Buffer, name: string): Buffer {
  const kept = [png.subarray(0, 8)];
  for (let at = 8, end: number; at < png.length; at = end) {
    end = at + 12 + png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) !== name) kept.push(png.subarray(at, end));
  }
  return Buffer.concat(kept);
}

import { jpegSignature } from './jpeg.js';
import { pngSignature } from './png.js';
import type { Pixels } from './resize.js';
import { isWebp, webpChunks } from './webp.js';

/** EXIF 2.32, tag 274: how a camera was held. 1 is upright; 2 to 4 mirror or turn by 180°, 5 to 8 exchange rows and columns. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 0x0112;

/** The orientation that a JPEG, PNG or WebP file states; 1 where it states none, or nothing sensible. */
export function orientationOf(bytes: Uint8Array): Orientation {
  const tiff = exifOf(bytes);
  return tiff === undefined ? 1 : readOrientation(tiff);
}

/** The TIFF structure inside a file's EXIF block. */
function exifOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] === jpegSignature[0]) return exifOfJpeg(bytes);
  if (bytes[0] === pngSignature[0]) return exifOfPng(bytes);
  if (!isWebp(bytes)) return undefined;
  const exif = webpChunks(bytes).find(({ name }) => name === 'EXIF')?.contents;
  return exif && (withoutPrefix(exif) ?? exif); // the prefix is a JPEG's, but some programs write it here too
}

const prefix = [...'Exif\0\0'].map((letter) => letter.charCodeAt(0));

const withoutPrefix = (block: Uint8Array): Uint8Array | undefined =>
  prefix.every((byte, i) => block[i] === byte) ? block.subarray(prefix.length) : undefined;

/** Segments (marker 2 bytes, length 2, which counts itself) up to the first scan; EXIF is an APP1. */
function exifOfJpeg(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const startOfScan = 0xda;
  const app1 = 0xe1;
  for (let at = 2; at + 4 <= bytes.length && view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === startOfScan) return undefined;
    if (marker === 0xff) at++;
    else {
      const exif = marker === app1 ? withoutPrefix(bytes.subarray(at + 4, at + 2 + view.getUint16(at + 2))) : undefined;
      if (exif) return exif;
      at += 2 + view.getUint16(at + 2);
    }
  }
  return undefined;
}

/** Chunks: length 4, name 4, contents, CRC 4. */
function exifOfPng(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const eXIf = 0x65584966;
  for (let at = pngSignature.length; at + 8 <= bytes.length; at += 12 + view.getUint32(at))
    if (view.getUint32(at + 4) === eXIf) return bytes.subarray(at + 8, at + 8 + view.getUint32(at));
  return undefined;
}

/** TIFF 6.0, §2: byte order 2, 42, offset of the first directory; a directory is a count 2 and entries of tag 2, type 2, count 4, value 4. */
function readOrientation(tiff: Uint8Array): Orientation {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = view.getUint16(0) === 0x4949; // II
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, little) !== orientationTag) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** For each orientation: whether rows and columns are exchanged, then whether the result is mirrored across, and down. */
const turns: Readonly<Record<Orientation, readonly [exchanged: boolean, across: boolean, down: boolean]>> = {
  1: [false, false, false],
  2: [false, true, false],
  3: [false, true, true],
  4: [false, false, true],
  5: [true, false, false],
  6: [true, true, false],
  7: [true, true, true],
  8: [true, false, true],
};

/** The image upright: what PIL's `ImageOps.exif_transpose` gives. */
export function orient(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const [exchanged, across, down] = turns[orientation];
  const [width, height] = exchanged ? [pixels.height, pixels.width] : [pixels.width, pixels.height];
  const data = new Uint8Array(pixels.data.length);
  let o = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const y = down ? height - 1 - row : row;
      const x = across ? width - 1 - column : column;
      const from = (exchanged ? x * pixels.width + y : y * pixels.width + x) * 3;
      for (let c = 0; c < 3; c++) data[o++] = pixels.data[from + c] as number;
    }
  return { width, height, data };
}

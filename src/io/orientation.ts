import { concat } from './concat.js';
import { isExif, orientationInExif } from './exif.js';
import { jpegSignature } from './jpeg.js';
import { app, readMarkers, startOfScan } from './jpegMarkers.js';
import { pngChunks, pngSignature } from './png.js';
import { type StoredText, storedText, textBytes } from './pngText.js';
import type { Pixels } from './resize.js';
import { isWebp, webpChunks } from './webp.js';

/** 1 is upright; 2 to 4 mirror or turn by 180°, 5 to 8 exchange rows and columns. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Where a file may speak of its orientation. */
interface Metadata {
  readonly exif: Uint8Array | undefined;
  readonly xmp: Uint8Array | undefined;
}

/**
 * The orientation that a JPEG, PNG or WebP file states, as Pillow 12 understands it: its EXIF counts, then its XMP; 1 where neither says one. (A PNG may
 * hold its EXIF as text, as ImageMagick wrote it before there was a chunk for it.)
 */
export async function orientationOf(bytes: Uint8Array): Promise<Orientation> {
  const { exif, xmp } = await metadataOf(bytes);
  const stated = (exif && orientationInExif(exif)) ?? (xmp && orientationInXmp(xmp)) ?? 1;
  return isOrientation(stated) ? stated : 1;
}

const isOrientation = (value: number): value is Orientation => value in turns;

function orientationInXmp(xmp: Uint8Array): number | undefined {
  const digit = /tiff:Orientation(?:="|>)([0-9])/.exec(latin1(xmp))?.[1];
  return digit === undefined ? undefined : Number(digit);
}

const latin1 = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

async function metadataOf(bytes: Uint8Array): Promise<Metadata> {
  if (bytes[0] === jpegSignature[0]) return metadataOfJpeg(bytes);
  if (bytes[0] === pngSignature[0]) return await metadataOfPng(bytes);
  return isWebp(bytes) ? metadataOfWebp(bytes) : { exif: undefined, xmp: undefined };
}

/** Of a chunk that the header does not tell of, libwebp's demultiplexer knows nothing (RFC 9649, §2.7). */
function metadataOfWebp(bytes: Uint8Array): Metadata {
  const chunks = webpChunks(bytes);
  const [header] = chunks;
  const flags = header?.name === 'VP8X' ? (header.contents[0] ?? 0) : 0;
  const told = (chunk: string, flag: number): Uint8Array | undefined =>
    (flags & flag) !== 0 ? chunks.find(({ name }) => name === chunk)?.contents : undefined;
  return { exif: told('EXIF', 0x08), xmp: told('XMP ', 0x04) };
}

const xmpSignature = 'http://ns.adobe.com/xap/1.0/\0';

/** Both are APP1 segments before the first scan. EXIF may go on in a second one; of XMP the last counts. */
function metadataOfJpeg(bytes: Uint8Array): Metadata {
  const { segments } = readMarkers(bytes);
  const scan = segments.findIndex(({ marker }) => marker === startOfScan);
  const app1 = segments.slice(0, scan).flatMap(({ marker, contents }) => (marker === app(1) ? [contents] : []));
  const exif = concat(app1.filter(isExif).map((block) => block.subarray(6)));
  const xmp = app1.findLast((block) => latin1(block.subarray(0, xmpSignature.length)) === xmpSignature);
  return { exif, xmp: xmp?.subarray(xmpSignature.length) };
}

const rawProfile = 'Raw profile type exif';
const xmpKeyword = 'XML:com.adobe.xmp';

/** Of each kind the last counts, before the pixels or behind them. */
async function metadataOfPng(bytes: Uint8Array): Promise<Metadata> {
  let exif: Uint8Array | undefined;
  const texts = new Map<string, StoredText>();
  for (const chunk of pngChunks(bytes)) {
    const text = storedText(chunk);
    if (chunk.name === 'eXIf') exif = chunk.contents;
    else if (chunk.name === 'tEXt' && text?.keyword === 'exif') exif = text.bytes;
    else if (text && (text.keyword === rawProfile || text.keyword === xmpKeyword)) texts.set(text.keyword, text);
  }
  const read = async (keyword: string): Promise<Uint8Array | undefined> => {
    const text = texts.get(keyword);
    return text && (await textBytes(text));
  };
  const profile = exif ? undefined : await read(rawProfile);
  return { exif: exif ?? (profile && fromHex(latin1(profile))), xmp: await read(xmpKeyword) };
}

/** Behind three lines, of which the last two are a name and a length, the bytes in hexadecimal digits. */
function fromHex(profile: string): Uint8Array {
  const digits = profile.split('\n').slice(3).join('').replaceAll(/\s/g, '');
  if (/[^0-9a-f]/i.test(digits)) return new Uint8Array();
  return Uint8Array.from({ length: digits.length >> 1 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
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

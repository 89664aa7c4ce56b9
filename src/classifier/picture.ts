import { InputError, underName } from '../errors.js';
import { dropAlpha } from '../io/decoders.js';
import { type DecodeOptions, decodeImage } from '../io/image.js';
import type { Pixels } from '../io/resize.js';
import { type BlobLike, bytesOf } from '../io/source.js';
import { insteadOf } from '../meant.js';
import { kindOf } from '../tensor.js';
import { type DrawnPicture, drawnPixels, isDrawn } from './drawn.js';

/** A canvas's pixels, a decoded frame's, or a decoder's: `data` holds height × width × 4 bytes, RGBA. */
export interface RgbaPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** A picture: the bytes of a JPEG, PNG or WebP file, pixels, or what a page shows. */
export type Picture = Uint8Array | ArrayBuffer | BlobLike | RgbaPixels | Pixels | DrawnPicture;

export interface PictureOptions extends Pick<DecodeOptions, 'tolerant'> {
  /** Turn a file's image upright, as its EXIF or XMP says; torchvision does not. @defaultValue true */
  readonly orient?: boolean;
}

/**
 * The RGB pixels of any picture. The alpha of pixels is dropped, as PIL's `convert('RGB')` does it. What a page shows was turned upright by the browser, in
 * whose colours it is.
 *
 * @param file what the picture is called in messages
 * @throws InputError for what is no picture, a file that `decodeImage` refuses, or what cannot be drawn
 */
export async function pixelsOf(picture: Picture, { orient = true, tolerant = false }: PictureOptions, file?: string): Promise<Pixels> {
  if (isDrawn(picture)) return await underFile(file, drawnPixels(picture));
  if (isPixels(picture)) return rgbOf(picture);
  const bytes = await bytesIn(picture);
  return await decodeImage(bytes, { orient, tolerant, ...(file !== undefined && { file }) });
}

/**
 * Takes what a page shows at once, since it may have changed by the time its pixels are wanted; others are read then.
 *
 * @returns what gives the pixels, or rejects as `pixelsOf` does
 */
export function taken(picture: Picture, options: PictureOptions, file?: string): () => Promise<Pixels> {
  if (!isDrawn(picture)) return () => pixelsOf(picture, options, file);
  const pixels = pixelsOf(picture, options, file);
  pixels.catch(() => {}); // it is heard when the pixels are asked for
  return () => pixels;
}

/** What is under way, its errors under the picture's name. */
const underFile = <T>(file: string | undefined, pixels: Promise<T>): Promise<T> =>
  pixels.catch((error: unknown) => {
    throw file === undefined ? error : underName(file, error);
  });

const wanted =
  'a picture, as bytes of a JPEG, PNG or WebP, as pixels, or as what a page shows (ImageBitmap, VideoFrame, an image, canvas or video)';

/** By what they call themselves: those of a frame are of classes that are not this page's. @throws InputError for what has none */
async function bytesIn(picture: Picture): Promise<Uint8Array> {
  const kind = kindOf(picture);
  if (kind === 'Blob' || kind === 'File') return new Uint8Array(await (picture as Blob).arrayBuffer());
  if (kind === 'ArrayBuffer') return new Uint8Array(picture as ArrayBuffer);
  if (kind === 'Uint8Array') return bytesOf(picture as Uint8Array);
  throw new InputError(`expected ${wanted}, found ${insteadOf('picture', picture)}`);
}

const isPixels = (picture: Picture): picture is RgbaPixels | Pixels =>
  typeof picture === 'object' && picture !== null && 'width' in picture && 'height' in picture && 'data' in picture;

function rgbOf({ width, height, data }: RgbaPixels | Pixels): Pixels {
  const pixels = width * height;
  if (/^Uint8(Clamped)?Array$/.test(kindOf(data)) && data.length === 4 * pixels) return { width, height, data: dropAlpha(data) };
  return { width, height, data: data as Uint8Array }; // preprocess says what is wrong with others
}

import { InputError } from '../errors.js';
import { dropAlpha } from '../io/decoders.js';
import { type DecodeOptions, decodeImage } from '../io/image.js';
import type { Pixels } from '../io/resize.js';
import { type BlobLike, bytesOf } from '../io/source.js';
import { insteadOf } from '../meant.js';
import { kindOf } from '../tensor.js';

/** A canvas's pixels, or a decoded frame's: `data` holds height × width × 4 bytes, RGBA. */
export interface RgbaPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** A picture: the bytes of a JPEG, PNG or WebP file, or pixels. */
export type Picture = Uint8Array | ArrayBuffer | BlobLike | RgbaPixels | Pixels;

export interface PictureOptions extends Pick<DecodeOptions, 'tolerant'> {
  /** Turn a file's image upright, as its EXIF or XMP says; torchvision does not. @defaultValue true */
  readonly orient?: boolean;
}

/**
 * The RGB pixels of any picture. The alpha of pixels is dropped, as PIL's `convert('RGB')` does it.
 *
 * @param file what the picture is called in messages
 * @throws InputError for what is no picture, or a file that `decodeImage` refuses
 */
export async function pixelsOf(picture: Picture, { orient = true, tolerant = false }: PictureOptions, file?: string): Promise<Pixels> {
  if (isPixels(picture)) return rgbOf(picture);
  const bytes = await bytesIn(picture);
  return await decodeImage(bytes, { orient, tolerant, ...(file !== undefined && { file }) });
}

/** @throws InputError for what has none */
async function bytesIn(picture: Uint8Array | ArrayBuffer | BlobLike): Promise<Uint8Array> {
  if (typeof Blob !== 'undefined' && picture instanceof Blob) return new Uint8Array(await picture.arrayBuffer());
  if (picture instanceof ArrayBuffer || kindOf(picture) === 'Uint8Array') return bytesOf(picture as Uint8Array | ArrayBuffer);
  throw new InputError(`expected a picture, as bytes of a JPEG, PNG or WebP or as pixels, found ${insteadOf('picture', picture)}`);
}

const isPixels = (picture: Picture): picture is RgbaPixels | Pixels =>
  typeof picture === 'object' && picture !== null && 'width' in picture && 'height' in picture && 'data' in picture;

function rgbOf({ width, height, data }: RgbaPixels | Pixels): Pixels {
  const pixels = width * height;
  if (kindOf(data) === 'Uint8ClampedArray' && data.length === 4 * pixels)
    return { width, height, data: dropAlpha(data as Uint8ClampedArray) };
  return { width, height, data: data as Uint8Array }; // preprocess says what is wrong with others
}

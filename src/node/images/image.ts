import { encode } from 'fast-png';
import { naming } from '../../errors.js';
import { decodeImage } from '../../io/image.js';
import { type PreprocessOptions, preprocess } from '../../io/preprocess.js';
import type { Pixels } from '../../io/resize.js';
import type { Tensor } from '../../tensor.js';
import { readBytes } from '../files.js';
import { writeWhole } from '../writeWhole.js';

export interface ReadOptions {
  /** Turn the image upright, as its EXIF orientation says. @defaultValue false */
  readonly orient?: boolean;
  /** Read what there is of a damaged or truncated file. @defaultValue false */
  readonly tolerant?: boolean;
}

/** The RGB pixels of an image file. @throws InputError, naming the file, if it cannot be read or decoded. */
export const readImage = async (file: string, options?: ReadOptions): Promise<Pixels> =>
  decodeImage(await readBytes(file), { file, ...options });

/** Makes of image files what a network reads, [1, 3, H, W]. @throws InputError, naming the file, if it cannot be read or resized. */
export function tensorReader(preprocessing: PreprocessOptions, options?: ReadOptions): (file: string) => Promise<Tensor> {
  return async (file) => {
    const pixels = await readImage(file, options);
    return naming(file, () => preprocess(pixels, preprocessing));
  };
}

/** Writes an 8-bit RGB PNG, whole or not at all. @throws InputError, naming the file, if it cannot be written. */
export async function writePng(file: string, { width, height, data }: Pixels): Promise<void> {
  await writeWhole(file, encode({ width, height, data, channels: 3, depth: 8 }));
}

import { encode } from 'fast-png';
import { type DecodeOptions, decodeImage } from '../../io/image.js';
import type { Pixels } from '../../io/resize.js';
import { readBytes } from '../files.js';
import { writeWhole } from '../writeWhole.js';

/** The RGB pixels of an image file. @throws InputError, naming the file, if it cannot be read or decoded. */
export const readImage = async (file: string, options?: Omit<DecodeOptions, 'file'>): Promise<Pixels> =>
  decodeImage(await readBytes(file), { file, ...options });

/** Writes an 8-bit RGB PNG, whole or not at all. @throws InputError, naming the file, if it cannot be written. */
export async function writePng(file: string, pixels: Pixels): Promise<void> {
  await writeWhole(file, pngOf(pixels));
}

/** The bytes of an 8-bit RGB PNG. */
export const pngOf = ({ width, height, data }: Pixels): Uint8Array => encode({ width, height, data, channels: 3, depth: 8 });

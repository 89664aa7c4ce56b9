import { encode } from 'fast-png';
import { type DecodeOptions, decodeImage } from '../../io/image.js';
import type { Pixels } from '../../io/resize.js';
import { readBytes } from '../files.js';
import { writeWhole } from '../writeWhole.js';

/** The RGB pixels of an image file. @throws InputError, naming the file, if it cannot be read or decoded. */
export const readImage = async (file: string, options?: Omit<DecodeOptions, 'file'>): Promise<Pixels> =>
  decodeImage(await readBytes(file), { file, ...options });

/** Writes an 8-bit RGB PNG, whole or not at all. @throws InputError, naming the file, if it cannot be written. */
export async function writePng(file: string, { width, height, data }: Pixels): Promise<void> {
  await writeWhole(file, encode({ width, height, data, channels: 3, depth: 8 }));
}

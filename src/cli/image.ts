import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { encode } from 'fast-png';
import { decodeImage } from '../io/image.js';
import { type PreprocessOptions, preprocess } from '../io/preprocess.js';
import type { Pixels } from '../io/resize.js';
import type { Tensor } from '../tensor.js';
import { naming, readBytes } from './files.js';
import { writeWhole } from './writeWhole.js';

export interface ReadOptions {
  /** Turn the image upright, as its EXIF orientation says. @defaultValue false */
  readonly orient?: boolean;
}

/** Reads image files, one after another or at once. @throws InputError, naming the file, if it cannot be read or decoded. */
export type ImageReader = (file: string, options?: ReadOptions) => Promise<Pixels>;

/** A reader that compiles each decoder once. */
export function imageReader(): ImageReader {
  let mozjpeg: Promise<WebAssembly.Module> | undefined;
  let webp: Promise<WebAssembly.Module> | undefined;
  const decoders = {
    mozjpeg: () => (mozjpeg ??= compileDecoder('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm')),
    webp: () => (webp ??= compileDecoder('@jsquash/webp/codec/dec/webp_dec.wasm')),
  };
  return async (file, options) => decodeImage(await readBytes(file), { file, ...decoders, ...options });
}

/** Makes of image files what a network reads, [1, 3, H, W]. @throws InputError, naming the file, if it cannot be read or resized. */
export function tensorReader(preprocessing: PreprocessOptions, options?: ReadOptions): (file: string) => Promise<Tensor> {
  const read = imageReader();
  return async (file) => {
    const pixels = await read(file, options);
    return naming(file, () => preprocess(pixels, preprocessing));
  };
}

/** The RGB pixels of one file. */
export const readImage: ImageReader = (file, options) => imageReader()(file, options);

/** A decoder from its package's own folder: that package would fetch it, which Node's `fetch` refuses for files. */
export async function compileDecoder(path: string): Promise<WebAssembly.Module> {
  const file = createRequire(import.meta.url).resolve(path);
  return WebAssembly.compile(new Uint8Array(await readFile(file)));
}

/** Writes an 8-bit RGB PNG, whole or not at all. @throws InputError, naming the file, if it cannot be written. */
export async function writePng(file: string, { width, height, data }: Pixels): Promise<void> {
  await writeWhole(file, encode({ width, height, data, channels: 3, depth: 8 }));
}

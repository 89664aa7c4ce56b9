import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { encode } from 'fast-png';
import { InputError } from '../errors.js';
import { decodeImage } from '../io/image.js';
import type { Pixels } from '../io/resize.js';
import { readBytes } from './files.js';

/** The RGB pixels of a JPEG or PNG file. @throws InputError, naming the file, if it cannot be read or decoded. */
export async function readImage(file: string): Promise<Pixels> {
  return decodeImage(await readBytes(file), { file, mozjpeg: await compileMozjpeg() });
}

/** The JPEG decoder from its package's own folder: that package would fetch it, which Node's `fetch` refuses for files. */
export async function compileMozjpeg(): Promise<WebAssembly.Module> {
  const file = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  return WebAssembly.compile(new Uint8Array(await readFile(file)));
}

/**
 * Writes an 8-bit RGB PNG: whole or not at all, since it is written beside its place and then renamed.
 *
 * @throws InputError, naming the file, if it cannot be written, or something other than a file is in its place.
 */
export async function writePng(file: string, { width, height, data }: Pixels): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  try {
    const present = await stat(file).catch(() => undefined);
    // Renaming would put a file in the place of a device as readily as in that of another file.
    if (present && !present.isFile()) throw new InputError('something other than a file is in its place');
    await writeFile(draft, encode({ width, height, data, channels: 3, depth: 8 }), { flag: 'wx' });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new InputError(`${file}: cannot be written (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
}

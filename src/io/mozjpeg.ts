import { InputError } from '../errors.js';
import { type Decoded, dropAlpha } from './decoders.js';
import { type Codec, startCodec } from './jsquash.js';

type Mozjpeg = Codec<{ decode(bytes: Uint8Array, preserveOrientation: boolean): ImageData | null }>;

/**
 * The program that is free for the next image: to start one takes 40 times as long as to decode 32×32 pixels. Its memory never shrinks, so
 * one that had a large image to decode is let go.
 */
let idle: Mozjpeg | undefined;
const keptBytes = 4 * 2 ** 20;

/** The RGB pixels of a JPEG of one or three components. @throws InputError if libjpeg gives up; UnsupportedError if the decoder does not start. */
export async function decodeMozjpeg(jpeg: Uint8Array): Promise<Decoded> {
  const codec = idle ?? (await start());
  idle = undefined; // one that traps is of no use any more
  const { program, printed } = codec;
  // no `await` from here on: the program and what it prints are this image's
  let image: ImageData | null;
  try {
    image = program.decode(jpeg, false);
  } catch (cause) {
    throw new InputError(`the JPEG cannot be decoded: ${printed.join('; ') || String(cause)}`, { cause });
  }
  const warnings = printed.splice(0);
  if (!image) throw new InputError(`the JPEG cannot be decoded: ${warnings.join('; ')}`);
  if (image.data.length <= keptBytes) idle = codec;
  return { data: dropAlpha(image.data), warnings };
}

async function start(): Promise<Mozjpeg> {
  const { default: factory } = await import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js');
  return await startCodec('mozjpeg', factory);
}

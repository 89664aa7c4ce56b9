import { InputError, UnsupportedError } from '../errors.js';
import { checkClaim } from './claim.js';
import { dropAlpha, instantiate } from './jsquash.js';
import type { Pixels } from './resize.js';

/** SOI, and the first byte of the marker that follows it. */
export const jpegSignature = [0xff, 0xd8, 0xff] as const;

/** What a JPEG's frame header says (ITU-T T.81, B.2.2). */
interface Frame {
  readonly width: number;
  readonly height: number;
  /** Per component, the sampling factors across and down. */
  readonly sampling: readonly (readonly [h: number, v: number])[];
}

/**
 * The RGB pixels of a JPEG, as PIL's `convert('RGB')` gives them: libjpeg's own defaults, no colour profile applied, not rotated by EXIF.
 *
 * @param mozjpeg the compiled codec/dec/mozjpeg_dec.wasm of @jsquash/jpeg; left out, the decoder fetches it, which browsers can and Node cannot.
 * @throws InputError if the file is damaged or truncated, or of a kind that is not read: CMYK, 4:4:0, arithmetic coding;
 *   UnsupportedError if the decoder does not start.
 */
export async function decodeJpeg(bytes: Uint8Array, mozjpeg?: WebAssembly.Module): Promise<Pixels> {
  const { width, height, sampling } = readFrame(bytes);
  if (sampling.length !== 1 && sampling.length !== 3)
    throw new InputError(
      `expected a grey or RGB JPEG, found ${sampling.length === 4 ? 'CMYK' : `${sampling.length} components`}: convert it to RGB`,
    );
  if (isHalvedDownOnly(sampling))
    throw new InputError('a JPEG with 4:4:0 chroma is not read: its chroma would be up to a few levels off; save it as 4:2:0 or 4:4:4');
  // Each 8×8 block takes a bit at least, and sampling factors 4×1 beside 1×4 leave one block for 128 pixels.
  checkClaim({ width, height, bytes: bytes.length, pixelsPerByte: 8 * 128 });

  const program = (mozjpeg && idle.get(mozjpeg)) || (await start(mozjpeg));
  const { warnings } = program;
  try {
    // no `await` from here on: the program and its warnings are this image's
    const image = program.decode(bytes, false);
    // libjpeg fills what a damaged or truncated file lacks and merely warns. It prints an image's first warning only, so none is harmless.
    if (warnings.length > 0 || !image) throw new InputError(`the JPEG is damaged: ${warnings.join('; ')}`);
    if (mozjpeg && width * height <= keptPixels) idle.set(mozjpeg, program);
    return { width: image.width, height: image.height, data: dropAlpha(image.data) };
  } catch (cause) {
    if (mozjpeg) idle.delete(mozjpeg); // one that was aborted is of no use any more
    if (cause instanceof InputError) throw cause;
    throw new InputError(`the JPEG cannot be decoded: ${warnings.join('; ') || String(cause)}`, { cause });
  }
}

/** Emscripten's program, and what libjpeg has printed. */
interface Program {
  decode(bytes: Uint8Array, preserveOrientation: boolean): ImageData | null;
  readonly warnings: readonly string[];
}

/**
 * The program of each compiled module that is free for the next image: to start one takes 40 times as long as to decode 32×32 pixels. Its memory
 * never shrinks, so one that had a large image to decode is let go.
 */
const idle = new WeakMap<WebAssembly.Module, Program>();
const keptPixels = 2 ** 20;

/** @throws UnsupportedError if the module is not there or is none */
async function start(mozjpeg: WebAssembly.Module | undefined): Promise<Program> {
  const { default: factory } = await import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js');
  const warnings: string[] = [];
  try {
    const printErr = (line: string): void => void warnings.push(line);
    const program = await factory({ noInitialRun: true, printErr, ...(mozjpeg && { instantiateWasm: instantiate(mozjpeg) }) });
    return { decode: program.decode, warnings };
  } catch (cause) {
    throw new UnsupportedError(`the JPEG decoder did not start: ${warnings.join('; ') || String(cause)}`, { cause });
  }
}

/** The frame header, found by hopping over the segments before it. @throws InputError if there is none. */
function readFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (view.getUint8(at) !== 0xff) throw new InputError(`the JPEG is damaged: expected a marker at byte ${at}`);
    const marker = view.getUint8(at + 1);
    const end = at + 2 + (isBare(marker) ? 0 : view.getUint16(at + 2));
    if (isFrame(marker) && end <= bytes.length) return parseFrame(view, at + 4, end);
    at = marker === 0xff ? at + 1 : end; // FF FF: a fill byte
  }
  throw new InputError(`the JPEG is truncated: it ends after ${bytes.length} bytes, before its frame header`);
}

/** precision 1 byte, height 2, width 2, number of components 1; then 3 bytes each: name, h in the upper and v in the lower half byte, table. */
function parseFrame(view: DataView, at: number, end: number): Frame {
  const components = end - at < 6 ? 0 : view.getUint8(at + 5);
  if (components === 0 || at + 6 + 3 * components !== end)
    throw new InputError('the JPEG is damaged: its frame header has the wrong length');
  const sampling = Array.from({ length: components }, (_, i) => {
    const factors = view.getUint8(at + 6 + 3 * i + 1);
    return [factors >> 4, factors & 15] as const;
  });
  return { height: view.getUint16(at + 1), width: view.getUint16(at + 3), sampling };
}

/** Full across, half down: newer libjpeg-turbo, and so PIL, interpolates such a component; this decoder repeats its rows. */
function isHalvedDownOnly(sampling: Frame['sampling']): boolean {
  const h = Math.max(...sampling.map(([across]) => across));
  const v = Math.max(...sampling.map(([, down]) => down));
  return sampling.some(([across, down]) => across === h && 2 * down === v);
}

/** SOF0 … SOF15; C4, C8 and CC in their midst are Huffman tables, reserved, and arithmetic conditioning. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** TEM, RSTn and SOI have no length. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

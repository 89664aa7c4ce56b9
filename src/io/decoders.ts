import { UnsupportedError } from '../errors.js';
import { bytesOfBase64 } from './base64.js';

/** Each decoder's WebAssembly, which is part of this package: nothing is fetched or looked for, wherever it runs and however it is bundled. */
const binaries = {
  mozjpeg: () => import('./binary/mozjpeg.js'),
  turbojpeg: () => import('./binary/turbojpeg.js'),
  webp: () => import('./binary/webp.js'),
} as const;

export type Decoder = keyof typeof binaries;

const compiled = new Map<Decoder, Promise<WebAssembly.Module>>();

/** A decoder's module, compiled when it is first asked for. @throws UnsupportedError if it cannot be. */
export function decoderModule(name: Decoder): Promise<WebAssembly.Module> {
  const known = compiled.get(name);
  if (known) return known;
  const compiling = compile(name).catch((cause: unknown) => {
    compiled.delete(name); // what failed once, for want of memory perhaps, is tried again
    throw new UnsupportedError(`the decoder ${name} did not start: ${String(cause)}`, { cause });
  });
  compiled.set(name, compiling);
  return compiling;
}

async function compile(name: Decoder): Promise<WebAssembly.Module> {
  const { default: base64 } = await binaries[name]();
  return WebAssembly.compile(bytesOfBase64(base64));
}

/** What a JPEG's decoder makes of it. */
export interface Decoded {
  /** RGB bytes. */
  readonly data: Uint8Array;
  /** What libjpeg warned of; it speaks of an image's first warning only. */
  readonly warnings: readonly string[];
}

/** RGBA bytes without their fourth. Four pixels at a time, as words of little-endian bytes, take a third of the time of bytes one by one. */
export function dropAlpha(rgba: Uint8ClampedArray | Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  const fours = rgba.length >> 4;
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, 4 * fours);
  const to = new Uint32Array(rgb.buffer, 0, 3 * fours);
  for (let i = 0, o = 0; i < from.length; i += 4) {
    const [second, third] = [from[i + 1] as number, from[i + 2] as number];
    to[o++] = ((from[i] as number) & 0xffffff) | (second << 24);
    to[o++] = ((second >>> 8) & 0xffff) | (third << 16);
    to[o++] = ((third >>> 16) & 0xff) | ((from[i + 3] as number) << 8);
  }
  for (let i = 16 * fours, o = 12 * fours; o < rgb.length; i += 4) {
    rgb[o++] = rgba[i] as number;
    rgb[o++] = rgba[i + 1] as number;
    rgb[o++] = rgba[i + 2] as number;
  }
  return rgb;
}

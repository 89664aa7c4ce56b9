import { InputError } from '../errors.js';
import { type Decoded, decoderModule } from './decoders.js';
import type { Frame } from './jpegMarkers.js';

/** TurboJPEG 2's C functions (turbojpeg.h), of which the module exports these. Pointers are byte offsets in the memory; 0 means success. */
interface TurboJpeg {
  readonly memory: WebAssembly.Memory;
  malloc(bytes: number): number;
  tjInitDecompress(): number;
  tjDecompress2(
    handle: number,
    jpeg: number,
    jpegBytes: number,
    out: number,
    width: number,
    pitch: number,
    height: number,
    pixelFormat: number,
    flags: number,
  ): number;
}

/** Of what it writes: TJPF_RGB, and TJPF_CMYK, for which YCCK is converted, and its K and what CMYK holds are left as they are. */
const formats = { rgb: { code: 0, channels: 3 }, cmyk: { code: 11, channels: 4 } } as const;

/** Where the module keeps libjpeg's last message, up to a 0: no function that it exports tells. */
const messageAt = 12176;

/**
 * The samples of a JPEG, by libjpeg-turbo, which is PIL's: the other decoder refuses four components, and repeats rows that this one interpolates.
 *
 * @throws InputError if libjpeg gives up; UnsupportedError if the decoder does not start.
 */
export async function decodeTurbo(jpeg: Uint8Array, { width, height }: Frame, format: keyof typeof formats): Promise<Decoded> {
  const { exports } = new WebAssembly.Instance(await decoderModule('turbojpeg'), imports);
  const turbo = exports as unknown as TurboJpeg; // an instance an image: its memory never shrinks, and an error leaves it of no use
  const { code, channels } = formats[format];
  const size = width * height * channels;
  try {
    const source = turbo.malloc(jpeg.length);
    const out = turbo.malloc(size);
    const handle = turbo.tjInitDecompress();
    if (source === 0 || out === 0 || handle === 0) throw new InputError('out of memory');
    new Uint8Array(turbo.memory.buffer).set(jpeg, source);
    const warned = turbo.tjDecompress2(handle, source, jpeg.length, out, width, width * channels, height, code, 0) !== 0;
    const data = new Uint8Array(turbo.memory.buffer, out, size).slice(); // else the image would keep the decoder's memory
    return { data, warnings: warned ? [textAt(turbo.memory, messageAt)] : [] };
  } catch (cause) {
    throw new InputError(`the JPEG cannot be decoded: ${cause === jump ? textAt(turbo.memory, messageAt) : String(cause)}`, { cause });
  }
}

function textAt({ buffer }: WebAssembly.Memory, at: number): string {
  const bytes = new Uint8Array(buffer, at);
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
}

/** TurboJPEG sets a place to jump to before each call, and jumps there on an error: here that ends the call instead. */
const jump = Symbol('longjmp');

/** What TurboJPEG asks of its host. */
const imports = {
  env: {
    setjmp: () => 0,
    longjmp: () => {
      throw jump;
    },
  },
  wasi_snapshot_preview1: Object.fromEntries(
    ['proc_exit', 'environ_sizes_get', 'environ_get', 'fd_close', 'fd_seek', 'fd_write'].map((name) => [name, () => 0]),
  ),
};

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

/** TJPF_CMYK: YCCK is converted, its K and what CMYK holds are left as they are. */
const cmykFormat = 11;

/** Where the module keeps libjpeg's last message, up to a 0: no function that it exports tells. */
const messageAt = 12176;

/**
 * The RGB pixels of a JPEG of four components, as PIL's `convert('RGB')` gives them: inks are taken as inverted, as Adobe writes them, whether or not
 * the file says who wrote it. (The other decoder refuses four components.)
 *
 * @throws InputError if libjpeg gives up; UnsupportedError if the decoder does not start.
 */
export async function decodeCmyk(jpeg: Uint8Array, { width, height }: Frame): Promise<Decoded> {
  const { exports } = new WebAssembly.Instance(await decoderModule('turbojpeg'), imports);
  const turbo = exports as unknown as TurboJpeg; // an instance an image: its memory never shrinks, and an error leaves it of no use
  const size = width * height * 4;
  try {
    const source = turbo.malloc(jpeg.length);
    const inks = turbo.malloc(size);
    const handle = turbo.tjInitDecompress();
    if (source === 0 || inks === 0 || handle === 0) throw new InputError('out of memory');
    new Uint8Array(turbo.memory.buffer).set(jpeg, source);
    const warned = turbo.tjDecompress2(handle, source, jpeg.length, inks, width, width * 4, height, cmykFormat, 0) !== 0;
    const data = toRgb(new Uint8Array(turbo.memory.buffer, inks, size));
    return { data, warnings: warned ? [textAt(turbo.memory, messageAt)] : [] };
  } catch (cause) {
    throw new InputError(`the CMYK JPEG cannot be decoded: ${cause === jump ? textAt(turbo.memory, messageAt) : String(cause)}`, { cause });
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

/** PIL's cmyk2rgb, in which products of bytes are divided by 255 and rounded; of inverted inks, as they are here, the complement. */
function toRgb(inks: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((inks.length / 4) * 3);
  for (let i = 0, o = 0; o < rgb.length; i += 4) {
    const white = inks[i + 3] as number;
    for (let c = 0; c < 3; c++) {
      const covered = (255 - (inks[i + c] as number)) * white + 128;
      rgb[o++] = white - ((covered + (covered >> 8)) >> 8);
    }
  }
  return rgb;
}

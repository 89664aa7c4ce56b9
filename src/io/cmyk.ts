import type { Decoded } from './decoders.js';
import type { Frame } from './jpegMarkers.js';
import { decodeTurbo } from './turbojpeg.js';

/**
 * The RGB pixels of a JPEG of four components, as PIL's `convert('RGB')` gives them: inks are taken as inverted, as Adobe writes them, whether or not
 * the file says who wrote it.
 *
 * @throws InputError if libjpeg gives up; UnsupportedError if the decoder does not start.
 */
export async function decodeCmyk(jpeg: Uint8Array, frame: Frame): Promise<Decoded> {
  const { data, warnings } = await decodeTurbo(jpeg, frame, 'cmyk');
  return { data: toRgb(data as Uint8Array), warnings };
}

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

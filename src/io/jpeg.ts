import { InputError } from '../errors.js';
import { checkClaim } from './claim.js';
import { decodeCmyk } from './cmyk.js';
import type { Decoded } from './decoders.js';
import { cleanJpeg } from './jpegClean.js';
import { type Frame, frameOf, isComplete, readMarkers, startOfScan } from './jpegMarkers.js';
import { decodeMozjpeg } from './mozjpeg.js';
import type { Pixels } from './resize.js';
import { decodeTurbo } from './turbojpeg.js';

/** SOI, and the first byte of the marker that follows it. */
export const jpegSignature = [0xff, 0xd8, 0xff] as const;

/**
 * The RGB pixels of a JPEG, as PIL's `convert('RGB')` gives them: libjpeg's own defaults, no colour profile applied, not rotated by EXIF.
 *
 * @param tolerant let libjpeg fill what a damaged or truncated file lacks, as PIL's LOAD_TRUNCATED_IMAGES does; a progressive file must have begun its
 *   last scans even so
 * @throws InputError if the file is damaged or truncated, or of a kind that is not read: arithmetic coding, progressive without its last
 *   scans; UnsupportedError if the decoder does not start.
 */
export async function decodeJpeg(bytes: Uint8Array, tolerant: boolean): Promise<Pixels> {
  const markers = readMarkers(bytes);
  const frame = frameOf(markers, bytes.length);
  checkFrame(frame);
  const scans = markers.segments.filter(({ marker }) => marker === startOfScan);
  const stored = scans.reduce((sum, { bytes }) => sum + bytes.length, 0);
  checkClaim({ ...frame, bytes: stored, pixelsPerByte: tolerant ? Number.POSITIVE_INFINITY : pixelsPerByte(frame) });
  if (scans.length > usualScans && frame.width * frame.height * scans.length > stored * workPerByte)
    throw new InputError(
      `the JPEG is damaged: its ${scans.length} scans hold ${stored} bytes, too few for ${frame.width}×${frame.height} pixels each`,
    );
  if (!tolerant && !markers.ended)
    throw new InputError(`the JPEG is truncated: it ends after ${bytes.length} bytes, before its end of image`);
  if (frame.progressive && !isComplete(markers, frame))
    throw new InputError(
      'a progressive JPEG without its last scans is not read: what they lack is smoothed, differently by each version of libjpeg; save it whole',
    );
  const cleaned = cleanJpeg(markers, frame);
  const { data, warnings } = await decoderOf(frame)(cleaned, frame);
  const damage = warnings.filter((line) => !harmless.some((known) => known.test(line)));
  if (damage.length > 0 && !tolerant) throw new InputError(`the JPEG is damaged: ${damage.join('; ')}`);
  return { width: frame.width, height: frame.height, data };
}

/**
 * Each scan goes over all pixels, however few bytes it has: more scans than encoders write must have as many bytes as make the time that they take
 * proportional to them. A blank progressive photograph has a byte for 3400 pixels of each of 10 scans.
 */
const usualScans = 10;
const workPerByte = 2 ** 13;

function checkFrame({ components }: Frame): void {
  if (![1, 3, 4].includes(components.length))
    throw new InputError(`expected a grey, RGB or CMYK JPEG, found ${components.length} components: convert it to RGB`);
}

function decoderOf({ components }: Frame): (jpeg: Uint8Array, frame: Frame) => Promise<Decoded> {
  if (components.length === 4) return decodeCmyk;
  return isHalvedDownOnly(components) ? (jpeg, frame) => decodeTurbo(jpeg, frame, 'rgb') : decodeMozjpeg;
}

/** Full across, half down, as a 4:2:2 that was turned without loss: newer libjpeg-turbo, and so PIL, interpolates such a component; MozJPEG repeats its rows. */
function isHalvedDownOnly(components: Frame['components']): boolean {
  const [across, down] = largest(components);
  return components.some(({ h, v }) => h === across && 2 * v === down);
}

const largest = (components: Frame['components']): readonly [h: number, v: number] => [
  Math.max(...components.map(({ h }) => h)),
  Math.max(...components.map(({ v }) => v)),
];

/**
 * Each block of 8×8 samples takes two bits at least, for its DC and its end, or one where a progressive scan ends many blocks at once. A block of the
 * component with the most samples stands for 8×8 pixels.
 */
function pixelsPerByte({ components, progressive }: Frame): number {
  const [across, down] = largest(components);
  const blocks = components.reduce((sum, { h, v }) => sum + h * v, 0);
  return (8 * 64 * across * down) / (blocks * (progressive ? 1 : 2));
}

/** What libjpeg warns of where no pixel is in doubt (jerror.h, JWRN_EXTRANEOUS_DATA, JWRN_NOT_SEQUENTIAL, JWRN_BOGUS_PROGRESSION). */
const harmless = [/extraneous bytes before marker/, /Invalid SOS parameters for sequential JPEG/, /Inconsistent progression sequence/];

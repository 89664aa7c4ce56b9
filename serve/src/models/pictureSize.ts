import { InputError } from 'senet';

/**
 * Pixels that a picture's header claims, before anything is decoded. The first of a JPEG's frame headers counts, as for its decoder; undefined for what
 * has no header of ours, which the decoders refuse.
 *
 * Sources: ITU-T T.81 B.2.2 (JPEG), the PNG specification 11.2.1, RFC 9649 2.5-2.7 and RFC 6386 9.1 (WebP).
 */
export function claimedPixels(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint16(0) === 0xffd8) return jpegPixels(view);
    if (view.getUint32(0) === 0x89504e47) return view.getUint32(16) * view.getUint32(20);
    if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return webpPixels(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the header is cut off
  }
  return undefined;
}

/** @throws InputError for a picture of more pixels than that */
export function checkPixels(pixels: number | undefined, most: number): void {
  if (pixels !== undefined && pixels > most) throw new InputError(`expected a picture of at most ${most} pixels, found ${pixels}`);
}

/** SOF0 to SOF15; C4, C8 and CC among them are no frames. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Markers without a length: TEM, RSTn, SOI. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

function jpegPixels(view: DataView): number | undefined {
  for (let at = 2; ; ) {
    // bytes before a marker that belong to no segment are passed over, as libjpeg does
    while (view.getUint8(at) !== 0xff || view.getUint8(at + 1) === 0xff || view.getUint8(at + 1) === 0) at++;
    const marker = view.getUint8(at + 1);
    if (isFrame(marker)) return view.getUint16(at + 5) * view.getUint16(at + 7);
    if (marker === 0xd9 || marker === 0xda) return undefined; // its end, or a scan without a frame
    at += 2 + (isBare(marker) ? 0 : Math.max(2, view.getUint16(at + 2)));
  }
}

/** Of a still image; of an animation its first frame's, or its canvas's where that is larger. */
function webpPixels(view: DataView): number | undefined {
  let canvas = 0;
  for (let at = 12; ; ) {
    const chunk = view.getUint32(at);
    const contents = at + 8;
    // 'VP8 ': 14 bits each, behind a frame tag of three bytes and a start code of three
    if (chunk === 0x56503820)
      return Math.max(canvas, (view.getUint16(contents + 6, true) & 0x3fff) * (view.getUint16(contents + 8, true) & 0x3fff));
    if (chunk === 0x5650384c) {
      // 'VP8L': 14 bits each, less one, behind a signature of one byte
      const bits = view.getUint32(contents + 1, true);
      return Math.max(canvas, ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1));
    }
    if (chunk === 0x414e4d46) {
      // 'ANMF': the frame's chunks, behind its place and extents
      canvas = canvasOf(view);
      at = contents + 16;
    } else {
      const length = view.getUint32(at + 4, true);
      at = contents + length + (length % 2);
    }
  }
}

/** Of an animation, whose first chunk is 'VP8X': 24 bits each, less one, behind flags of four bytes. 0 without one, which the decoder refuses. */
function canvasOf(view: DataView): number {
  if (view.getUint32(12) !== 0x56503858) return 0;
  const extent = (at: number): number => (view.getUint16(at, true) | (view.getUint8(at + 2) << 16)) + 1;
  return extent(24) * extent(27);
}

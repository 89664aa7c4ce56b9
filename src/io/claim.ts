import { InputError } from '../errors.js';

interface Claim {
  readonly width: number;
  readonly height: number;
  /** The length of the file, or of the part of it that holds the pixels. */
  readonly bytes: number;
  /** The most pixels that the format can pack into a byte. */
  readonly pixelsPerByte: number;
  /** Pixels that a file of any length may have. @defaultValue 0 */
  readonly anyway?: number;
}

/** Of an image that is read. Where PIL speaks of a decompression bomb: twice its MAX_IMAGE_PIXELS. */
export const mostPixelsRead = 2 * 89_478_485;

/**
 * Refuses, before anything is allocated for it, a header whose extents are empty, too large, or more than the file can hold.
 *
 * @throws InputError
 */
export function checkClaim({ width, height, bytes, pixelsPerByte, anyway = 0 }: Claim): void {
  const claim = `the header claims ${width}×${height} pixels`;
  if (width === 0 || height === 0) throw new InputError(`${claim}: none at all`);
  if (width * height > mostPixelsRead) throw new InputError(`${claim}: more than the ${mostPixelsRead} that are handled`);
  if (width * height > Math.max(bytes * pixelsPerByte, anyway))
    throw new InputError(`${claim}: more than ${bytes} bytes can hold; the file is damaged or truncated`);
}

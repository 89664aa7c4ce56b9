import { InputError } from '../errors.js';
import { maxPixels } from './resize.js';

interface Claim {
  readonly width: number;
  readonly height: number;
  /** The file's length. */
  readonly bytes: number;
  /** The most pixels that the format can pack into a byte. */
  readonly pixelsPerByte: number;
}

/**
 * Refuses, before anything is allocated for it, a header whose extents are empty, too large, or more than the file can hold.
 *
 * @throws InputError
 */
export function checkClaim({ width, height, bytes, pixelsPerByte }: Claim): void {
  const claim = `the header claims ${width}×${height} pixels`;
  if (width === 0 || height === 0) throw new InputError(`${claim}: none at all`);
  if (width * height > maxPixels) throw new InputError(`${claim}: more than the 2^28 that are handled`);
  if (width * height > bytes * pixelsPerByte)
    throw new InputError(`${claim}: more than ${bytes} bytes can hold; the file is damaged or truncated`);
}

import type { Box } from '../../ops/op.js';
import type { Integers } from '../../ops/quantised/quantisation.js';
import type { Shape } from '../../tensor.js';
import type { Layout } from '../layout.js';

/** Bytes of a pixel: its channels, padded so that a vector is one pixel's. What is in the pads is nobody's business. */
const pixelOf = (channels: number): number => Math.ceil(channels / 16) * 16;

/**
 * A byte is how far a value is above this integer. Where a range is no wider than 128 integers, its bytes are from 0 to 127, which all engines multiply fast and
 * alike; 0 where that will do, so that values lie as they are.
 */
export function baseOf({ dtype, range: [lowest, highest] }: Integers): number {
  if (lowest >= 0 && highest <= 127) return 0;
  if (highest - lowest <= 127) return lowest;
  return dtype === 'int8' ? -128 : 0;
}

/** A value of 8-bit integers: NHWC. */
export function byteLayout([images = 1, channels = 1, height = 1, width = 1]: Shape, base: number): Layout {
  const pixel = pixelOf(channels);
  return { images, channels, height, width, image: height * width * pixel, origin: 0, line: width * pixel, pixel, base };
}

/** Bytes of a pixel of an image with a border. */
export const borderPixel = 4;

/** An image of up to 4 channels with a border of zero points around it. */
export function byteBorderLayout(
  [images = 1, channels = 1, height = 1, width = 1]: Shape,
  [top, right, bottom, left]: Box,
  base: number,
): Layout {
  const pixel = borderPixel;
  const line = (left + width + right) * pixel;
  return { images, channels, height, width, image: (top + height + bottom) * line, origin: top * line + left * pixel, line, pixel, base };
}

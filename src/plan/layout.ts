import type { Box } from '../ops/op.js';
import type { Shape } from '../tensor.js';

/**
 * Where a logical [N, C, H, W] or [N, C] value lives in its buffer: NHWC, value (n, c, h, w) at n·image + origin + h·line + w·pixel + 4c
 * bytes. This and the kernels alone know the physical layout.
 */
export interface Layout {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly image: number;
  readonly origin: number;
  readonly line: number;
  readonly pixel: number;
  /** A channel is a byte, at c in place of 4c, which is how far the value is above this integer. @defaultValue channels are floats */
  readonly base?: number;
}

/** Bytes of a pixel whose channels are padded to a multiple of 8 floats. */
export const pixelBytes = (channels: number): number => Math.ceil(channels / 8) * 32;

/** The ordinary layout; [N, C] is a plane of one pixel. */
export function denseLayout([images = 1, channels = 1, height = 1, width = 1]: Shape): Layout {
  const pixel = pixelBytes(channels);
  return { images, channels, height, width, image: height * width * pixel, origin: 0, line: width * pixel, pixel };
}

/** [N, C] as one plane of N pixels, so that a matrix product takes the whole batch as its rows. */
export function rowsLayout([rows = 1, channels = 1]: Shape): Layout {
  return denseLayout([1, channels, rows, 1]);
}

/** Numbers in a row, as a checkpoint has them: one per channel, a parameter's or its gradient's. */
export function flatLayout(size: number): Layout {
  return denseLayout([1, size]);
}

/**
 * An image with a border of zeros already around it and no pad channels: a filter row's taps are then one run of Q·C consecutive
 * floats, which is what a 3-channel 7×7 stem wants (21 instead of 7 runs of 3).
 */
export function borderedLayout([images = 1, channels = 1, height = 1, width = 1]: Shape, [top, right, bottom, left]: Box): Layout {
  const pixel = channels * 4;
  const line = (left + width + right) * pixel;
  return { images, channels, height, width, image: (top + height + bottom) * line, origin: top * line + left * pixel, line, pixel };
}

export const layoutBytes = ({ images, image }: Layout): number => images * image;

/** Of bytes all pixels but those of images with a border are of whole vectors. */
export const isBordered = ({ pixel, channels, base }: Layout): boolean =>
  base === undefined ? pixel !== pixelBytes(channels) : pixel % 16 !== 0;

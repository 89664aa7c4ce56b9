import { zeroBetween } from './simd';

/** Which: by its place in src/ops/functionNames.ts. */
const MEAN = 1;
const MAX = 2;
const MIN = 3;

/**
 * y = the sum, mean, largest or smallest of x along some of its axes, which y has as extents of 1. Sums are in float64.
 *
 *   x           [images, height, width, pixel bytes], `channels` of each pixel
 *   y           [outImages, outHeight, outWidth, outPixel bytes], each extent x's or 1
 *   outChannels channels, or 1
 *   kind        which
 *   begin, end  of y's pixels
 */
// biome-ignore format: the ABI by its kinds
export function reduce(
  x: usize, y: usize, pixel: usize, outPixel: usize, images: i32, height: i32, width: i32, channels: i32,
  outImages: i32, outHeight: i32, outWidth: i32, outChannels: i32, kind: i32, begin: i32, end: i32,
): void {
  const line = <usize>width * pixel,
    image = <usize>height * line;
  const over = channels / outChannels; // channels that become one
  const n1 = images / outImages,
    h1 = height / outHeight,
    w1 = width / outWidth;
  const count = <f64>(n1 * h1 * w1 * over);
  for (let at = begin; at < end; at++) {
    const first = <usize>(n1 > 1 ? 0 : at / (outHeight * outWidth)) * image
      + <usize>(h1 > 1 ? 0 : (at / outWidth) % outHeight) * line + <usize>(w1 > 1 ? 0 : at % outWidth) * pixel;
    const to = y + <usize>at * outPixel;
    for (let c = 0; c < outChannels; c++) {
      let result: f64 = kind === MAX ? -Infinity : kind === MIN ? Infinity : 0;
      for (let n = 0; n < n1; n++)
        for (let h = 0; h < h1; h++)
          for (let w = 0; w < w1; w++) {
            const from = x + first + <usize>n * image + <usize>h * line + <usize>w * pixel + ((<usize>c) << 2);
            for (let k = 0; k < over; k++) {
              const value = <f64>load<f32>(from + ((<usize>k) << 2));
              result = kind === MAX ? max(result, value) : kind === MIN ? min(result, value) : result + value;
            }
          }
      store<f32>(to + ((<usize>c) << 2), <f32>(kind === MEAN ? result / count : result));
    }
    zeroBetween(to + ((<usize>outChannels) << 2), to + outPixel);
  }
}

/**
 * Images from planes to pixels, as [N, C, H, W] arrives: y is cleared, then value (n, c, h, w) goes to
 * y + n·image + origin + h·line + w·pixel + 4c.
 *
 *   x          [images, channels, height, width] floats
 *   y          images of `image` bytes; what no value lands on, borders and pad channels, becomes 0
 *   begin, end of images
 */
export function nchwToNhwc(
  x: usize,
  y: usize,
  image: usize,
  origin: usize,
  line: usize,
  pixel: usize,
  channels: i32,
  height: i32,
  width: i32,
  begin: i32,
  end: i32,
): void {
  for (let n = begin; n < end; n++) {
    const target = y + <usize>n * image;
    memory.fill(target, 0, image);
    let from = x + <usize>(n * channels * height * width) * 4;
    for (let c = 0; c < channels; c++)
      for (let h = 0; h < height; h++) {
        let to = target + origin + <usize>h * line + ((<usize>c) << 2);
        for (let w = 0; w < width; w++, from += 4, to += pixel) store<f32>(to, load<f32>(from));
      }
  }
}

/**
 * One operand of a concatenation: `bytes` of each pixel of x go to the pixel of y, which starts at y + r·yPixel;
 * `clear` further bytes (the pads behind the last operand) become 0.
 *
 *   x          [rows, xPixel bytes]
 *   y          the first pixel's place for this operand
 *   begin, end of rows
 */
export function concat(x: usize, y: usize, xPixel: usize, yPixel: usize, bytes: usize, clear: usize, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const to = y + <usize>r * yPixel;
    memory.copy(to, x + <usize>r * xPixel, bytes);
    memory.fill(to + bytes, 0, clear);
  }
}

/**
 * Channels viewed as [groups, channels/groups], transposed: channel k·groups + g of y is channel g·channels/groups + k of x.
 *
 *   x, y        [rows, pixel bytes]
 *   begin, end  of rows
 */
export function channelShuffle(x: usize, y: usize, pixel: usize, channels: i32, groups: i32, begin: i32, end: i32): void {
  const each = ((<usize>channels) << 2) / groups;
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * pixel;
    let to = y + <usize>r * pixel;
    const last = to + pixel;
    for (let k: usize = 0; k < each; k += 4)
      for (let g = 0, at = from + k; g < groups; g++, at += each, to += 4) store<f32>(to, load<f32>(at));
    for (; to < last; to += 4) store<f32>(to, 0);
  }
}

/**
 * Each pixel of y is the pixel of x at ⌊i·H/I⌋, ⌊j·W/J⌋.
 *
 *   x           [images, height, width, pixel bytes]
 *   y           [images, outHeight, outWidth, pixel bytes]
 *   begin, end  of images · outHeight
 */
export function upsampleNearest(
  x: usize,
  y: usize,
  pixel: usize,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  begin: i32,
  end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const image = row / outHeight;
    const h = <i32>((<i64>(row % outHeight) * <i64>height) / <i64>outHeight);
    const line = x + <usize>(image * height + h) * <usize>width * pixel;
    let to = y + <usize>row * <usize>outWidth * pixel;
    for (let j = 0; j < outWidth; j++)
      for (
        let from = line + <usize>((<i64>j * <i64>width) / <i64>outWidth) * pixel, last = from + pixel;
        from < last;
        from += 32, to += 32
      ) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
  }
}

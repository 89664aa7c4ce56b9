/** Rows of one image whose sums are taken together: ../gather.ts says why 60. So many bytes are no more than 16 bits hold. */
const BLOCK = 60;

/**
 * y = the largest of each window; cells outside the image are ignored.
 *
 *   operands as maxPool's, but a channel is a byte, and pixels are multiples of 16
 *   begin, end  of images · outHeight
 */
// biome-ignore format: the ABI by its kinds
export function maxPool8(
  x: usize, y: usize, pixel: usize, height: i32, width: i32, outHeight: i32, outWidth: i32,
  windowH: i32, windowW: i32, strideH: i32, strideW: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  const line = <usize>width * pixel;
  for (let row = begin; row < end; row++) {
    const image = x + <usize>(row / outHeight) * <usize>height * line;
    const h = (row % outHeight) * strideH - top;
    const h0 = max(h, 0), h1 = min(h + windowH, height);
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideW - left;
      const w0 = max(w, 0), w1 = min(w + windowW, width);
      const to = y + <usize>(row * outWidth + j) * pixel;
      for (let c: usize = 0; c < pixel; c += 16) {
        let largest = i8x16.splat(0);
        for (let i = h0; i < h1; i++) {
          let at = image + <usize>i * line + <usize>w0 * pixel + c;
          for (let k = w0; k < w1; k++, at += pixel) largest = i8x16.max_u(largest, v128.load(at));
        }
        v128.store(to + c, largest);
      }
    }
  }
}

/**
 * sums = those of each block of 60 pixels, by channels.
 *
 *   x           [images, rows, pixel bytes]
 *   sums        [images · blocks, pixel] i32
 *   begin, end  of images · blocks
 */
export function squeeze8(x: usize, sums: usize, pixel: usize, rows: i32, begin: i32, end: i32): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  for (let unit = begin; unit < end; unit++) {
    const first = (unit % blocks) * BLOCK;
    const from = x + <usize>((unit / blocks) * rows + first) * pixel;
    const bytes = <usize>min(rows - first, BLOCK) * pixel;
    const to = sums + <usize>unit * (pixel << 2);
    for (let c: usize = 0; c < pixel; c += 16) {
      let low = i16x8.splat(0),
        high = low;
      for (let at = from + c, last = at + bytes; at < last; at += pixel) {
        const cell = v128.load(at);
        low = i16x8.add(low, i16x8.extend_low_i8x16_u(cell));
        high = i16x8.add(high, i16x8.extend_high_i8x16_u(cell));
      }
      const s = to + (c << 2);
      v128.store(s, i32x4.extend_low_i16x8_u(low));
      v128.store(s, i32x4.extend_high_i16x8_u(low), 16);
      v128.store(s, i32x4.extend_low_i16x8_u(high), 32);
      v128.store(s, i32x4.extend_high_i16x8_u(high), 48);
    }
  }
}

/**
 * z = (sum − rows · zero) · factor: the exact difference rounded to float32, then the product.
 *
 *   sums        as squeeze8 leaves them
 *   z           [images, zPixel bytes] floats, of which `channels` count
 *   begin, end  of images
 */
// biome-ignore format: the ABI by its kinds
export function mean8(
  sums: usize, z: usize, pixel: usize, zPixel: usize, channels: i32, rows: i32, zero: i32, factor: f32, begin: i32, end: i32,
): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  for (let n = begin; n < end; n++) {
    const from = sums + <usize>(n * blocks) * (pixel << 2);
    const to = z + <usize>n * zPixel;
    for (let c: i32 = 0; c < <i32>(zPixel >> 2); c++) {
      let sum: i32 = 0;
      if (c < channels) {
        sum = -rows * zero;
        for (let block = 0, at = from + (<usize>c << 2); block < blocks; block++, at += pixel << 2) sum += load<i32>(at);
      }
      store<f32>(to + (<usize>c << 2), <f32>sum * factor);
    }
  }
}

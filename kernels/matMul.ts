import { fmadd, zeroBetween } from './simd';

/**
 * y = a · b, a product of matrices for each image and channel, lanes side by side: heads of attention are channels here.
 *
 *   a           [images or 1, rows, depth, aPixel bytes]
 *   b           [images or 1, depth, columns, bPixel bytes]
 *   y           [images, rows, columns, pixel bytes]
 *   aImage, bImage  bytes from image to image; 0 where one serves all
 *   aOne, bOne  1: one channel serves all
 *   begin, end  of images · rows
 */
// biome-ignore format: the ABI by its kinds
export function matMul(
  a: usize, b: usize, y: usize, pixel: usize, channels: i32, rows: i32, depth: i32, columns: i32,
  aImage: usize, aPixel: usize, aOne: i32, bImage: usize, bPixel: usize, bOne: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  const bLine = <usize>columns * bPixel;
  for (let row = begin; row < end; row++) {
    const n = <usize>(row / rows);
    const left = a + n * aImage + <usize>(row % rows) * <usize>depth * aPixel;
    const right = b + n * bImage;
    let to = y + <usize>row * <usize>columns * pixel;
    for (let l = 0; l < columns; l++, to += pixel) {
      for (let c: usize = 0; c < pixel; c += 16) {
        let p = left + (aOne ? 0 : c),
          q = right + <usize>l * bPixel + (bOne ? 0 : c);
        let sum = f32x4.splat(0);
        for (let k = 0; k < depth; k++, p += aPixel, q += bLine)
          sum = fmadd(aOne ? v128.load32_splat(p) : v128.load(p), bOne ? v128.load32_splat(q) : v128.load(q), sum);
        v128.store(to + c, sum);
      }
      zeroBetween(to + bytes, to + pixel);
    }
  }
}

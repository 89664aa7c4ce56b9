/**
 * Images of every `stride`-th line and column, put together: pixel (h, w) of y is pixel (⌊h / strideH⌋, ⌊w / strideW⌋) of part (h mod strideH, w mod strideW).
 *
 *   x           the parts, each [images, lines of y in it, columns of y in it, pixel bytes]
 *   phases      [strideH, strideW] i32, no more than y has lines and columns: where each part starts, in bytes from x; or −1 for zeros
 *   y           [images, height, width, pixel bytes]
 *   begin, end  of images · height lines
 */
// biome-ignore format: the ABI by its kinds
export function weave(
  x: usize, phases: usize, y: usize, pixel: usize, height: i32, width: i32, strideH: i32, strideW: i32, begin: i32, end: i32,
): void {
  const columns = min(strideW, width);
  const step = pixel * <usize>strideW;
  for (let line = begin; line < end; line++) {
    const n = line / height;
    const h = line % height;
    const a = h % strideH;
    const lines = (height - a + strideH - 1) / strideH; // of an image of this part
    for (let b = 0; b < columns; b++) {
      const part = load<i32>(phases + (<usize>(a * columns + b) << 2));
      const extent = (width - b + strideW - 1) / strideW;
      let to = y + <usize>(line * width + b) * pixel;
      if (part < 0) {
        for (let j = 0; j < extent; j++, to += step) memory.fill(to, 0, pixel);
        continue;
      }
      let from = x + <usize>part + <usize>((n * lines + h / strideH) * extent) * pixel;
      for (let j = 0; j < extent; j++, to += step)
        for (let c: usize = 0; c < pixel; c += 32, from += 32) {
          v128.store(to + c, v128.load(from));
          v128.store(to + c, v128.load(from, 16), 16);
        }
    }
  }
}

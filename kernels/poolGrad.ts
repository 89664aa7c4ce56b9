/** What pools send back: windows in order, each to the cells that it came from. An image a unit, since windows overlap. */

/**
 * dx = Σ dy over the windows whose largest cell it is: the first of equal ones, row by row.
 *
 *   x, dx       [images, height, width, pixel bytes]
 *   dy          [images, outHeight, outWidth, pixel bytes]
 *   windowH … left   as maxPool's
 *   begin, end  of images
 */
export function maxPoolGrad(
  x: usize,
  dy: usize,
  dx: usize,
  pixel: usize,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  windowH: i32,
  windowW: i32,
  strideH: i32,
  strideW: i32,
  top: i32,
  left: i32,
  begin: i32,
  end: i32,
): void {
  const line = <usize>width * pixel;
  const image = <usize>height * line;
  memory.fill(dx + <usize>begin * image, 0, <usize>(end - begin) * image);
  for (let n = begin; n < end; n++)
    for (let i = 0; i < outHeight; i++) {
      const h0 = max(i * strideH - top, 0),
        h1 = min(i * strideH - top + windowH, height);
      for (let j = 0; j < outWidth; j++) {
        const w0 = max(j * strideW - left, 0),
          w1 = min(j * strideW - left + windowW, width);
        const first = <usize>n * image + <usize>h0 * line + <usize>w0 * pixel;
        const from = dy + <usize>((n * outHeight + i) * outWidth + j) * pixel;
        for (let c: usize = 0; c < pixel; c += 16)
          sendToLargest(x + first + c, dx + first + c, v128.load(from + c), line, pixel, h1 - h0, w1 - w0);
      }
    }
}

/** One window of four channels: which cell is the largest, then adds d there. */
function sendToLargest(x: usize, dx: usize, d: v128, line: usize, pixel: usize, tall: i32, wide: i32): void {
  let largest = v128.load(x);
  let where = i32x4.splat(0);
  for (let i = 0, cell = 0; i < tall; i++)
    for (let j = 0; j < wide; j++, cell++) {
      const value = v128.load(x + <usize>i * line + <usize>j * pixel);
      const larger = f32x4.gt(value, largest);
      largest = v128.bitselect(value, largest, larger);
      where = v128.bitselect(i32x4.splat(cell), where, larger);
    }
  for (let i = 0, cell = 0; i < tall; i++)
    for (let j = 0; j < wide; j++, cell++) {
      const at = dx + <usize>i * line + <usize>j * pixel;
      v128.store(at, f32x4.add(v128.load(at), v128.and(d, i32x4.eq(where, i32x4.splat(cell)))));
    }
}

/**
 * dx = Σ dy / divisor over the windows that a cell lies in.
 *
 *   operands as maxPoolGrad's and avgPool's
 *   begin, end  of images
 */
export function avgPoolGrad(
  dy: usize,
  dx: usize,
  pixel: usize,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  windowH: i32,
  windowW: i32,
  strideH: i32,
  strideW: i32,
  top: i32,
  left: i32,
  bottom: i32,
  right: i32,
  inside: i32,
  begin: i32,
  end: i32,
): void {
  const line = <usize>width * pixel;
  const image = <usize>height * line;
  memory.fill(dx + <usize>begin * image, 0, <usize>(end - begin) * image);
  for (let n = begin; n < end; n++)
    for (let i = 0; i < outHeight; i++) {
      const h = i * strideH - top;
      const h0 = max(h, 0),
        h1 = min(h + windowH, height);
      const tall = inside ? h1 - h0 : min(h + windowH, height + bottom) - h;
      for (let j = 0; j < outWidth; j++) {
        const w = j * strideW - left;
        const w0 = max(w, 0),
          w1 = min(w + windowW, width);
        const wide = inside ? w1 - w0 : min(w + windowW, width + right) - w;
        const from = dy + <usize>((n * outHeight + i) * outWidth + j) * pixel;
        const to = dx + <usize>n * image + <usize>h0 * line + <usize>w0 * pixel;
        share(from, to, line, pixel, h1 - h0, w1 - w0, tall * wide);
      }
    }
}

/**
 * dx = Σ dy / cells over the windows that a cell lies in, windows as adaptiveAvgPool has them.
 *
 *   dy          [images, outHeight, outWidth, pixel bytes]
 *   dx          [images, height, width, pixel bytes]
 *   begin, end  of images
 */
export function adaptiveAvgPoolGrad(
  dy: usize,
  dx: usize,
  pixel: usize,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  begin: i32,
  end: i32,
): void {
  const line = <usize>width * pixel;
  const image = <usize>height * line;
  memory.fill(dx + <usize>begin * image, 0, <usize>(end - begin) * image);
  for (let n = begin; n < end; n++)
    for (let i = 0; i < outHeight; i++) {
      const h0 = (i * height) / outHeight,
        h1 = ((i + 1) * height + outHeight - 1) / outHeight;
      for (let j = 0; j < outWidth; j++) {
        const w0 = (j * width) / outWidth,
          w1 = ((j + 1) * width + outWidth - 1) / outWidth;
        const from = dy + <usize>((n * outHeight + i) * outWidth + j) * pixel;
        const to = dx + <usize>n * image + <usize>h0 * line + <usize>w0 * pixel;
        share(from, to, line, pixel, h1 - h0, w1 - w0, (h1 - h0) * (w1 - w0));
      }
    }
}

/** Adds a pixel over `divisor` to each of a window's `tall` × `wide`, lines `line` bytes apart. */
function share(from: usize, to: usize, line: usize, pixel: usize, tall: i32, wide: i32, divisor: i32): void {
  const count = f32x4.splat(<f32>divisor);
  for (let c: usize = 0; c < pixel; c += 16) {
    const part = f32x4.div(v128.load(from + c), count);
    for (let i = 0; i < tall; i++) {
      let at = to + <usize>i * line + c;
      for (let j = 0; j < wide; j++, at += pixel) v128.store(at, f32x4.add(v128.load(at), part));
    }
  }
}

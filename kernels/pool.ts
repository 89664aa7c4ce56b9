/** Rows of one image whose sums are taken together; conv.ts says why 60. */
const BLOCK = 60;

/**
 * y = the largest of each window; cells outside the image are ignored, NaN is kept.
 *
 *   x           [images, height, width, pixel bytes]
 *   y           [images, outHeight, outWidth, pixel bytes]
 *   windowH, windowW, strideH, strideW, top, left   of the window; each must meet the image
 *   begin, end  of images · outHeight
 */
export function maxPool(
  x: usize,
  y: usize,
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
  for (let row = begin; row < end; row++) {
    const image = x + <usize>(row / outHeight) * <usize>height * line;
    const h = (row % outHeight) * strideH - top;
    const h0 = max(h, 0),
      h1 = min(h + windowH, height);
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideW - left;
      const w0 = max(w, 0),
        w1 = min(w + windowW, width);
      const to = y + <usize>(row * outWidth + j) * pixel;
      // max is eight instructions on x86-64; pmax is one, and never takes a NaN over, so those are looked for apart
      for (let c: usize = 0; c < pixel; c += 32) {
        let largest0 = f32x4.splat(-Infinity),
          largest1 = largest0;
        let nan0 = i32x4.splat(0),
          nan1 = nan0;
        for (let i = h0; i < h1; i++) {
          let at = image + <usize>i * line + <usize>w0 * pixel + c;
          for (let k = w0; k < w1; k++, at += pixel) {
            const cell0 = v128.load(at),
              cell1 = v128.load(at, 16);
            largest0 = f32x4.pmax(largest0, cell0);
            largest1 = f32x4.pmax(largest1, cell1);
            nan0 = v128.or(nan0, f32x4.ne(cell0, cell0));
            nan1 = v128.or(nan1, f32x4.ne(cell1, cell1));
          }
        }
        v128.store(to + c, v128.or(largest0, nan0)); // all bits set is a NaN
        v128.store(to + c, v128.or(largest1, nan1), 16);
      }
    }
  }
}

/**
 * y = the mean of each window, cells outside the image being 0.
 *
 *   operands as maxPool's
 *   bottom, right  the padding there: with top and left, what a window may count beyond the image
 *   inside         1: divide by the cells inside the image; 0: by those inside the padded plane
 */
export function avgPool(
  x: usize,
  y: usize,
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
  for (let row = begin; row < end; row++) {
    const image = x + <usize>(row / outHeight) * <usize>height * line;
    const h = (row % outHeight) * strideH - top;
    const h0 = max(h, 0),
      h1 = min(h + windowH, height);
    const tall = inside ? h1 - h0 : min(h + windowH, height + bottom) - h;
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideW - left;
      const w0 = max(w, 0),
        w1 = min(w + windowW, width);
      const wide = inside ? w1 - w0 : min(w + windowW, width + right) - w;
      const divisor = f32x4.splat(<f32>(tall * wide));
      const to = y + <usize>(row * outWidth + j) * pixel;
      for (let c: usize = 0; c < pixel; c += 16) {
        let sum = f32x4.splat(0);
        for (let i = h0; i < h1; i++) {
          let at = image + <usize>i * line + <usize>w0 * pixel + c;
          for (let k = w0; k < w1; k++, at += pixel) sum = f32x4.add(sum, v128.load(at));
        }
        v128.store(to + c, f32x4.div(sum, divisor));
      }
    }
  }
}

/**
 * Column sums of each block of 60 rows: what `conv` sums on its way, for values that come from elsewhere.
 *
 *   x           [images, rows, pixel bytes]
 *   sums        [images, blocks, pixel bytes]
 *   begin, end  of images · blocks
 */
export function squeeze(x: usize, sums: usize, pixel: usize, rows: i32, begin: i32, end: i32): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  for (let unit = begin; unit < end; unit++) {
    const first = (unit % blocks) * BLOCK;
    const from = x + <usize>((unit / blocks) * rows + first) * pixel;
    const size = min(rows - first, BLOCK);
    for (let c: usize = 0; c < pixel; c += 32) sumRows(from + c, pixel, size, sums + <usize>unit * pixel + c);
  }
}

/**
 * The sums of 8 columns over `size` rows. Four chains, of every fourth row each, hide an addition's latency; joined as (0 + 1) + (2 + 3). The
 * order depends on nothing but the number of rows.
 */
export function sumRows(x: usize, pixel: usize, size: i32, z: usize): void {
  let s00 = f32x4.splat(0),
    s01 = s00,
    s10 = s00,
    s11 = s00,
    s20 = s00,
    s21 = s00,
    s30 = s00,
    s31 = s00;
  let r = 0;
  for (; r + 4 <= size; r += 4) {
    s00 = f32x4.add(s00, v128.load(x));
    s01 = f32x4.add(s01, v128.load(x, 16));
    x += pixel;
    s10 = f32x4.add(s10, v128.load(x));
    s11 = f32x4.add(s11, v128.load(x, 16));
    x += pixel;
    s20 = f32x4.add(s20, v128.load(x));
    s21 = f32x4.add(s21, v128.load(x, 16));
    x += pixel;
    s30 = f32x4.add(s30, v128.load(x));
    s31 = f32x4.add(s31, v128.load(x, 16));
    x += pixel;
  }
  for (; r < size; r++, x += pixel) {
    s00 = f32x4.add(s00, v128.load(x));
    s01 = f32x4.add(s01, v128.load(x, 16));
  }
  v128.store(z, f32x4.add(f32x4.add(s00, s10), f32x4.add(s20, s30)));
  v128.store(z, f32x4.add(f32x4.add(s01, s11), f32x4.add(s21, s31)), 16);
}

/**
 * z = the blocks' sums, added in order, over the number of rows (Hu 2018, eq. 2).
 *
 *   sums        [images, blocks, pixel bytes]
 *   z           [images, pixel bytes]
 *   begin, end  of images
 */
export function mean(sums: usize, z: usize, pixel: usize, rows: i32, begin: i32, end: i32): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  const divisor = f32x4.splat(<f32>rows);
  for (let n = begin; n < end; n++)
    for (let c: usize = 0; c < pixel; c += 16) {
      let at = sums + <usize>(n * blocks) * pixel + c;
      let sum = v128.load(at);
      for (let block = 1; block < blocks; block++) {
        at += pixel;
        sum = f32x4.add(sum, v128.load(at));
      }
      v128.store(z + <usize>n * pixel + c, f32x4.div(sum, divisor));
    }
}

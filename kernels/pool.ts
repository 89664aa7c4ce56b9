/** Rows of one image whose sums are taken together; gather.ts says why 60. */
const BLOCK = 60;

/** Of them, so many are one chain of additions, or two: the error of a sum grows with the length of its chains (Higham 2002, §4.2). */
const CHAIN = 20;

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
      const from = image + <usize>h0 * line + <usize>w0 * pixel;
      divideSum(from, line, pixel, h1 - h0, w1 - w0, tall * wide, y + <usize>(row * outWidth + j) * pixel);
    }
  }
}

/**
 * y = the mean of each of outHeight × outWidth windows that cover the plane: along H, ⌊i·H/I⌋ to ⌈(i + 1)·H/I⌉.
 *
 *   x           [images, height, width, pixel bytes]
 *   y           [images, outHeight, outWidth, pixel bytes]
 *   begin, end  of images · outHeight
 */
export function adaptiveAvgPool(
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
  const line = <usize>width * pixel;
  for (let row = begin; row < end; row++) {
    const image = x + <usize>(row / outHeight) * <usize>height * line;
    const i = row % outHeight;
    const h0 = (i * height) / outHeight,
      h1 = ((i + 1) * height + outHeight - 1) / outHeight;
    for (let j = 0; j < outWidth; j++) {
      const w0 = (j * width) / outWidth,
        w1 = ((j + 1) * width + outWidth - 1) / outWidth;
      const tall = h1 - h0,
        wide = w1 - w0;
      const from = image + <usize>h0 * line + <usize>w0 * pixel;
      divideSum(from, line, pixel, tall, wide, tall * wide, y + <usize>(row * outWidth + j) * pixel);
    }
  }
}

/** The sum over a window of `tall` × `wide` pixels, lines `line` bytes apart, divided by `divisor`: a pixel. */
function divideSum(from: usize, line: usize, pixel: usize, tall: i32, wide: i32, divisor: i32, to: usize): void {
  const count = f32x4.splat(<f32>divisor);
  for (let c: usize = 0; c < pixel; c += 16) {
    let sum = f32x4.splat(0);
    for (let i = 0; i < tall; i++) {
      let at = from + <usize>i * line + c;
      for (let j = 0; j < wide; j++, at += pixel) sum = f32x4.add(sum, v128.load(at));
    }
    v128.store(to + c, f32x4.div(sum, count));
  }
}

/**
 * Sums of each channel over each block of 60 rows.
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
    const z = sums + <usize>unit * pixel;
    memory.fill(z, 0, pixel);
    for (let r = 0; r < size; r += CHAIN) {
      const rows = min(size - r, CHAIN);
      const at = from + <usize>r * pixel;
      let c: usize = 0;
      for (; c + 64 <= pixel; c += 64) sum16(at + c, pixel, rows, z + c);
      if (c < pixel) sum8(at + c, pixel, rows, z + c);
    }
  }
}

/**
 * The sums of 16 channels over `size` rows: a cache line at a time, since rows may fall into one set of the cache. Even and odd rows are two chains,
 * to hide an addition's latency; their order depends on nothing but the number of rows.
 */
// biome-ignore format: one line per row
function sum16(x: usize, pixel: usize, size: i32, z: usize): void {
  const zero = f32x4.splat(0);
  let s0 = zero, s1 = zero, s2 = zero, s3 = zero, t0 = zero, t1 = zero, t2 = zero, t3 = zero;
  for (let r = 1; r < size; r += 2, x += 2 * pixel) {
    const next = x + pixel;
    s0 = f32x4.add(s0, v128.load(x)); s1 = f32x4.add(s1, v128.load(x, 16)); s2 = f32x4.add(s2, v128.load(x, 32)); s3 = f32x4.add(s3, v128.load(x, 48));
    t0 = f32x4.add(t0, v128.load(next)); t1 = f32x4.add(t1, v128.load(next, 16)); t2 = f32x4.add(t2, v128.load(next, 32)); t3 = f32x4.add(t3, v128.load(next, 48));
  }
  if (size & 1) {
    s0 = f32x4.add(s0, v128.load(x)); s1 = f32x4.add(s1, v128.load(x, 16)); s2 = f32x4.add(s2, v128.load(x, 32)); s3 = f32x4.add(s3, v128.load(x, 48));
  }
  more(z, f32x4.add(s0, t0)); more(z + 16, f32x4.add(s1, t1)); more(z + 32, f32x4.add(s2, t2)); more(z + 48, f32x4.add(s3, t3));
}

/** sum16 with half a line: what a pixel that is no multiple of 16 channels ends in. */
function sum8(x: usize, pixel: usize, size: i32, z: usize): void {
  let s0 = f32x4.splat(0),
    s1 = s0;
  for (let r = 0; r < size; r++, x += pixel) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
  }
  more(z, s0);
  more(z + 16, s1);
}

/** z += sum. */
function more(z: usize, sum: v128): void {
  v128.store(z, f32x4.add(v128.load(z), sum));
}

/**
 * z = the blocks' sums, added in order in float64, over the number of rows (Hu 2018, eq. 2).
 *
 *   sums        [images, blocks, pixel bytes]
 *   z           [images, pixel bytes]
 *   begin, end  of images
 */
export function mean(sums: usize, z: usize, pixel: usize, rows: i32, begin: i32, end: i32): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  const divisor = f64x2.splat(<f64>rows);
  for (let n = begin; n < end; n++)
    for (let c: usize = 0; c < pixel; c += 8) {
      let at = sums + <usize>(n * blocks) * pixel + c;
      let sum = f64x2.splat(0);
      for (const stop = at + <usize>blocks * pixel; at < stop; at += pixel)
        sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(at)));
      v128.store64_lane(z + <usize>n * pixel + c, f32x4.demote_f64x2_zero(f64x2.div(sum, divisor)), 0);
    }
}

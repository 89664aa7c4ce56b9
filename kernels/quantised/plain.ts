/*
 * What quantised graphs seldom have, plainly: integers of 8 bits are held as the floats that they are, int32 as themselves. Right, not fast: each operation is
 * exact, or one that src/ops/quantised names. Pad channels of integers may hold anything; those of floats are 0.
 */

/** The nearest integer to r, ties to even, and the zero point, within the range. NaN is taken as 0. */
function clipped(r: f32, zero: f32, lowest: f32, highest: f32): f32 {
  return max<f32>(min<f32>((F32.isNaN(r) ? 0 : nearest<f32>(r)) + zero, highest), lowest);
}

/**
 * y = clip(round(x / scale) + zero).
 *
 *   x, y        [rows, pixel bytes]
 *   scale, zero a number per channel, or one for all
 *   each        1: a number per channel
 *   begin, end  of rows
 */
export function plainQuantise(
  x: usize,
  scale: usize,
  zero: usize,
  y: usize,
  pixel: usize,
  lowest: f32,
  highest: f32,
  each: usize,
  begin: i32,
  end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const row = <usize>r * pixel;
    for (let c: usize = 0; c < pixel; c += 4) {
      const scaled = load<f32>(x + row + c) / load<f32>(scale + c * each);
      store<f32>(y + row + c, clipped(scaled, load<f32>(zero + c * each), lowest, highest));
    }
  }
}

/**
 * y = (x − zero) · scale, channel by channel; the scale of pad channels is 0.
 *
 *   x, y        [rows, pixel bytes]
 *   scale       a number per channel
 *   zero        an int32 per channel
 *   wide        1: x is int32
 *   begin, end  of rows
 */
export function plainDequantise(x: usize, scale: usize, zero: usize, y: usize, pixel: usize, wide: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const row = <usize>r * pixel;
    for (let c: usize = 0; c < pixel; c += 4) {
      const q = wide ? <i64>load<i32>(x + row + c) : <i64>load<f32>(x + row + c);
      store<f32>(y + row + c, <f32>(q - <i64>load<i32>(zero + c)) * load<f32>(scale + c));
    }
  }
}

/**
 * y = Σ (x − zero) · w in int32, where x's zero point is computed.
 *
 *   x            [images, height, width, pixel bytes]
 *   w            int32 [outputs, windowH, windowW, channels of a group, padded with zeros to a multiple of 4]
 *   zero         a float
 *   y            int32 [images, outHeight, outWidth, yPixel bytes]
 *   begin, end   of images · outHeight
 */
// biome-ignore format: the ABI by its kinds
export function plainConv(
  x: usize, w: usize, zero: usize, y: usize, pixel: usize, yPixel: usize, height: i32, width: i32, outHeight: i32, outWidth: i32,
  channels: i32, outputs: i32, groups: i32, windowH: i32, windowW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32,
  top: i32, left: i32, begin: i32, end: i32,
): void {
  const each = outputs / groups;
  const run = (<usize>((channels + 3) & ~3)) << 2;
  const zeros = i32x4.splat(<i32>load<f32>(zero));
  for (let row = begin; row < end; row++) {
    const image = x + <usize>((row / outHeight) * height * width) * pixel;
    const h0 = (row % outHeight) * strideH - top;
    for (let j = 0; j < outWidth; j++) {
      const w0 = j * strideW - left;
      const to = y + <usize>(row * outWidth + j) * yPixel;
      memory.fill(to, 0, yPixel);
      for (let o = 0; o < outputs; o++) {
        const first = image + <usize>((o / each) * channels) * 4;
        let at = w + <usize>(o * windowH * windowW) * run;
        let sums = i32x4.splat(0);
        for (let p = 0; p < windowH; p++) {
          const h = h0 + p * dilationH;
          for (let q = 0; q < windowW; q++, at += run) {
            const v = w0 + q * dilationW;
            if (h < 0 || h >= height || v < 0 || v >= width) continue;
            const from = first + <usize>(h * width + v) * pixel;
            for (let c: usize = 0; c < run; c += 16) {
              const cell = i32x4.sub(i32x4.trunc_sat_f32x4_s(v128.load(from + c)), zeros);
              sums = i32x4.add(sums, i32x4.mul(cell, v128.load(at + c)));
            }
          }
        }
        const pairs = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
        store<i32>(to + ((<usize>o) << 2), i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1));
      }
    }
  }
}

/**
 * How floats are quantised to all of uint8 (ONNX's DynamicQuantizeLinear): the range of x and 0 is cut into 255 parts.
 *
 *   x           [size] floats, pads among them, which are 0
 *   y           0: the scale, 1 for zeros; 1: the zero point, as a float
 *   begin, end  of 1
 */
export function plainDynamic(x: usize, y: usize, size: i32, kind: i32, begin: i32, end: i32): void {
  if (begin === end) return;
  let least: f32 = 0,
    largest: f32 = 0;
  for (let i = 0; i < size; i++) {
    const value = load<f32>(x + ((<usize>i) << 2));
    least = min<f32>(least, value);
    largest = max<f32>(largest, value);
  }
  const scale: f32 = least === largest ? 1 : (largest - least) / 255;
  memory.fill(y, 0, 32);
  store<f32>(y, kind ? clipped(-least / scale, 0, 0, 255) : scale);
}

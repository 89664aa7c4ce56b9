/*
 * Quantised graphs on every engine, plainly: integers of 8 bits are held as the floats that they are, int32 as themselves. Right, not fast: each operation is
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
 * A convolution of integers: sums of (x − xZero) · w in int32, from the bias on.
 *
 *   x            [images, height, width, pixel bytes]
 *   w            int32 [outputs, windowH, windowW, channels of a group, padded with zeros to a multiple of 4]
 *   bias         int32 [outputs]
 *   multipliers  [outputs]
 *   y            [images, outHeight, outWidth, yPixel bytes]
 *   xZeroAt      where x's zero point is instead, a float; 0: nowhere
 *   kind         0: clip(round(sum · multiplier) + zero); 1: the product, a float; 2: the sum, an int32
 *   begin, end   of images · outHeight
 */
export function plainConv(
  x: usize,
  w: usize,
  bias: usize,
  multipliers: usize,
  y: usize,
  pixel: usize,
  yPixel: usize,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  outputs: i32,
  groups: i32,
  windowH: i32,
  windowW: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  top: i32,
  left: i32,
  xZero: i32,
  xZeroAt: usize,
  zero: f32,
  lowest: f32,
  highest: f32,
  kind: i32,
  begin: i32,
  end: i32,
): void {
  const each = outputs / groups;
  const run = (<usize>((channels + 3) & ~3)) << 2;
  const xZeros = i32x4.splat(xZeroAt ? <i32>load<f32>(xZeroAt) : xZero);
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
              const cell = i32x4.sub(i32x4.trunc_sat_f32x4_s(v128.load(from + c)), xZeros);
              sums = i32x4.add(sums, i32x4.mul(cell, v128.load(at + c)));
            }
          }
        }
        const sum =
          load<i32>(bias + ((<usize>o) << 2)) +
          i32x4.extract_lane(sums, 0) +
          i32x4.extract_lane(sums, 1) +
          i32x4.extract_lane(sums, 2) +
          i32x4.extract_lane(sums, 3);
        const cell = to + ((<usize>o) << 2);
        if (kind === 2) store<i32>(cell, sum);
        else {
          const scaled = <f32>sum * load<f32>(multipliers + ((<usize>o) << 2));
          store<f32>(cell, kind === 1 ? scaled : clipped(scaled, zero, lowest, highest));
        }
      }
    }
  }
}

/**
 * y = clip(round((u − uZero) · (s · multiplier) + (residual − residualZero) · residualMultiplier) + zero).
 *
 *   u, residual, y  [images, rows, pixel bytes]; no residual is 0
 *   s               [images, pixel bytes], floats; 0: all are 1
 *   begin, end      of images · rows
 */
export function plainScale(
  u: usize,
  s: usize,
  residual: usize,
  y: usize,
  pixel: usize,
  rows: i32,
  uZero: f32,
  multiplier: f32,
  residualZero: f32,
  residualMultiplier: f32,
  zero: f32,
  lowest: f32,
  highest: f32,
  begin: i32,
  end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const row = <usize>r * pixel;
    const gates = s + <usize>(r / rows) * pixel;
    for (let c: usize = 0; c < pixel; c += 4) {
      let scaled = (load<f32>(u + row + c) - uZero) * (s ? load<f32>(gates + c) * multiplier : multiplier);
      if (residual) scaled += (load<f32>(residual + row + c) - residualZero) * residualMultiplier;
      store<f32>(y + row + c, clipped(scaled, zero, lowest, highest));
    }
  }
}

/**
 * y = table[x − lowest].
 *
 *   x, y        [rows, pixel bytes]
 *   table       [256]
 *   begin, end  of rows
 */
export function plainTable(x: usize, table: usize, y: usize, pixel: usize, lowest: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const row = <usize>r * pixel;
    for (let c: usize = 0; c < pixel; c += 4) {
      const place = <usize>(<i32>load<f32>(x + row + c) - lowest) & 255; // pad channels may hold anything
      store<f32>(y + row + c, load<f32>(table + (place << 2)));
    }
  }
}

/**
 * z = Σ (u − zero) · multiplier over each plane, the sum exact.
 *
 *   u           [images, rows, pixel bytes]
 *   z           [images, pixel bytes]; past `channels` it becomes 0
 *   begin, end  of images
 */
export function plainMean(
  u: usize,
  z: usize,
  pixel: usize,
  rows: i32,
  channels: i32,
  zero: i32,
  multiplier: f32,
  begin: i32,
  end: i32,
): void {
  for (let n = begin; n < end; n++) {
    const to = z + <usize>n * pixel;
    memory.fill(to, 0, pixel);
    for (let c: usize = 0; c < (<usize>channels) << 2; c += 4) {
      let sum: i32 = -zero * rows;
      let at = u + <usize>(n * rows) * pixel + c;
      for (let r = 0; r < rows; r++, at += pixel) sum += <i32>load<f32>(at);
      store<f32>(to + c, <f32>sum * multiplier);
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

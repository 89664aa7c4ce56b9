import { highFloats, limitOf, lowFloats, narrow, numbers, offsetOf, rounded, shifterOf } from './requantise';

/**
 * y = clip(round(ma · (a − za) + mb · (b − zb)) + zero): products and sum in float32, none of them fused.
 *
 *   a, b, y     bytes, 16 a unit
 *   begin, end  of the units
 */
// biome-ignore format: the ABI by its kinds
export function add8(
  a: usize, b: usize, y: usize, za: i32, zb: i32, zero: i32, lowest: i32, highest: i32, ma: f32, mb: f32, begin: i32, end: i32,
): void {
  const pa = f32x4.splat(ma), pb = f32x4.splat(mb);
  const zas = i16x8.splat(<i16>za), zbs = i16x8.splat(<i16>zb);
  const low = limitOf(lowest, zero), high = limitOf(highest, zero), shifter = shifterOf(), offset = offsetOf(zero);
  for (let at = <usize>begin << 4, last = <usize>end << 4; at < last; at += 8) {
    const da = i16x8.sub(v128.load8x8_u(a + at), zas), db = i16x8.sub(v128.load8x8_u(b + at), zbs);
    const r0 = f32x4.add(f32x4.mul(lowFloats(da), pa), f32x4.mul(lowFloats(db), pb));
    const r1 = f32x4.add(f32x4.mul(highFloats(da), pa), f32x4.mul(highFloats(db), pb));
    v128.store64_lane(y + at, narrow(rounded(r0, low, high, shifter, offset), rounded(r1, low, high, shifter, offset)), 0);
  }
}

/**
 * y = clip(round((u − zu) · (m · gate) + (residual − zr) · mr) + zero): products and sum in float32, none of them fused. A NaN is taken as 0.
 *
 *   u, residual, y  [images, rows, pixel bytes]; residual 0: none
 *   gate            [images, gPixel bytes] floats; only so many channels of a pixel are written
 *   begin, end      of images · rows
 */
// biome-ignore format: the ABI by its kinds
export function gate8(
  u: usize, gate: usize, residual: usize, y: usize, pixel: usize, gPixel: usize, rows: i32, zu: i32, zr: i32, zero: i32,
  lowest: i32, highest: i32, m: f32, mr: f32, begin: i32, end: i32,
): void {
  const factor = f32x4.splat(m), pr = f32x4.splat(mr);
  const zus = i16x8.splat(<i16>zu), zrs = i16x8.splat(<i16>zr);
  const low = limitOf(lowest, zero), high = limitOf(highest, zero), shifter = shifterOf(), offset = offsetOf(zero);
  for (let row = begin; row < end; row++) {
    const at = <usize>row * pixel;
    let g = gate + <usize>(row / rows) * gPixel;
    for (let c = at, last = at + (gPixel >> 2); c < last; c += 8, g += 32) {
      const du = i16x8.sub(v128.load8x8_u(u + c), zus);
      let r0 = f32x4.mul(lowFloats(du), f32x4.mul(v128.load(g), factor));
      let r1 = f32x4.mul(highFloats(du), f32x4.mul(v128.load(g, 16), factor));
      if (residual) {
        const dr = i16x8.sub(v128.load8x8_u(residual + c), zrs);
        r0 = f32x4.add(r0, f32x4.mul(lowFloats(dr), pr));
        r1 = f32x4.add(r1, f32x4.mul(highFloats(dr), pr));
      }
      const y0 = rounded(numbers(r0), low, high, shifter, offset), y1 = rounded(numbers(r1), low, high, shifter, offset);
      v128.store64_lane(y + c, narrow(y0, y1), 0);
    }
  }
}

/**
 * y = clip(round(x / scale) + zero): the quotient is float32's, as ONNX has it. A NaN is taken as 0.
 *
 *   x           [pixels, xPixel bytes] floats
 *   y           [pixels, yPixel bytes], of which as many channels are written as x has
 *   begin, end  of the pixels
 */
// biome-ignore format: the ABI by its kinds
export function quantise8(
  x: usize, y: usize, xPixel: usize, yPixel: usize, zero: i32, lowest: i32, highest: i32, scale: f32, begin: i32, end: i32,
): void {
  const divisor = f32x4.splat(scale);
  const low = limitOf(lowest, zero), high = limitOf(highest, zero), shifter = shifterOf(), offset = offsetOf(zero);
  for (let pixel = begin; pixel < end; pixel++) {
    let from = x + <usize>pixel * xPixel;
    let to = y + <usize>pixel * yPixel;
    for (const last = from + xPixel; from < last; from += 32, to += 8) {
      const a = numbers(f32x4.div(v128.load(from), divisor)), b = numbers(f32x4.div(v128.load(from, 16), divisor));
      v128.store64_lane(to, narrow(rounded(a, low, high, shifter, offset), rounded(b, low, high, shifter, offset)), 0);
    }
  }
}

/**
 * The same of images of up to 4 channels, with a border of zero points around them: a filter row's taps are one run of bytes then.
 *
 *   x           [images, height, width, xPixel bytes] floats
 *   y           [images, lines, line bytes], 4 bytes a pixel; the first of an image is `top` lines and `left` bytes from its begin
 *   begin, end  of images · lines
 */
// biome-ignore format: the ABI by its kinds
export function quantiseBorder8(
  x: usize, y: usize, xPixel: usize, line: usize, left: usize, top: i32, lines: i32, height: i32, width: i32,
  zero: i32, lowest: i32, highest: i32, scale: f32, begin: i32, end: i32,
): void {
  const divisor = f32x4.splat(scale);
  const low = limitOf(lowest, zero), high = limitOf(highest, zero), shifter = shifterOf(), offset = offsetOf(zero);
  for (let unit = begin; unit < end; unit++) {
    let to = y + <usize>unit * line;
    memory.fill(to, <u8>zero, line);
    const row = (unit % lines) - top;
    if (row < 0 || row >= height) continue;
    to += left;
    let from = x + <usize>(((unit / lines) * height + row) * width) * xPixel;
    for (const last = from + <usize>width * xPixel; from < last; from += xPixel, to += 4) {
      const r = rounded(numbers(f32x4.div(v128.load(from), divisor)), low, high, shifter, offset);
      v128.store32_lane(to, narrow(r, r), 0);
    }
  }
}

/**
 * y = (x − zero) · scale in float32, and 0 in pads.
 *
 *   x           [pixels, xPixel bytes]
 *   y           [pixels, yPixel bytes] floats, of which `channels` count
 *   zero        from −255 to 255
 *   begin, end  of the pixels
 */
// biome-ignore format: the ABI by its kinds
export function dequantise8(
  x: usize, y: usize, xPixel: usize, yPixel: usize, channels: i32, zero: i32, scale: f32, begin: i32, end: i32,
): void {
  const factor = f32x4.splat(scale), zeros = i16x8.splat(<i16>zero);
  for (let pixel = begin; pixel < end; pixel++) {
    let from = x + <usize>pixel * xPixel;
    let to = y + <usize>pixel * yPixel;
    const pads = to + (<usize>channels << 2), last = to + yPixel;
    for (; to < last; to += 32, from += 8) {
      const d = i16x8.sub(v128.load8x8_u(from), zeros);
      v128.store(to, f32x4.mul(lowFloats(d), factor));
      v128.store(to, f32x4.mul(highFloats(d), factor), 16);
    }
    for (to = pads; to < last; to += 4) store<f32>(to, 0);
  }
}

/**
 * y = table[x].
 *
 *   x, y        bytes, 16 a unit
 *   table       [entries, a multiple of 16] bytes; of an x past it, 0
 *   begin, end  of the units
 */
export function table8(x: usize, y: usize, table: usize, entries: i32, begin: i32, end: i32): void {
  for (let at = (<usize>begin) << 4, last = (<usize>end) << 4; at < last; at += 16) {
    let index = v128.load(x + at);
    let found = i8x16.splat(0);
    for (let row = table, behind = table + <usize>entries; row < behind; row += 16) {
      found = v128.or(found, i8x16.swizzle(v128.load(row), index)); // 0 where index is no place of 16
      index = i8x16.sub(index, i8x16.splat(16));
    }
    v128.store(y + at, found);
  }
}

/**
 * Copies channels of pixels: a piece of a concatenation, or of a slice.
 *
 *   x           [pixels, xPixel bytes], from the first channel
 *   y           [pixels, yPixel bytes], from where it goes
 *   begin, end  of the pixels
 */
export function copy8(x: usize, y: usize, xPixel: usize, yPixel: usize, channels: usize, begin: i32, end: i32): void {
  for (let pixel = begin; pixel < end; pixel++) memory.copy(y + <usize>pixel * yPixel, x + <usize>pixel * xPixel, channels);
}

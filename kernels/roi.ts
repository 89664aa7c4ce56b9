import { fmadd } from './fmadd';

/** Corners of samples that are collected before they are added up, 8 bytes each: those of 64 samples. */
const CORNERS = 256;

/** Cells of the map between which a region's corners lie: src/ops/roi.ts. */
const FARTHEST: f64 = 1048576;

/** Bytes of a row of rois: map, image, x1, y1, x2, y2 and two pads. */
const ROI: usize = 32;

/**
 * Bilinear means over the bins of regions: see src/ops/roiAlign.ts, whose float64 expressions find the samples. A sample's four weights are products in
 * float64, divided by the number of samples and rounded once; sums are in float32, samples in order.
 *
 *   rois        [regions, 8] floats
 *   x           [images, height, width, pixel bytes]: the map that this call is about. It makes the regions of this map alone
 *   y           [regions, outHeight, outWidth, pixel bytes]
 *   scratch     CORNERS · 8 bytes, and for either axis 8 bytes a bin and 8 more, then 24 for each of `mostRows` samples, of `mostColumns`
 *   scale       cells per pixel of the image
 *   sampling    samples of a bin along each axis; 0: as many as it has cells, rounded up
 *   aligned     1: half a cell is taken off; 0: a region is at least a cell
 *   map         this map's number; maps: in the call of the last map their count, so that it clears what is of none, in others 0
 *   begin, end  of regions
 *
 * Regions of an image that does not exist, and those whose corners are not finite or too far away, become zeros.
 */
// biome-ignore format: the ABI by its kinds
export function roiAlign(
  rois: usize, x: usize, y: usize, scratch: usize,
  scale: f64, pixel: usize, images: i32, height: i32, width: i32, outHeight: i32, outWidth: i32, mostRows: i32,
  sampling: i32, aligned: i32, map: i32, maps: i32, begin: i32, end: i32,
): void {
  const rows = scratch + CORNERS * 8;
  const columns = rows + <usize>(outHeight + 1) * 8 + <usize>mostRows * 24;
  const bytes = <usize>(outHeight * outWidth) * pixel;
  for (let r = begin; r < end; r++) {
    const roi = rois + <usize>r * ROI;
    const to = y + <usize>r * bytes;
    const which = load<f32>(roi);
    if (which !== <f32>map) {
      if (maps && !isIndex(which, maps)) memory.fill(to, 0, bytes);
      continue;
    }
    if (!isWithin(roi, scale, images)) {
      memory.fill(to, 0, bytes);
      continue;
    }
    const line = <usize>width * pixel;
    const image = x + <usize>load<f32>(roi, 4) * <usize>height * line;
    const tall = samples(load<f32>(roi, 12), load<f32>(roi, 20), scale, outHeight, height, sampling, aligned, line, rows);
    const wide = samples(load<f32>(roi, 8), load<f32>(roi, 16), scale, outWidth, width, sampling, aligned, pixel, columns);
    const count = max(<f64>tall * <f64>wide, 1);
    for (let p = 0; p < outHeight; p++)
      for (let q = 0; q < outWidth; q++) 
        bin(rows + <usize>p * 8, columns + <usize>q * 8, image, count, scratch, to + <usize>(p * outWidth + q) * pixel, pixel);
  }
}

/** Whether a number of a row is one of `count` indices. */
function isIndex(value: f32, count: i32): bool {
  return value >= 0 && value < <f32>count && Mathf.floor(value) === value;
}

/** Whether a row's image exists, and its corners are finite and not too far away. */
function isWithin(roi: usize, scale: f64, images: i32): bool {
  if (!isIndex(load<f32>(roi, 4), images)) return false;
  for (let at: usize = 8; at < 24; at += 4) if (!(abs(<f64>load<f32>(roi + at)) * scale <= FARTHEST)) return false;
  return true;
}

/**
 * The samples inside the map along one axis, behind the places where each bin's begin and the last one's end, 8 bytes each: low and high cell in bytes
 * from the image's first, i32, and their weights, f64.
 *
 * @returns how many samples a bin has, those outside too
 */
// biome-ignore format: in order
function samples(
  from: f64, to: f64, scale: f64, bins: i32, extent: i32, sampling: i32, aligned: i32, stride: usize, table: usize,
): i32 {
  const offset: f64 = aligned ? 0.5 : 0;
  const start = from * scale - offset;
  const length = to * scale - offset - start;
  const side = aligned ? length : max(length, 1);
  const size = side / <f64>bins;
  const count = sampling > 0 ? sampling : <i32>max(Math.ceil(size), 0);
  const limit = <f64>extent;
  let at = table + <usize>(bins + 1) * 8;
  for (let p = 0; p < bins; p++, table += 8) {
    store<usize>(table, at);
    for (let i = 0; i < count; i++) {
      const position = start + <f64>p * size + ((<f64>i + 0.5) * size) / <f64>count;
      if (!(position >= -1 && position <= limit)) continue;
      const inside = max(position, 0);
      const low = min(<i32>inside, extent - 1);
      const edge = low >= extent - 1;
      const highWeight = edge ? 0 : inside - <f64>low;
      store<i32>(at, low * <i32>stride);
      store<i32>(at, (edge ? low : low + 1) * <i32>stride, 4);
      store<f64>(at, 1 - highWeight, 8);
      store<f64>(at, highWeight, 16);
      at += 24;
    }
  }
  store<usize>(table, at);
  return count;
}

/** One bin: the corners of its samples, which lie between two places of each table, collected in `corners` and added up whenever that is full. */
// biome-ignore format: a sample's low and high side a line
function bin(rows: usize, columns: usize, image: usize, count: f64, corners: usize, y: usize, pixel: usize): void {
  const full = corners + CORNERS * 8;
  const lastRow = load<usize>(rows, 8);
  const firstColumn = load<usize>(columns), lastColumn = load<usize>(columns, 8);
  const parts = f64x2.splat(count);
  let at = corners;
  let begun = false;
  for (let h = load<usize>(rows); h < lastRow; h += 24) {
    const low = image + <usize>load<i32>(h), high = image + <usize>load<i32>(h, 4);
    const lowWeight = v128.load64_splat(h, 8), highWeight = v128.load64_splat(h, 16);
    for (let w = firstColumn; w < lastColumn; w += 24) {
      const left = <usize>load<i32>(w), right = <usize>load<i32>(w, 4);
      const sides = v128.load(w, 8);
      twoCorners(at, low + left, low + right, f64x2.div(f64x2.mul(lowWeight, sides), parts));
      twoCorners(at + 16, high + left, high + right, f64x2.div(f64x2.mul(highWeight, sides), parts));
      at += 32;
      if (at === full) {
        addUp(corners, at, y, pixel, begun);
        at = corners;
        begun = true;
      }
    }
  }
  addUp(corners, at, y, pixel, begun);
}

/** Two corners and their weights, each rounded once. */
function twoCorners(at: usize, left: usize, right: usize, weights: v128): void {
  const rounded = f32x4.demote_f64x2_zero(weights);
  store<usize>(at, left);
  v128.store32_lane(at, rounded, 0, 4);
  store<usize>(at, right, 8);
  v128.store32_lane(at, rounded, 1, 12);
}

/** The corners times their weights, added up in order, onto y where it is begun: 32 channels at a time, then 8. */
// biome-ignore format: a vector of each channel block a line
function addUp(from: usize, to: usize, y: usize, pixel: usize, begun: bool): void {
  const zero = f32x4.splat(0);
  let c: usize = 0;
  for (; c + 128 <= pixel; c += 128) {
    const at = y + c;
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, s7 = zero;
    if (begun) {
      s0 = v128.load(at); s1 = v128.load(at, 16); s2 = v128.load(at, 32); s3 = v128.load(at, 48);
      s4 = v128.load(at, 64); s5 = v128.load(at, 80); s6 = v128.load(at, 96); s7 = v128.load(at, 112);
    }
    for (let k = from; k < to; k += 8) {
      const cell = load<usize>(k) + c;
      const weight = v128.load32_splat(k, 4);
      s0 = fmadd(weight, v128.load(cell), s0);
      s1 = fmadd(weight, v128.load(cell, 16), s1);
      s2 = fmadd(weight, v128.load(cell, 32), s2);
      s3 = fmadd(weight, v128.load(cell, 48), s3);
      s4 = fmadd(weight, v128.load(cell, 64), s4);
      s5 = fmadd(weight, v128.load(cell, 80), s5);
      s6 = fmadd(weight, v128.load(cell, 96), s6);
      s7 = fmadd(weight, v128.load(cell, 112), s7);
    }
    v128.store(at, s0); v128.store(at, s1, 16); v128.store(at, s2, 32); v128.store(at, s3, 48);
    v128.store(at, s4, 64); v128.store(at, s5, 80); v128.store(at, s6, 96); v128.store(at, s7, 112);
  }
  for (; c < pixel; c += 32) {
    const at = y + c;
    let s0 = begun ? v128.load(at) : zero, s1 = begun ? v128.load(at, 16) : zero;
    for (let k = from; k < to; k += 8) {
      const cell = load<usize>(k) + c;
      const weight = v128.load32_splat(k, 4);
      s0 = fmadd(weight, v128.load(cell), s0);
      s1 = fmadd(weight, v128.load(cell, 16), s1);
    }
    v128.store(at, s0); v128.store(at, s1, 16);
  }
}

/**
 * The largest values of the bins of regions, whose corners are rounded to cells: see src/ops/roiPool.ts. NaN is kept; an empty bin is 0.
 *
 *   operands and regions as roiAlign's; of another map than 0 they become zeros
 *   begin, end  of regions
 */
// biome-ignore format: the ABI by its kinds
export function roiPool(
  rois: usize, x: usize, y: usize,
  scale: f64, pixel: usize, images: i32, height: i32, width: i32, outHeight: i32, outWidth: i32, begin: i32, end: i32,
): void {
  const line = <usize>width * pixel;
  const bytes = <usize>(outHeight * outWidth) * pixel;
  for (let r = begin; r < end; r++) {
    const roi = rois + <usize>r * ROI;
    let to = y + <usize>r * bytes;
    if (load<f32>(roi) !== 0 || !isWithin(roi, scale, images)) {
      memory.fill(to, 0, bytes);
      continue;
    }
    const image = x + <usize>load<f32>(roi, 4) * <usize>height * line;
    const left = rounded(<f64>load<f32>(roi, 8) * scale), top = rounded(<f64>load<f32>(roi, 12) * scale);
    const wide = max(rounded(<f64>load<f32>(roi, 16) * scale) - left + 1, 1) / <f64>outWidth;
    const tall = max(rounded(<f64>load<f32>(roi, 20) * scale) - top + 1, 1) / <f64>outHeight;
    for (let p = 0; p < outHeight; p++) {
      const h0 = inside(Math.floor(<f64>p * tall) + top, height), h1 = inside(Math.ceil(<f64>(p + 1) * tall) + top, height);
      for (let q = 0; q < outWidth; q++, to += pixel) {
        const w0 = inside(Math.floor(<f64>q * wide) + left, width), w1 = inside(Math.ceil(<f64>(q + 1) * wide) + left, width);
        if (h0 < h1 && w0 < w1) largest(image + <usize>h0 * line + <usize>w0 * pixel, line, pixel, h1 - h0, w1 - w0, to);
        else memory.fill(to, 0, pixel);
      }
    }
  }
}

/** Halves away from zero. */
function rounded(value: f64): f64 {
  const whole = Math.trunc(value);
  return abs(value - whole) >= 0.5 ? whole + (value < 0 ? -1 : 1) : whole;
}

function inside(cell: f64, extent: i32): i32 {
  return <i32>min(max(cell, 0), <f64>extent);
}

/** The largest of `tall` × `wide` pixels: pmax never takes a NaN over, so those are looked for apart, as maxPool does. */
function largest(from: usize, line: usize, pixel: usize, tall: i32, wide: i32, to: usize): void {
  for (let c: usize = 0; c < pixel; c += 16) {
    let most = f32x4.splat(-Infinity);
    let nan = i32x4.splat(0);
    for (let i = 0; i < tall; i++) {
      let at = from + <usize>i * line + c;
      for (let j = 0; j < wide; j++, at += pixel) {
        const cell = v128.load(at);
        most = f32x4.pmax(most, cell);
        nan = v128.or(nan, f32x4.ne(cell, cell));
      }
    }
    v128.store(to + c, v128.or(most, nan));
  }
}

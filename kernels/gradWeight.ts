import { BLOCK, gather } from './conv';
import { fmadd } from './simd';

/**
 * The gradient of a convolution's weights, as partial sums: for each panel of 8 outputs, tap and channel of its run, Σ dy · x over pixels. It is the product
 * of conv.ts with pixels for terms: a tile is 6 channels of a tap by 8 outputs.
 *
 *   x           images of `image` bytes
 *   dy          [images, rows, pixel bytes]
 *   table, starts, zeros, rows, taps, run, count   as conv's, of the convolution that y came from, its panels of 8 columns
 *   sums        [chunks, count, 8 + taps · run · 8] floats: panels as conv has them, the place of the biases left as it is
 *   scratch     [taps, 60] pointers
 *   blocks      of all images; chunks, of blocks, each summed on its own; slices, of panels, shared out as evenly as can be
 *   begin, end  of chunks · slices units, slices innermost
 *
 * The order of each sum, blocks within a chunk and pixels within a block, depends on the shape alone.
 */
// biome-ignore format: the ABI by its kinds
export function gradWeight(
  x: usize, dy: usize, table: usize, starts: usize, zeros: usize, sums: usize, scratch: usize,
  image: usize, pixel: usize, rows: i32, taps: i32, run: i32, count: i32, blocks: i32, chunks: i32, slices: i32, begin: i32, end: i32,
): void {
  const perImage = (rows + BLOCK - 1) / BLOCK;
  const panelBytes = (<usize>(1 + taps * run)) << 5;
  for (let unit = begin; unit < end; unit++) {
    const chunk = unit / slices;
    const slice = unit % slices;
    const firstPanel = (count * slice) / slices;
    const lastPanel = (count * (slice + 1)) / slices;
    const into = sums + <usize>(chunk * count) * panelBytes;
    memory.fill(into + <usize>firstPanel * panelBytes, 0, <usize>(lastPanel - firstPanel) * panelBytes);
    const lastBlock = <i32>((<i64>blocks * (chunk + 1)) / chunks);
    for (let b = <i32>((<i64>blocks * chunk) / chunks); b < lastBlock; b++) {
      const n = b / perImage;
      const block = b % perImage;
      const size = min(rows - block * BLOCK, BLOCK);
      const from = dy + <usize>(n * rows + block * BLOCK) * pixel;
      let gathered = -1;
      for (let panel = firstPanel; panel < lastPanel; panel++) {
        const start = load<i32>(starts + (<usize>panel << 3));
        const column = <usize>load<i32>(starts + (<usize>panel << 3), 4);
        if (start !== gathered) {
          gather(table + <usize>(block * taps * BLOCK) * 4, x + <usize>n * image + start, zeros, scratch, taps);
          gathered = start;
        }
        onePanel(scratch, from + column, pixel, size, taps, run, into + <usize>panel * panelBytes + 32, scratch + <usize>(taps * BLOCK) * 4);
      }
    }
  }
}

/** All taps and channels of a panel, in tiles as alike as can be. */
function onePanel(rows: usize, dy: usize, pixel: usize, size: i32, taps: i32, run: i32, sums: usize, part: usize): void {
  const tiles = (run + 5) / 6;
  const taller = run % tiles;
  for (let t = 0; t < taps; t++, rows += BLOCK << 2) {
    let c: usize = 0;
    for (let tile = 0, height = run / tiles + 1; tile < tiles; tile++, c += (<usize>height) << 2) {
      if (tile === taller) height--;
      const to = sums + ((<usize>(t * run)) << 5) + (c << 3);
      if (height === 6) tile6x8(rows, c, dy, pixel, size, part);
      else if (height === 5) tile5x8(rows, c, dy, pixel, size, part);
      else tile4x8(rows, c, dy, pixel, size, part, height);
      accumulate(part, to, height);
    }
  }
}

/**
 * sums[6, 8] += Σ over `count` pixels of x[c .. c + 6] times dy[8].
 *
 *   rows   [count] pointers to the pixels of x; c, bytes from there to the first channel
 *   dy     [count, pixel bytes], 8 outputs of each
 */
// biome-ignore format: one line per row of the register tile
function tile6x8(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize): void {
  let s00 = f32x4.splat(0), s01 = s00;
  let s10 = s00, s11 = s00;
  let s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00;
  let s40 = s00, s41 = s00;
  let s50 = s00, s51 = s00;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows) + c;
    const b0 = v128.load(dy), b1 = v128.load(dy, 16);
    const x0 = v128.load32_splat(a); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a, 8); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a, 12); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
    const x4 = v128.load32_splat(a, 16); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41);
    const x5 = v128.load32_splat(a, 20); s50 = fmadd(x5, b0, s50); s51 = fmadd(x5, b1, s51);
  }
  v128.store(sums, s50, 160); v128.store(sums, s51, 176);
  v128.store(sums, s40, 128); v128.store(sums, s41, 144);
  v128.store(sums, s30, 96); v128.store(sums, s31, 112);
  v128.store(sums, s20, 64); v128.store(sums, s21, 80);
  v128.store(sums, s10, 32); v128.store(sums, s11, 48);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16);
}

// biome-ignore format: one line per row of the register tile
function tile5x8(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize): void {
  let s00 = f32x4.splat(0), s01 = s00;
  let s10 = s00, s11 = s00;
  let s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00;
  let s40 = s00, s41 = s00;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows) + c;
    const b0 = v128.load(dy), b1 = v128.load(dy, 16);
    const x0 = v128.load32_splat(a); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a, 8); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a, 12); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
    const x4 = v128.load32_splat(a, 16); s40 = fmadd(x4, b0, s40); s41 = fmadd(x4, b1, s41);
  }
  v128.store(sums, s40, 128); v128.store(sums, s41, 144);
  v128.store(sums, s30, 96); v128.store(sums, s31, 112);
  v128.store(sums, s20, 64); v128.store(sums, s21, 80);
  v128.store(sums, s10, 32); v128.store(sums, s11, 48);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16);
}

/** Of fewer than 4 channels the last is read again. */
// biome-ignore format: one line per row of the register tile
function tile4x8(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize, height: i32): void {
  let s00 = f32x4.splat(0), s01 = s00;
  let s10 = s00, s11 = s00;
  let s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00;
  const c1 = height > 1 ? c + 4 : c, c2 = height > 2 ? c1 + 4 : c1, c3 = height > 3 ? c2 + 4 : c2;
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows);
    const b0 = v128.load(dy), b1 = v128.load(dy, 16);
    const x0 = v128.load32_splat(a + c); s00 = fmadd(x0, b0, s00); s01 = fmadd(x0, b1, s01);
    const x1 = v128.load32_splat(a + c1); s10 = fmadd(x1, b0, s10); s11 = fmadd(x1, b1, s11);
    const x2 = v128.load32_splat(a + c2); s20 = fmadd(x2, b0, s20); s21 = fmadd(x2, b1, s21);
    const x3 = v128.load32_splat(a + c3); s30 = fmadd(x3, b0, s30); s31 = fmadd(x3, b1, s31);
  }
  v128.store(sums, s30, 96); v128.store(sums, s31, 112);
  v128.store(sums, s20, 64); v128.store(sums, s21, 80);
  v128.store(sums, s10, 32); v128.store(sums, s11, 48);
  v128.store(sums, s00, 0); v128.store(sums, s01, 16);
}

/** sums += part, `rows` rows of 8. */
function accumulate(part: usize, sums: usize, rows: i32): void {
  for (const end = part + ((<usize>rows) << 5); part < end; part += 32, sums += 32) {
    v128.store(sums, f32x4.add(v128.load(sums), v128.load(part)));
    v128.store(sums, f32x4.add(v128.load(sums, 16), v128.load(part, 16)), 16);
  }
}

/**
 * y[i] = Σ over chunks of sums[chunk][places[i]]: partial sums out of their panels, in the order of the checkpoint.
 *
 *   sums        chunks of `chunk` bytes
 *   places      [size] i32, bytes; −1 for a 0
 *   begin, end  of size, the floats of y
 */
export function gatherSums(sums: usize, places: usize, y: usize, chunk: usize, chunks: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const place = load<i32>(places + ((<usize>i) << 2));
    let sum: f64 = 0;
    if (place >= 0) for (let k = 0, at = sums + <usize>place; k < chunks; k++, at += chunk) sum += <f64>load<f32>(at);
    store<f32>(y + ((<usize>i) << 2), <f32>sum);
  }
}

/**
 * y = weights in the order of conv's panels: what compile does once where weights do not change.
 *
 *   order       [size] i32: i ≥ 0 is weights[i], −1 a zero, −2 − i bias[i]
 *   begin, end  of size, the floats of y
 */
export function packPanels(order: usize, weights: usize, bias: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const from = load<i32>(order + ((<usize>i) << 2));
    const value: f32 =
      from >= 0 ? load<f32>(weights + ((<usize>from) << 2)) : from === -1 ? 0 : load<f32>(bias + ((<usize>(-2 - from)) << 2));
    store<f32>(y + ((<usize>i) << 2), value);
  }
}

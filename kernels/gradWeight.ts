import { BLOCK, gather } from './gather';
import { tile4x8, tile5x8, tile6x8 } from './gradTile';
import { tile4x16, tile5x16, tile6x16 } from './gradTile16';

/**
 * The gradient of a convolution's weights, as partial sums: for each panel of outputs, tap and channel of its run, Σ dy · x over pixels. It is the product
 * of conv.ts with pixels for terms: a tile is 6 channels of a tap by 8 or 16 outputs.
 *
 *   x           images of `image` bytes
 *   dy          [images, rows, pixel bytes]
 *   table, starts, zeros, rows, taps, run, count   as conv's, of the convolution that y came from
 *   columns     of a panel, 8 or 16; the last has 8 where dy's pixel ends after them
 *   sums        [chunks] of `chunk` bytes, each panels as conv has them, [1 + taps · run, columns] floats, the place of the biases left as it is
 *   scratch     [taps, 60] pointers and a tile
 *   blocks      of all images; chunks, of blocks, each summed on its own; slices, of panels, shared out as evenly as can be
 *   begin, end  of chunks · slices units, slices innermost
 *
 * The order of each sum, blocks within a chunk and pixels within a block, depends on the shape alone.
 */
// biome-ignore format: the ABI by its kinds
export function gradWeight(
  x: usize, dy: usize, table: usize, starts: usize, zeros: usize, sums: usize, scratch: usize,
  image: usize, pixel: usize, rows: i32, taps: i32, run: i32, count: i32, columns: i32,
  chunk: usize, blocks: i32, chunks: i32, slices: i32, begin: i32, end: i32,
): void {
  const perImage = (rows + BLOCK - 1) / BLOCK;
  const wide = <usize>columns << 2; // bytes of a panel's row
  const panelBytes = (<usize>(1 + taps * run)) * wide;
  for (let unit = begin; unit < end; unit++) {
    const part = unit / slices;
    const slice = unit % slices;
    const firstPanel = (count * slice) / slices;
    const lastPanel = (count * (slice + 1)) / slices;
    const into = sums + <usize>part * chunk;
    const cleared = <usize>firstPanel * panelBytes;
    memory.fill(into + cleared, 0, (lastPanel === count ? chunk : <usize>lastPanel * panelBytes) - cleared);
    const lastBlock = <i32>((<i64>blocks * (part + 1)) / chunks);
    for (let b = <i32>((<i64>blocks * part) / chunks); b < lastBlock; b++) {
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
        const width = column + wide > pixel ? 32 : wide;
        const weights = into + <usize>panel * panelBytes + width;
        onePanel(scratch, from + column, pixel, size, taps, run, width, weights, scratch + <usize>(taps * BLOCK) * 4);
      }
    }
  }
}

/** All taps and channels of a panel `width` bytes wide, in tiles as alike as can be. */
// biome-ignore format: the parameters as gradWeight has them
function onePanel(
  rows: usize, dy: usize, pixel: usize, size: i32, taps: i32, run: i32, width: usize, sums: usize, part: usize,
): void {
  const tiles = (run + 5) / 6;
  const taller = run % tiles;
  for (let t = 0; t < taps; t++, rows += BLOCK << 2) {
    let c: usize = 0;
    for (let tile = 0, height = run / tiles + 1; tile < tiles; tile++, c += (<usize>height) << 2) {
      if (tile === taller) height--;
      if (width === 64) {
        if (height === 6) tile6x16(rows, c, dy, pixel, size, part);
        else if (height === 5) tile5x16(rows, c, dy, pixel, size, part);
        else tile4x16(rows, c, dy, pixel, size, part, height);
      } else {
        if (height === 6) tile6x8(rows, c, dy, pixel, size, part);
        else if (height === 5) tile5x8(rows, c, dy, pixel, size, part);
        else tile4x8(rows, c, dy, pixel, size, part, height);
      }
      accumulate(part, sums, <usize>height * width);
      sums += <usize>height * width;
    }
  }
}

/** sums += part, `bytes` of each. */
function accumulate(part: usize, sums: usize, bytes: usize): void {
  for (const end = part + bytes; part < end; part += 32, sums += 32) {
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

import { activate } from './activation';
import { depthwise6x8 } from './depthwise';
import { BLOCK, gather } from './gather';
import { gemm4x8, gemm5x8, gemm6x8 } from './gemm';
import { gemm4x16, gemm5x16, gemm6x16 } from './gemm16';
import { grouped4x8, grouped5x8 } from './grouped';

/** Kinds of panels: see `conv`. */
const DENSE = 0;
const FOURS = 1;
const DEPTHWISE = 2;

/** Panels of more bytes are no longer in the second cache when the next block comes to them. */
const CROWD: usize = 1 << 20;
/** Rows of so many bytes stay in it while a panel passes over them. */
const HELD: usize = 5 << 17;

/**
 * y = f(max(conv(x) + bias, lowest)) for any convolution: rows of y are products of gathered rows of x
 * with panels of 8 or 16 output channels.
 *
 *   x         images of `image` bytes
 *   table     [blocks, taps, 60] i32: where tap t of row r starts, in bytes from an image's first, or −1 outside the image;
 *             rows past the last repeat it
 *   starts    [count, 2] i32: bytes from there to the panel's first channel, and from a pixel of y to its first column
 *   zeros     [run] floats (8 for groups of four, a pixel for depthwise): what a tap outside the image reads
 *   panels    each panel's bias, then its weights [taps · run, columns] (gemm6x8, grouped5x8); or zeros, weights, bias, where terms says so. `filter`
 *             bytes further for the next image, 0 where all share them. Of 16 columns, the last panel has 8 where y's pixel is no multiple of 16
 *             channels
 *   y         [images, rows, pixel bytes]
 *   scratch   [taps + 1, 60] pointers, of which the last 60 lead to a 1, that 1, and a word of their own for what is read to no other end
 *   terms     of each sum: taps · run; or one more, the bias times 1, in panels of the first kind
 *   count     panels; rows, per image
 *   tile      rows of the register tile, 4, 5 or 6; columns, 8 or 16
 *   after     which function f, 0 for none: see activation.ts. It passes over a block of a panel, which is in the cache
 *   kind      0: a panel's columns share their channels; 1: groups of four channels, two a panel of 8; 2: each column has its own channel
 *   begin, end  of images · blocks · count units (a block times a panel, panels innermost; where these are more than a cache holds, each passes over as
 *             many blocks as it does hold)
 */
// biome-ignore format: the ABI by its kinds
export function conv(
  x: usize, table: usize, starts: usize, zeros: usize, panels: usize, y: usize, scratch: usize,
  image: usize, filter: usize, pixel: usize, rows: i32, taps: i32, run: i32, terms: i32, count: i32, lowest: f32, after: i32,
  tile: i32, columns: i32, kind: i32, begin: i32, end: i32,
): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  const wide = <usize>columns << 2; // bytes of a panel's row
  const panelBytes = wide * <usize>(1 + terms);
  const one = scratch + <usize>((taps + 1) * BLOCK) * 4;
  store<f32>(one, 1);
  for (let at = one - BLOCK * 4; at < one; at += 4) store<usize>(at, one);
  const crowded = <usize>count * panelBytes > CROWD;
  const together = crowded ? held(blocks, terms) : 1;
  let gathered: usize = 0; // what scratch points into, and of which block; 0 is no address of an operand
  let gatheredBlock = 0;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / (count * blocks);
    const within = unit - n * count * blocks;
    const first = within / (count * together) * together;
    const side = min(together, blocks - first); // blocks that take turns with each panel
    const place = within - first * count;
    const panel = place / side;
    const block = first + place % side;
    const start = <usize>load<i32>(starts + (<usize>panel << 3));
    const from = x + <usize>n * image + (kind === DEPTHWISE ? 0 : start);
    if (from !== gathered || block !== gatheredBlock) {
      gather(table + <usize>(block * taps * BLOCK) * 4, from, zeros, scratch, taps);
      gathered = from;
      gatheredBlock = block;
    }
    const size = min(rows - block * BLOCK, BLOCK);
    const column = <usize>load<i32>(starts + (<usize>panel << 3), 4);
    const offset = <usize>(n * rows + block * BLOCK) * pixel + column;
    const b = panels + <usize>n * filter + <usize>panel * panelBytes;
    const width = column + wide > pixel ? 8 : columns;
    if ((crowded ? block === first : block === 0) && size > 2 * tile) touch(b, panelBytes / (columns / width), one + 4);
    product(scratch, b, taps, run, terms, start, y + offset, pixel, size, lowest, tile, width, kind);
    if (after) activate(y + offset, y + offset, pixel, size, <usize>width << 2, after);
  }
}

/** How many blocks of rows of so many terms the second cache holds: one at least. */
function held(blocks: i32, terms: i32): i32 {
  return max(min(blocks, <i32>(HELD / (<usize>terms * BLOCK * 4))), 1);
}

/**
 * A block of up to 60 gathered rows times one panel, by register tiles from top to bottom: as few as the tile's height allows, and as alike as
 * possible, so that 49 rows are 4 tiles of 6 and 5 of 5, without a row to spare. Depthwise panels and those of fours have one height that is best
 * everywhere.
 */
// biome-ignore format: a tile a line
function product(
  rows: usize, panel: usize, taps: i32, run: i32, terms: i32, start: usize, c: usize, cStride: usize, size: i32, lowest: f32,
  tile: i32, width: i32, kind: i32,
): void {
  if (kind === DEPTHWISE) tile = 6;
  else if (kind === FOURS) tile = 5;
  const tiles = kind === DENSE && tile === 5 ? fewTiles(size) : (size + tile - 1) / tile;
  const taller = size % tiles;
  for (let t = 0, height = size / tiles + 1; t < tiles; t++, rows += <usize>height << 2, c += <usize>height * cStride) {
    if (t === taller) height--;
    if (kind === DEPTHWISE) depthwise6x8(rows, panel, taps, start, c, cStride, height, lowest);
    else if (kind === FOURS) {
      if (height === 5) grouped5x8(rows, panel, taps, run, c, cStride, height, lowest);
      else grouped4x8(rows, panel, taps, run, c, cStride, height, lowest);
    } else if (width === 16) {
      if (height === 6) gemm6x16(rows, panel, terms, run, c, cStride, height, lowest);
      else if (height === 5) gemm5x16(rows, panel, terms, run, c, cStride, height, lowest);
      else gemm4x16(rows, panel, terms, run, c, cStride, height, lowest);
    } else {
      if (height === 6) gemm6x8(rows, panel, terms, run, c, cStride, height, lowest);
      else if (height === 5) gemm5x8(rows, panel, terms, run, c, cStride, height, lowest);
      else gemm4x8(rows, panel, terms, run, c, cStride, height, lowest);
    }
  }
}

/** Where tiles of 5 rows are the fastest: as near to 5 as can be, since tiles of 6 are better than more of 4. 16 rows are 6, 5 and 5. */
function fewTiles(size: i32): i32 {
  return max((size + 5) / 6, (2 * size + 5) / 10);
}

/**
 * Reads a panel, a word of each cache line, before the first tile does: nothing but loads, so that many are on their way at once. Among a tile's
 * products few are, and memory is slower than they are.
 */
function touch(panel: usize, bytes: usize, spare: usize): void {
  let bits = 0;
  for (const end = panel + bytes; panel < end; panel += 64) bits |= load<i32>(panel);
  store<i32>(spare, bits); // or the engine would drop the loads
}

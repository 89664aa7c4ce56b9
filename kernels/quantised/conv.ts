import { BLOCK, gather } from '../gather';
import { depthwise16 } from './depthwise';
import { dot4x8, dot4x16, dot5x8, dot5x16, dot6x8, dot6x16 } from './dots';
import { grouped16 } from './grouped';
import { pair4x8, pair4x16, pair5x8, pair5x16, pair6x8, pair6x16 } from './pairs';
import { DOTS, PAIRS } from './products';
import { storeBytes, storeFloats, storeSums } from './requantise';
import { wide4x4 } from './wide';

/** Kinds of panels: see `conv8`. */
const FOURS = 1;
const DEPTHWISE = 2;

/** What y is made of: see `conv8`. */
const BYTES = 0;
const FLOATS = 1;

/**
 * y = clip(round(factor · conv(x)) + zero) for any convolution of bytes; of the float `conv`, which see, it has the table and the blocks. Sums are exact.
 *
 *   x         images of `image` bytes; a byte is as far above the value's lowest as the value is
 *   table, scratch's first [taps + 3, 60] words  as conv's; behind them sums [65, columns] i32
 *   starts    [count, 2] i32: from a tap's first byte to the panel's first channel, and the panel's first column
 *   padding   what a tap outside the image reads: `run` bytes (16 for fours, a pixel for depthwise) of x's zero point
 *   panels    each: start [columns] i32, factor [columns] f32, weights [steps, columns, 4] i8. Start is the bias less the zero point's products
 *   y         [images, rows, pixel bytes]
 *   run       bytes of a tap, a multiple of 4, of which the weights past the channels are 0
 *   zero, lowest, highest  of y: 0 to 255
 *   tile      rows of the register tile, 4, 5 or 6; columns, 8 or 16
 *   kind      0: a panel's columns share their channels, and a step is four of them; 1: groups of four channels, four a panel of 16, and a step is a tap;
 *             2: each column has its own channel, and a step is four taps
 *   form      of products: 0, 16-bit ones, right for all bytes; 1, 8-bit ones, for bytes up to 127; 2, the one-step dot product, for the same
 *   result    0: bytes; 1: floats, factor · conv(x); 2: conv(x) itself, words
 *   begin, end  of images · blocks · count units (a block times a panel, panels innermost)
 */
// biome-ignore format: the ABI by its kinds
export function conv8(
  x: usize, table: usize, starts: usize, padding: usize, panels: usize, y: usize, scratch: usize,
  image: usize, pixel: usize, rows: i32, taps: i32, run: i32, count: i32, zero: i32, lowest: i32, highest: i32,
  tile: i32, columns: i32, kind: i32, form: i32, result: i32, begin: i32, end: i32,
): void {
  const blocks = (rows + BLOCK - 1) / BLOCK;
  const wide = <usize>columns << 2; // bytes of a panel's row of words
  const steps = kind === DEPTHWISE ? (taps + 3) / 4 : kind === FOURS ? taps : (taps * run) / 4;
  const panelBytes = wide * <usize>(2 + steps);
  const spare = scratch + <usize>(taps * BLOCK) * 4;
  const sums = spare + 3 * BLOCK * 4;
  for (let at = spare; at < sums; at += 4) store<usize>(at, padding);
  let gathered: usize = 0; // what scratch points into; 0 is no address of an operand
  for (let unit = begin; unit < end; unit++) {
    const panel = unit % count;
    const block = (unit / count) % blocks;
    const n = unit / (count * blocks);
    const start = <usize>load<i32>(starts + (<usize>panel << 3));
    const from = x + <usize>n * image + (kind === DEPTHWISE ? 0 : start);
    if (from !== gathered || panel === 0) {
      gather(table + <usize>(block * taps * BLOCK) * 4, from, padding, scratch, taps);
      gathered = from;
    }
    const size = min(rows - block * BLOCK, BLOCK);
    const b = panels + <usize>panel * panelBytes;
    if (kind === DEPTHWISE) {
      for (let r: i32 = 0; r < size; r++) depthwise16(scratch + ((<usize>r) << 2), start, b, steps * 4, sums + ((<usize>r) << 6), form);
    } else if (kind === FOURS) {
      for (let r: i32 = 0; r < size; r++) grouped16(scratch + ((<usize>r) << 2), b, steps, sums + ((<usize>r) << 6), form);
    } else product(scratch, b, steps * 4, run, sums, size, tile, columns, form);

    const column = load<i32>(starts + (<usize>panel << 3), 4);
    const unitBytes: usize = result === BYTES ? 1 : 4;
    const to = y + <usize>(n * rows + block * BLOCK) * pixel + <usize>column * unitBytes;
    // of 16 columns of floats or words the last 8 may be past the pixel
    const width = min(columns, <i32>(pixel / unitBytes) - column);
    for (let c: i32 = 0; c < width; c += 8) {
      const at = sums + ((<usize>c) << 2), factors = b + wide + ((<usize>c) << 2);
      if (result === BYTES) storeBytes(at, wide, factors, to + <usize>c, pixel, size, zero, lowest, highest);
      else if (result === FLOATS) storeFloats(at, wide, factors, to + ((<usize>c) << 2), pixel, size);
      else storeSums(at, wide, to + ((<usize>c) << 2), pixel, size);
    }
  }
}

/** A block of up to 60 gathered rows times one panel, by register tiles from top to bottom, as alike as possible: see `product` of conv.ts. */
// biome-ignore format: a tile a line
function product(rows: usize, panel: usize, terms: i32, run: i32, c: usize, size: i32, tile: i32, columns: i32, form: i32): void {
  const wide = <usize>columns << 2;
  if (!ASC_FEATURE_RELAXED_SIMD || (form !== DOTS && form !== PAIRS)) {
    for (let r: i32 = 0; r < size; r += 4, rows += 16, c += 4 * wide)
      for (let column: usize = 0; column < wide; column += 16)
        wide4x4(rows, panel + column, panel + 2 * wide + column, terms, run, c + column, wide);
    return;
  }
  const tiles = (size + tile - 1) / tile;
  const taller = size % tiles;
  for (let t = 0, height = size / tiles + 1; t < tiles; t++, rows += <usize>height << 2, c += <usize>height * wide) {
    if (t === taller) height--;
    if (form === DOTS) {
      if (columns === 16) {
        if (height === 6) dot6x16(rows, panel, terms, run, c);
        else if (height === 5) dot5x16(rows, panel, terms, run, c);
        else dot4x16(rows, panel, terms, run, c);
      } else {
        if (height === 6) dot6x8(rows, panel, terms, run, c);
        else if (height === 5) dot5x8(rows, panel, terms, run, c);
        else dot4x8(rows, panel, terms, run, c);
      }
    } else {
      if (columns === 16) {
        if (height === 6) pair6x16(rows, panel, terms, run, c);
        else if (height === 5) pair5x16(rows, panel, terms, run, c);
        else pair4x16(rows, panel, terms, run, c);
      } else {
        if (height === 6) pair6x8(rows, panel, terms, run, c);
        else if (height === 5) pair5x8(rows, panel, terms, run, c);
        else pair4x8(rows, panel, terms, run, c);
      }
    }
  }
}

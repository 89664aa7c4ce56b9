/**
 * Rows are taken in blocks of 60 of one image: a multiple of every tile height, so that tiles never straddle a block, few
 * enough to stay in L2 while all panels pass over them, and the unit in which threads share work.
 */
export const BLOCK = 60;

/** Turns a block's table into addresses: `from` + offset, or `zeros` for −1. */
export function gather(table: usize, from: usize, zeros: usize, scratch: usize, taps: i32): void {
  const base = i32x4.splat(<i32>from);
  const outside = i32x4.splat(<i32>zeros);
  for (const end = scratch + <usize>(taps * BLOCK) * 4; scratch < end; scratch += 16, table += 16) {
    const offset = v128.load(table);
    v128.store(scratch, v128.bitselect(outside, i32x4.add(base, offset), i32x4.shr_s(offset, 31)));
  }
}

import { gathered } from './gathered.js';
import { each } from './shape.js';

const gemm = (rows, columns) =>
  gathered({
    name: 'gemm',
    rows,
    columns,
    length: 'terms',
    panelEnd: `(<usize>terms << ${Math.log2(4 * columns)})`,
    products: (r, vectors) =>
      `const x${r} = v128.load32_splat(a${r} + p); ${each(vectors, ' ', (v) => `s${r}${v} = fmadd(x${r}, b${v}, s${r}${v});`)}`,
  });

/** The tiles of a convolution's products. */
export const files = {
  gemm: `import { fmadd } from './fmadd';

/**
 * c = max(start + a·b, lowest) on one register tile of 6 rows × 8 columns, k ascending.
 *
 *   rows      [taps, 60]  pointers: tap t of row r starts at load(rows + (t·60 + r)·4) and runs over \`run\` consecutive floats
 *   panel     start [8], then b [terms, 8]: dense, 16-byte aligned, columns past N are 0
 *   terms     more than (taps − 1) · run, at most taps · run: the last tap may be cut short
 *   c         [count, 8]  rows cStride bytes apart, 16-byte aligned
 *   lowest                0 for ReLU, −Infinity for none
 *
 * The gather is the whole of im2col: what a tap's row points to is the planner's business. run ≥ 1, terms ≥ 1.
 * Row tail: 1 ≤ count ≤ 6; rows past it must still point somewhere readable, and store what the last row stores.
 *
 * Registers: 12 sums + 2 weights + 1 broadcast = 15 of x86-64's 16; without FMA the product makes it spill. V8 11 keeps the sums in
 * memory as soon as the function gets longer, and its speed falls from 61 to as little as 35 GFLOP/s. Hence
 * - one loop over k, which fetches the next tap's pointers when a run ends, and no loop over taps around it;
 * - nothing behind it but the ReLU: squeezes and additions are passes over the plane;
 * - stores last row to first, and parameters in this order: what is needed last comes by the stack.
 */
${gemm(6, 8)}
/** gemm6x8 with 5 rows: 13 registers with FMA, 14 without. The widest that V8 13 does not spill without FMA. */
${gemm(5, 8)}
/** gemm6x8 with 4 rows: 11 registers. What fits without FMA everywhere, and the tail of the higher tiles. */
${gemm(4, 8)}`,

  gemm16: `import { fmadd } from './fmadd';

/**
 * gemm6x8 with 16 columns, for engines that pair vectors (V8's revectorize): adjacent columns become one 256-bit operation each, and
 * 12 wide sums + 2 weights + 1 broadcast fill the 16 registers as 6×8 does the narrow ones. Elsewhere it spills.
 */
${gemm(6, 16)}
/** gemm6x16 with 5 rows: the widest that paired vectors hold without FMA. */
${gemm(5, 16)}
/** gemm6x16 with 4 rows: the tail of the higher tiles. */
${gemm(4, 16)}`,
};

import { each, eachDown, loadVectors, startAtBias } from './shape.js';

/** A tile of products of bytes: that of gathered.js, four terms a step, with sums that are whole numbers and nothing behind them. */
const dots = (form, rows, columns) => {
  const vectors = columns / 4;
  return `export function ${form}${rows}x${columns}(rows: usize, panel: usize, terms: i32, run: i32, c: usize): void {
${startAtBias({ rows, vectors })}
  let ${each(rows, ', ', (r) => `a${r}: usize = 0`)};
  let b = panel + ${8 * columns}, p = <usize>run;
  for (const last = b + (<usize>terms << ${Math.log2(columns)}); b < last; p += 4) {
    if (p === <usize>run) {
      p = 0;
${each(rows, '\n', (r) => `      a${r} = load<usize>(rows${r === 0 ? '' : `, ${4 * r}`});`)}
      rows += 240;
    }
    const ${loadVectors(vectors, 'b', 'b')};
    b += ${4 * columns};
${each(rows, '\n', (r) => `    const x${r} = v128.load32_splat(a${r} + p); ${each(vectors, ' ', (v) => `s${r}${v} = ${form}(b${v}, x${r}, s${r}${v});`)}`)}
  }

${eachDown(rows, '\n', (r) => `  ${each(vectors, ' ', (v) => `v128.store(c, s${r}${v}, ${4 * columns * r + 16 * v});`)}`)}
}
`;
};

/** In the order of the tiles: the first says what it is, the others how they differ. */
const file = (form, first) => `import { ${form} } from './products';

/**
 * ${first}
 */
${dots(form, 6, 8)}
${[
  [5, 8],
  [4, 8],
  [6, 16],
  [5, 16],
  [4, 16],
]
  .map(([rows, columns]) => `/** ${form}6x8 with ${rows} rows${columns === 16 ? ' of 16 columns' : ''}. */\n${dots(form, rows, columns)}`)
  .join('\n')}`;

/** The tiles of a convolution's products of bytes. */
export const files = {
  'quantised/dots': file(
    'dot',
    `c = start + a·b on one register tile of 6 rows × 8 columns, four terms a step.
 *
 *   rows    [taps, 60]  pointers: tap t of row r starts at load(rows + (t·60 + r)·4) and runs over \`run\` bytes from 0 to 127, a multiple of 4
 *   panel   start [8] i32, 8 words that the tile leaves alone, then b [terms / 4, 8, 4] i8: four terms of a column side by side
 *   terms   taps · run
 *   c       [6, 8] i32, dense
 *
 * All rows are stored: one past the block's last must point somewhere readable, and have room. Stores run last row to first: see gemm.ts.`,
  ),
  'quantised/pairs': file(
    'pair',
    `The tiles of dots.ts, of two instructions more a product: for engines whose one-step dot product is wrong.`,
  ),
};

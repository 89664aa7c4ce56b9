import { at, each, loadVectors, startAtBias, storeRows } from './shape.js';

const depthwise = (rows, vectors) => `export function depthwise${rows}x${4 * vectors}(
  rows: usize, panel: usize, taps: i32, at: usize, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
${startAtBias({ rows, vectors })}
  let b = panel + 32;
  for (const last = b + (<usize>taps << 5); b < last; b += 32, rows += 240) {
    const ${loadVectors(vectors, 'b', 'b')};
${each(rows, '\n', (r) => `    const a${r} = load<usize>(rows${at(4 * r)}) + at; ${each(vectors, ' ', (v) => `s${r}${v} = fmadd(v128.load(a${r}${at(16 * v)}), b${v}, s${r}${v});`)}`)}
  }

${storeRows({ rows, vectors })}
}
`;

/** The tile of depthwise convolutions. */
export const files = {
  depthwise: `import { fmadd } from './fmadd';

/**
 * c = max(Σ_t a_t · w_t + bias, lowest) on one tile of 6 pixels × 8 channels, each channel with its own filter.
 *
 *   rows      [taps, 60]  pointers: channel 0 of tap t of row r is at load(rows + (t·60 + r)·4)
 *   at        bytes from there to the tile's first channel
 *   panel     bias [8], then w [taps, 8]
 *   c, cStride, count, lowest  as gemm6x8's
 *
 * 20 loads for 12 products: loads bound it, at some 60 % of the peak of a product that fits the cache.
 */
${depthwise(6, 2)}`,
};

import { at, each, eachDown, loadVectors } from './shape.js';

/** Of 4 rows, the tail, channels may be missing: the last is read again, so that each row has an address of its own. */
const gradient = (rows, columns) => {
  const vectors = columns / 4;
  const tail = rows === 4;
  const channel = (r) => (tail ? `a + c${r || ''}` : `a${at(4 * r)}`);
  return `export function tile${rows}x${columns}(rows: usize, c: usize, dy: usize, pixel: usize, count: i32, sums: usize${tail ? ', height: i32' : ''}): void {
  let s00 = f32x4.splat(0), ${each(vectors - 1, ', ', (v) => `s0${v + 1} = s00`)};
${each(rows - 1, '\n', (r) => `  let ${each(vectors, ', ', (v) => `s${r + 1}${v} = s00`)};`)}
${tail ? `  const ${each(rows - 1, ', ', (r) => `c${r + 1} = height > ${r + 1} ? c${r || ''} + 4 : c${r || ''}`)};\n` : ''}\
  for (const end = rows + (<usize>count << 2); rows < end; rows += 4, dy += pixel) {
    const a = load<usize>(rows)${tail ? '' : ' + c'};
    const ${loadVectors(vectors, 'b', 'dy')};
${each(rows, '\n', (r) => `    const x${r} = v128.load32_splat(${channel(r)}); ${each(vectors, ' ', (v) => `s${r}${v} = fmadd(x${r}, b${v}, s${r}${v});`)}`)}
  }
${eachDown(rows, '\n', (r) => `  ${each(vectors, ' ', (v) => `v128.store(sums, s${r}${v}, ${4 * columns * r + 16 * v});`)}`)}
}
`;
};

/** The tiles of a convolution's gradient of its weights. */
export const files = {
  gradTile: `import { fmadd } from './fmadd';

/**
 * sums[6, 8] = Σ over \`count\` pixels of x[c .. c + 6] times dy[8].
 *
 *   rows   [count] pointers to the pixels of x; c, bytes from there to the first channel
 *   dy     [count, pixel bytes], 8 outputs of each
 */
${gradient(6, 8)}
${gradient(5, 8)}
/** Of fewer than 4 channels the last is read again. */
${gradient(4, 8)}`,

  gradTile16: `import { fmadd } from './fmadd';

/** The tiles of gradTile.ts with 16 outputs, for engines that pair vectors: see gemm16.ts. */
${gradient(6, 16)}
${gradient(5, 16)}
${gradient(4, 16)}`,
};

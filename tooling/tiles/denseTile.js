import { at, each, loadVectors } from './shape.js';

/**
 * Sums of a chunk begin at 0 and join those in y: the order of fourPanels in dense.ts, whose bits these are. Of 4 rows, the tail, some may be missing: the
 * last is read again, and not added.
 */
const dense = (rows) => {
  const tail = rows === 4;
  const next = (r) =>
    `a${r} ${tail ? `= count > ${r + 1} ? a${r} + xPixel : a${r}` : `= a${r} + xPixel`}`.replace(`a${r} =`, `a${r + 1} =`);
  const add = (r) => each(2, ' ', (v) => `v128.store(c, f32x4.add(v128.load(c${at(16 * v)}), s${r}${v})${at(16 * v)});`);
  return `export function dense${rows}x8(a0: usize, xPixel: usize, b: usize, terms: i32, y: usize, yPixel: usize${tail ? ', count: i32' : ''}): void {
  const ${each(rows - 1, ', ', next)};
  const zero = f32x4.splat(0);
  for (let p: usize = 0, end = <usize>terms << 2; p < end; ) {
    let ${each(rows, ', ', (r) => `s${r}0 = zero, s${r}1 = zero`)};
    for (const stop = min(p + CHUNK, end); p < stop; p += 4) {
      const ${loadVectors(2, 'b', 'b')};
      b += 32;
${each(rows, '\n', (r) => `      const x${r} = v128.load32_splat(a${r} + p); s${r}0 = fmadd(x${r}, b0, s${r}0); s${r}1 = fmadd(x${r}, b1, s${r}1);`)}
    }
    let c = y;
    ${add(0)}
${each(rows - 1, '\n', (r) => `    ${tail ? `if (count <= ${r + 1}) continue;\n    ` : ''}c += yPixel; ${add(r + 1)}`)}
  }
}
`;
};

/** The tiles of a fully connected layer of many images. */
export const files = {
  denseTile: `import { fmadd } from './fmadd';

/** Bytes of a chunk of x: dense.ts. */
const CHUNK = 32 * 4;

/**
 * y += x·b for 5 images and 8 outputs, 32 terms after 32.
 *
 *   a0     [5, terms] floats of x, images xPixel bytes apart
 *   b      [terms, 8]: of a panel
 *   y      [5, 8], images yPixel bytes apart
 *
 * Measured: 6 images are slower than 5 also with FMA, since a loop within a loop leaves too few registers for addresses.
 */
${dense(5)}
/** dense5x8 with 4 images, or fewer: 1 ≤ count ≤ 4. */
${dense(4)}`,
};

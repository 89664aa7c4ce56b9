import { gathered } from './gathered.js';
import { at, each } from './shape.js';

const grouped = (rows) =>
  gathered({
    name: 'grouped',
    rows,
    columns: 8,
    length: 'taps',
    panelEnd: '(end << 3) * taps',
    products: (r, vectors) => each(vectors, ' ', (v) => `s${r}${v} = fmadd(v128.load32_splat(a${r} + p${at(16 * v)}), b${v}, s${r}${v});`),
  });

/** The tiles of convolutions of 4 channels a group. */
export const files = {
  grouped: `import { fmadd } from './fmadd';

/**
 * The tile of gemm5x8 for convolutions of 4 channels a group: the panel's 8 columns are two groups side by side, of
 * which columns 0–3 read channels 0–3 at a row's address and columns 4–7 the next four. Contract as gemm5x8's, but
 *
 *   rows   each row and tap points to 8 consecutive floats
 *   panel  bias [8], then [taps · 4, 8]
 *
 * 12 loads for 10 products: loads, not arithmetic, bound it, and a sixth row would need one register more than there are.
 */
${grouped(5)}
/** grouped5x8 with 4 rows. */
${grouped(4)}`,
};

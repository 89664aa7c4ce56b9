/**
 * What all register tiles share. A tile is text: a function whose sums are s<row><vector>, `rows` rows of `vectors` vectors of four columns. `each` writes what
 * depends on the size, so that a template reads as a tile does, with one row and one vector standing for all.
 */

/** `text(i)` for i from 0 to count − 1, joined. */
export const each = (count, join, text) => Array.from({ length: count }, (_, i) => text(i)).join(join);

/** `text(i)` for i from count − 1 down to 0, joined. */
export const eachDown = (count, join, text) => each(count, join, (i) => text(count - 1 - i));

/** The constant offset of a load or store: an argument of its own, left out where it is 0. */
export const at = (bytes) => (bytes === 0 ? '' : `, ${bytes}`);

/** One row of the panel: `b0 = v128.load(b), b1 = v128.load(b, 16)`. */
export const loadVectors = (vectors, name, from) => each(vectors, ', ', (v) => `${name}${v} = v128.load(${from}${at(16 * v)})`);

/** The sums of every row begin as the panel's first row, the bias. */
export const startAtBias = ({ rows, vectors }) =>
  `  let ${loadVectors(vectors, 's0', 'panel')};
${each(rows - 1, '\n', (r) => `  let ${each(vectors, ', ', (v) => `s${r + 1}${v} = s0${v}`)};`)}`;

/** The limit and the stores. A row past `count` stores what the last one does. Last row to first: V8 11 keeps the sums in memory otherwise. */
export const storeRows = ({ rows, vectors }) =>
  `${each(rows - 1, '\n', (r) => `  const c${r + 1} = count > ${r + 1} ? c${r || ''} + cStride : c${r || ''};`)}
  const lo = f32x4.splat(lowest); // pmax keeps a NaN sum and is one instruction; max is several
${eachDown(rows, '\n', (r) => storeRow(vectors, r))}`;

/** Four vectors are limited before the first is stored, so that an engine that pairs vectors finds neighbours side by side. */
function storeRow(vectors, r) {
  const limit = (v) => `s${r}${v} = f32x4.pmax(s${r}${v}, lo);`;
  const store = (v) => `v128.store(c${r || ''}, s${r}${v}${at(16 * v)});`;
  return vectors === 2
    ? `  ${each(vectors, ' ', (v) => `${limit(v)} ${store(v)}`)}`
    : `  ${each(vectors, ' ', limit)}\n  ${each(vectors, ' ', store)}`;
}

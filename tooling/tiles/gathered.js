import { at, each, loadVectors, startAtBias, storeRows } from './shape.js';

/** A tile whose rows are gathered by the planner's table: the loop of gemm and of grouped, which differ in a row's products. */
export const gathered = ({ name, rows, columns, length, panelEnd, products }) => {
  const vectors = columns / 4;
  return `export function ${name}${rows}x${columns}(
  rows: usize, panel: usize, ${length}: i32, run: i32, c: usize, cStride: usize, count: i32, lowest: f32,
): void {
${startAtBias({ rows, vectors })}
  let ${each(rows, ', ', (r) => `a${r}: usize = 0`)};
  const end = <usize>run << 2;
  let b = panel + ${4 * columns}, p = end;
  for (const last = b + ${panelEnd}; b < last; p += 4) {
    if (p === end) {
      p = 0;
${each(rows, '\n', (r) => `      a${r} = load<usize>(rows${at(4 * r)});`)}
      rows += 240;
    }
    const ${loadVectors(vectors, 'b', 'b')};
    b += ${4 * columns};
${each(rows, '\n', (r) => `    ${products(r, vectors)}`)}
  }

${storeRows({ rows, vectors })}
}
`;
};

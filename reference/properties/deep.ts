import { sizeOf } from '../../src/tensor.js';
import { type Case, graphOf } from './case.js';

/** The largest register tile: src/wasm/options.ts. */
const tile = { rows: 6, columns: 16 };

/** Whether a convolution or linear layer sums 64 products or more and has rows or output channels beyond a tile: what small cases do not reach. */
export function isDeep(drawn: Case): boolean {
  const [weight] = drawn.params;
  if (weight === undefined || drawn.op === 'batchNorm') return false;
  const [N = 0, outputs = 0, ...plane] = graphOf(drawn).nodes.at(-1)?.shape ?? [];
  const rows = drawn.op === 'linear' ? N : sizeOf(plane);
  return sizeOf(weight.slice(1)) >= 64 && (rows > tile.rows || outputs > tile.columns);
}

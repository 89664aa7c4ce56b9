import type { Node } from '../ops/op.js';
import type { FusedActivation } from './activation.js';
import type { Group } from './group.js';
import { type Layout, layoutBytes, rowsLayout } from './layout.js';
import type { TablePacking } from './packing.js';
import type { Arg } from './plan.js';
import { conv, whole } from './product.js';
import { spansOf } from './spans.js';
import type { PlanWriter } from './writer.js';

/** What a fully connected layer reads and writes. */
export interface LinearCall {
  readonly x: { readonly buffer: number };
  readonly from: Layout;
  readonly y: Arg;
  readonly to: Layout;
  readonly after: FusedActivation;
}

/**
 * A fully connected layer on regions, with a ReLU or nothing behind it: a matrix product, whose rows are the regions however many there are. Of pooled planes
 * some cells at a time are a product of their own, and these are added: operands stay in the second cache, and no sum has more terms than those cells.
 */
export function linearOfRegions(
  plan: PlanWriter,
  { inputs: [, w, bias] }: Node<'linear'>,
  covers: Group,
  { x, from, y, to, after }: LinearCall,
): void {
  const { images, channels: outputs, pixel } = to;
  const { channels, height, width, image } = from;
  const layout = rowsLayout([images, image / 4]);
  const table: TablePacking = { kind: 'table', layout, output: [images, 1], taps: [1, 1], ...whole, before: [0, 0] };
  const length = height * width > 1 ? from.pixel / 4 : channels;
  const spans = { ...spansOf(outputs, channels, 1, plan.target.tile), length };
  const weight = plan.parameter(w);
  const weights = { kind: 'panels', weight, norm: undefined, outputs, filter: [channels, height, width], groups: 1, spans } as const;
  const product = { table, spans, filter: 0, images: 1, image: layout.image, pixel, after: 0 };
  const lowest = after === 'relu' ? 0 : -Infinity;
  const plane = height * width;
  const cells = Math.max(1, Math.floor(mostTerms / length)); // of a product: they lie side by side, over the ends of lines too

  let sum: Arg | undefined;
  for (let cell = 0; cell < plane; cell += cells) {
    const first = cell === 0;
    const last = cell + cells >= plane;
    const taken = Array.from({ length: Math.min(cells, plane - cell) }, (_, i) => cell + i);
    const biasLast = last && bias !== undefined;
    const taps = first && last ? {} : { taps: taken };
    const panels = plan.panels({ ...weights, bias: biasLast ? plan.parameter(bias) : undefined, biasLast, ...taps });
    const part: Arg = first && last ? y : { buffer: plan.buffer(layoutBytes(to)) };
    const operands = { x: { ...x, at: cell * from.pixel }, y: part, run: taken.length * length, biasLast, panels };
    const covered = first && last ? covers : [];
    conv(
      plan,
      covered,
      { ...product, ...operands, lowest: first && last ? lowest : -Infinity },
      images * outputs * taken.length * channels,
    );
    if (sum === undefined) {
      sum = part;
      continue;
    }
    const both: Arg = last ? y : { buffer: plan.buffer(layoutBytes(to)) };
    plan.step('addRelu', last ? covers : [], images, { a: sum, b: part, y: both, pixel, lowest: last ? lowest : -Infinity }, 0);
    sum = both;
  }
}

/** Of a product. 150 regions, so many terms each, stay in a second cache of a megabyte while all panels pass over them: `conv`. */
const mostTerms = 1024;

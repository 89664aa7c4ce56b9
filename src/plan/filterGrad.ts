import { macsOf } from '../graph/count.js';
import type { Node, Pair } from '../ops/op.js';
import { dims4, sizeOf } from '../tensor.js';
import { flatLayout, rowsLayout } from './layout.js';
import { packingSize } from './pack.js';
import type { Panels } from './packing.js';
import { type Arg, blockRows, blocksOf } from './plan.js';
import { gathered, type Product, startsOf, whole } from './product.js';
import { gradSpans } from './spans.js';
import { at, type Placed, type PlanWriter } from './writer.js';

/** A slice of panels that stays in the second cache while all blocks of pixels pass over it. */
const sliceBytes = 1 << 18;

/** Units that threads may share; more would be more partial sums to add. */
const units = 16;

/** dw of a convolution: products of x's gathered pixels with dy, summed over pixels in parts, which are added in order. */
export function conv2dGradWeight(plan: PlanWriter, node: Node<'conv2dGradWeight'>): void {
  const [xId, dyId] = node.inputs;
  const x = plan.value(xId);
  const { groups } = node.attrs;
  const [O, Cg, P, Q] = dims4(node.shape);
  const [, , I, J] = dims4(plan.node(dyId).shape);
  filterGrad(plan, node, x, plan.value(dyId), { output: [I, J], filter: [Cg, P, Q], outputs: O, groups, attrs: node.attrs });
}

/** dw of a fully connected layer: of a plane, as a convolution's whose filter is the plane; else the minibatch is the plane. */
export function linearGradWeight(plan: PlanWriter, node: Node<'linearGradWeight'>): void {
  const [xId, dyId] = node.inputs;
  const [x, dy] = [plan.value(xId), plan.value(dyId)];
  const [O] = node.shape as readonly [number];
  const { channels, height, width, images } = x.layout;
  const asRows = (value: Placed, size: number): Placed => ({ ...value, layout: rowsLayout([images, size]) });
  const filter = { filter: [channels, height, width], outputs: O, groups: 1, attrs: whole } as const;
  if (height * width > 1) filterGrad(plan, node, x, dy, { output: [1, 1], ...filter });
  else filterGrad(plan, node, asRows(x, channels), asRows(dy, O), { output: [images, 1], ...filter });
}

interface Filter {
  readonly output: Pair;
  readonly filter: readonly [number, number, number];
  readonly outputs: number;
  readonly groups: number;
  readonly attrs: Parameters<typeof gathered>[3];
}

function filterGrad(plan: PlanWriter, node: Node, x: Placed, dy: Placed, { output, filter, outputs, groups, attrs }: Filter): void {
  const [Cg, P, Q] = filter;
  const spans = gradSpans(outputs, Cg, groups, plan.target.tile);
  const { table, run }: Pick<Product, 'table' | 'run'> = gathered(x.layout, output, [P, Q], attrs, spans.length);
  const panels: Panels = { outputs, filter, groups, spans };
  const chunk = packingSize({ kind: 'order', panels, biased: false }) * 4;
  const count = spans.starts.length;
  const rows = output[0] * output[1];
  const taps = table.taps[0] * table.taps[1];
  const blocks = x.layout.images * blocksOf(rows);
  const slices = Math.min(Math.ceil(chunk / sliceBytes), Math.ceil((count * spans.columns) / 16)); // whatever the tile, for the same sums
  const chunks = Math.min(Math.ceil(units / slices), blocks);
  const sums: Arg = { buffer: plan.buffer(chunks * chunk) };
  plan.step(
    'gradWeight',
    [],
    chunks * slices,
    {
      x: at(x),
      dy: at(dy),
      table: plan.pack(`table ${JSON.stringify(table)}`, table),
      starts: startsOf(plan, spans),
      zeros: plan.zeros(Math.max(run, 8)),
      sums,
      scratch: plan.scratch((blockRows * taps + 6 * spans.columns) * 4),
      image: x.layout.image,
      pixel: dy.layout.pixel,
      rows,
      taps,
      run,
      count,
      columns: spans.columns,
      chunk,
      blocks,
      chunks,
      slices,
    },
    macsOf(plan.graph, node),
  );
  const places = plan.pack(`places ${JSON.stringify(panels)}`, { kind: 'places', panels });
  const layout = flatLayout(sizeOf(node.shape));
  plan.step('gatherSums', [node.id], layout.pixel / 4, { sums, places, y: plan.define(node.id, layout), chunk, chunks }, 0);
}

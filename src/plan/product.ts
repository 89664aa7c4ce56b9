import type { Conv2dAttrs, Pair } from '../ops/op.js';
import { activations, onlyClips } from './activation.js';
import type { Group } from './group.js';
import { denseLayout, isBordered, type Layout } from './layout.js';
import { type PanelPacking, panelKinds, type Spans, type TablePacking } from './packing.js';
import { type Arg, blockRows, blocksOf } from './plan.js';
import { activate } from './pointwise.js';
import { at, lastOf, type Placed, type PlanWriter } from './writer.js';

export interface Product {
  readonly table: TablePacking;
  readonly run: number;
  readonly panels: PanelPacking;
}

/** conv2d: a matrix product of gathered rows with panels of weights, and what rides on it. */
export function product(plan: PlanWriter, members: Group, x: Placed, { table, run, panels }: Product): void {
  const layout = denseLayout(plan.node(lastOf(members)).shape);
  const biasLast = endsInBias(panels);
  const packed = plan.panels({ ...panels, biasLast });
  const y = plan.define(lastOf(members), layout);
  const activation = plan.activation(members);
  const { spans } = panels;
  const call = {
    x: at(x),
    y,
    table,
    run,
    spans,
    biasLast,
    panels: packed,
    filter: 0,
    images: x.layout.images,
    image: x.layout.image,
    pixel: layout.pixel,
  };
  const clipped = onlyClips(activation);
  // where panels overlap, a thread may make a value that another has already applied the function to
  const overlap = spans.outputs.some((first, panel) => panel > 0 && first < (spans.outputs[panel - 1] as number) + spans.columns);
  const apart = overlap && !clipped;
  const after = clipped || apart ? 0 : activations.indexOf(activation);
  conv(plan, apart ? members.slice(0, -1) : members, { ...call, lowest: plan.lowest(members), after });
  if (apart) activate(plan, members.slice(-1), activation, { ...y, layout }, y);
}

/**
 * Whether sums get their bias last, as one term more, instead of starting from it: each partial sum is rounded to digits that its size allows, so that a
 * large bias, which a folded batch norm makes, had better not be in them (Higham 2002, §4.2). Short sums have less to lose, and one term is more of them.
 */
const endsInBias = ({ bias, norm, filter: [, P, Q], spans }: PanelPacking): boolean =>
  spans.kind === 'dense' && (bias ?? norm) !== undefined && P * Q * spans.length >= manyTerms;

/** Measured: docs/speed.md. */
const manyTerms = 64;

/** A filter that is applied once. */
export const whole = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] } as const;

/**
 * What a convolution's results of `output` pixels read of an image: where each tap starts, and over how many floats it spans. In an image with a border the
 * taps of a filter's row are one run.
 */
export function gathered(
  layout: Layout,
  output: Pair,
  [P, Q]: Pair,
  { stride, padding, dilation }: Pick<Conv2dAttrs, 'stride' | 'padding' | 'dilation'>,
  run: number,
): Pick<Product, 'table' | 'run'> {
  const bordered = isBordered(layout);
  const before = [padding[0], padding[3]] as const;
  const table: TablePacking = { kind: 'table', layout, output, taps: bordered ? [P, 1] : [P, Q], stride, dilation, before };
  return { table, run: bordered ? Q * layout.channels : run };
}

/** The table of panels that conv reads: for each, where its channels start and where its columns. */
export function startsOf(plan: PlanWriter, { starts, outputs }: Spans): Arg {
  const values = starts.flatMap((start, panel) => [start * 4, (outputs[panel] as number) * 4]);
  return plan.pack(`starts ${values.join(' ')}`, { kind: 'int32', values });
}

export interface ConvCall {
  readonly x: Arg;
  readonly y: Arg;
  readonly table: TablePacking;
  readonly run: number;
  readonly spans: Spans;
  readonly biasLast: boolean;
  readonly panels: Arg;
  readonly filter: number;
  readonly images: number;
  readonly image: number;
  readonly pixel: number;
  readonly lowest: number;
  readonly after: number;
}

/** The kernel that every product is: see kernels/conv.ts. */
export function conv(plan: PlanWriter, covers: Group, { table, run, spans, biasLast, images, ...call }: ConvCall, macs?: number): void {
  const rows = table.output[0] * table.output[1];
  const taps = table.taps[0] * table.taps[1];
  const count = spans.starts.length;
  const args = {
    ...call,
    table: plan.pack(`table ${JSON.stringify(table)}`, table),
    starts: startsOf(plan, spans),
    zeros: plan.zeros(spans.kind === 'depthwise' ? call.pixel / 4 : Math.max(run, 8)),
    scratch: plan.scratch((blockRows * (taps + 1) + 2) * 4),
    rows,
    taps,
    run,
    terms: taps * run + Number(biasLast),
    count,
    tile: plan.target.tile.rows,
    columns: spans.columns,
    kind: panelKinds.indexOf(spans.kind),
  };
  plan.step('conv', covers, images * blocksOf(rows) * count, args, macs);
}

import type { Node } from '../ops/op.js';
import { dims4 } from '../tensor.js';
import { winograd } from './filtering.js';
import type { Group } from './group.js';
import { rowsLayout } from './layout.js';
import { product, whole } from './product.js';
import { spansOf } from './spans.js';
import { stridedInputGrad } from './stridedGrad.js';
import type { Placed, PlanWriter } from './writer.js';

/** dx of a convolution. */
export function conv2dGradInput(plan: PlanWriter, anchor: Node<'conv2dGradInput'>, members: Group): void {
  const [w, dy] = anchor.inputs;
  const { stride, padding, dilation, groups } = anchor.attrs;
  const weight = plan.parameter(w);
  const m = plan.filtering.get(anchor.id);
  if (m === undefined) {
    const [filters, plane] = [dims4(plan.node(w).shape), dims4(anchor.shape)];
    inputGrad(plan, members, plan.value(dy), { weight, filters, plane, attrs: { stride, padding, dilation }, groups });
  } else {
    const [, outputs] = dims4(anchor.shape);
    const before = [2 - padding[0], 2 - padding[3]] as const; // a pixel had a part in the results from two before it on
    winograd(plan, members, plan.value(dy), { m, weight, norm: undefined, bias: undefined, outputs, before, transposed: true });
  }
}

/** dx of a fully connected layer: of a plane, as a convolution's whose filter is the plane; else the minibatch is the plane. */
export function linearGradInput(plan: PlanWriter, anchor: Node<'linearGradInput'>, members: Group): void {
  const [w, dy] = anchor.inputs;
  const [N, C, H = 1, W = 1] = anchor.shape as readonly [number, number, number?, number?];
  const [O] = plan.node(w).shape as readonly [number];
  const from = plan.value(dy);
  const rows = H * W === 1;
  inputGrad(plan, members, rows ? { ...from, layout: rowsLayout([N, O]) } : from, {
    weight: plan.parameter(w),
    filters: [O, C, H, W],
    plane: rows ? [1, C, N, 1] : [N, C, H, W],
    attrs: whole,
    groups: 1,
  });
}

interface Filters {
  readonly weight: string;
  readonly filters: readonly [number, number, number, number];
  /** Of x. */
  readonly plane: readonly [number, number, number, number];
  readonly attrs: typeof whole | Pick<Node<'conv2d'>['attrs'], 'stride' | 'padding' | 'dilation'>;
  readonly groups: number;
}

/** A convolution like any other, from dy to dx: the table finds the results that a pixel had a part in, the panels hold the weights transposed. */
function inputGrad(plan: PlanWriter, members: Group, dy: Placed, { weight, filters, plane, attrs, groups }: Filters): void {
  const [outputs, , P, Q] = filters;
  const [, channels, H, W] = plane;
  const { stride, padding, dilation } = attrs;
  const spans = spansOf(channels, outputs / groups, groups, plan.target.tile);
  const before = [padding[0], padding[3]] as const;
  const filter = [outputs / groups, P, Q] as const;
  const weights = { weight, bias: undefined, norm: undefined, outputs: channels, filter } as const;
  const panels = { kind: 'panels', ...weights, groups, spans, transposed: true } as const;
  if (Math.max(...stride) > 1) stridedInputGrad(plan, members, dy, { plane: [H, W], filter: [P, Q], attrs, before, panels });
  else {
    const table = { kind: 'table', layout: dy.layout, output: [H, W], taps: [P, Q], stride, dilation, before, transposed: true } as const;
    product(plan, members, dy, { table, run: spans.length, panels });
  }
}

import type { Pair } from '../ops/op.js';
import type { Group } from './group.js';
import { denseLayout } from './layout.js';
import type { PanelPacking } from './packing.js';
import { conv } from './product.js';
import { lastOf, type Placed, type PlanWriter } from './writer.js';

export interface Strided {
  /** Of x. */
  readonly plane: Pair;
  readonly filter: Pair;
  readonly attrs: { readonly stride: Pair; readonly dilation: Pair };
  /** Rows above x and columns left of it. */
  readonly before: Pair;
  readonly panels: PanelPacking;
}

/** Every `stride`-th line, or column, of x, and the taps that it had a part in: line i and the k-th of them meet at line i + before − k·dilation of dy. */
interface Phase {
  readonly extent: number;
  readonly taps: readonly number[];
  readonly before: number;
  readonly dilation: number;
}

/**
 * The gradient of a strided convolution's input. A pixel of x meets those taps only that the stride lets it meet, and neighbours meet others: so each phase of
 * the stride is a convolution of dy with taps of its own, into memory of its own, and a last step puts them together.
 */
export function stridedInputGrad(plan: PlanWriter, members: Group, dy: Placed, { plane, filter, attrs, before, panels }: Strided): void {
  const layout = denseLayout(plan.node(lastOf(members)).shape);
  const { images, pixel } = layout;
  const { spans } = panels;
  const along = (axis: 0 | 1): readonly Phase[] =>
    phasesOf(plane[axis], filter[axis], attrs.stride[axis], attrs.dilation[axis], before[axis]);
  const parts = { buffer: plan.buffer(images * plane[0] * plane[1] * pixel) };
  const places: number[] = [];
  let at = 0;
  for (const vertical of along(0))
    for (const horizontal of along(1)) {
      const taps = vertical.taps.flatMap((p) => horizontal.taps.map((q) => p * filter[1] + q));
      places.push(taps.length > 0 ? at : -1);
      if (taps.length === 0) continue; // no result was made of these pixels
      const pixels = images * vertical.extent * horizontal.extent;
      const table = {
        kind: 'table',
        layout: dy.layout,
        output: [vertical.extent, horizontal.extent],
        taps: [vertical.taps.length, horizontal.taps.length],
        stride: [1, 1],
        dilation: [vertical.dilation, horizontal.dilation],
        before: [vertical.before, horizontal.before],
        transposed: true,
      } as const;
      const sums = {
        run: spans.length,
        spans,
        biasLast: false,
        panels: plan.panels({ ...panels, taps }),
        filter: 0,
        lowest: -Infinity,
        after: 0,
      };
      const from = { x: { buffer: dy.buffer }, images, image: dy.layout.image };
      const macs = pixels * taps.length * panels.filter[0] * panels.outputs;
      conv(plan, [], { ...from, table, ...sums, y: { ...parts, at }, pixel }, macs);
      at += pixels * pixel;
    }
  const y = plan.define(lastOf(members), layout);
  const phases = plan.pack(`phases ${places.join(' ')}`, { kind: 'int32', values: places });
  const [strideH, strideW] = attrs.stride;
  plan.step('weave', members, images * plane[0], { x: parts, phases, y, pixel, height: plane[0], width: plane[1], strideH, strideW }, 0);
}

/** As many as the stride, but no more than there are lines. */
function phasesOf(lines: number, filter: number, stride: number, dilation: number, before: number): readonly Phase[] {
  return Array.from({ length: Math.min(stride, lines) }, (_, first): Phase => {
    const taps = Array.from({ length: filter }, (_, p) => p).filter((p) => (first + before - p * dilation) % stride === 0);
    const [p = 0, next = p] = taps;
    return {
      extent: Math.ceil((lines - first) / stride),
      taps,
      before: (first + before - p * dilation) / stride,
      dilation: ((next - p) * dilation) / stride || 1,
    };
  });
}

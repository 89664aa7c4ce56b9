import type { NodeId } from '../ops/op.js';
import { denseLayout, type Layout } from './layout.js';
import { type Arg, blocksOf } from './plan.js';
import { at, type Placed, type PlanWriter } from './writer.js';

/** A squeeze of a value that no product sums on its way. */
export function squeezed(plan: PlanWriter, id: NodeId, x: Placed): void {
  const { images, height, width, pixel } = x.layout;
  const units = images * blocksOf(height * width);
  const sums = { buffer: plan.buffer(units * pixel) };
  plan.step('squeeze', [], units, { x: at(x), sums, pixel, rows: height * width });
  mean(plan, id, sums, x.layout);
}

/** The squeeze's last part: blocks' sums to a mean. */
export function mean(plan: PlanWriter, id: NodeId, sums: Arg, { images, height, width, pixel }: Layout): void {
  const z = plan.define(id, denseLayout(plan.node(id).shape));
  plan.step('mean', [id], images, { sums, z, pixel, rows: height * width });
}

import type { Placed, PlanWriter } from '../writer.js';
import { baseOf, byteLayout } from './layout.js';

/** A buffer for a node's integers. */
export function define(plan: PlanWriter, id: number, mayTake: readonly number[] = []): Placed {
  const { shape, integers } = plan.node(id);
  const layout = byteLayout(shape, baseOf(integers as NonNullable<typeof integers>));
  return { ...plan.define(id, layout, mayTake), layout };
}

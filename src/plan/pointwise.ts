import { activations, type FusedActivation } from './activation.js';
import type { Group } from './group.js';
import type { Layout } from './layout.js';
import type { Arg } from './plan.js';
import { at, type Placed, type PlanWriter } from './writer.js';

/** A function of its own: on what no kernel applies it to as it makes it. */
export function activate(plan: PlanWriter, covers: Group, activation: FusedActivation, x: Placed, y: Arg): void {
  const { pixel, channels } = x.layout;
  plan.step('activation', covers, pixelsOf(x.layout), { x: at(x), y, pixel, channels, kind: activations.indexOf(activation) });
}

export const pixelsOf = ({ images, height, width }: Layout): number => images * height * width;

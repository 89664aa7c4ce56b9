import type { DetectionOp } from '../ops/op.js';
import { onlyClips } from './activation.js';
import { denseStep, linearBy } from './dense.js';
import { denseLayout } from './layout.js';
import { roiAlign, roiPool } from './regions.js';
import { linearOfRegions } from './regionsLinear.js';
import { at, type LoweringRule } from './writer.js';

export type DetectionRules = { readonly [K in DetectionOp | 'linear']: LoweringRule<K> };

/** The ops that only detectors have, and layers on regions. */
export const detectionRules: DetectionRules = {
  upsampleNearest(plan, { id, inputs, shape }) {
    const x = plan.value(inputs[0]);
    const layout = denseLayout(shape);
    const { pixel, height, width } = x.layout;
    const { images, height: outHeight, width: outWidth } = layout;
    const y = plan.define(id, layout);
    plan.step('upsampleNearest', [id], images * outHeight, { x: at(x), y, pixel, height, width, outHeight, outWidth });
  },

  roiAlign,
  roiPool,

  linear: linearBy((plan, node, covers, call) =>
    plan.ofRegions.has(node.id) && onlyClips(call.after) ? linearOfRegions(plan, node, covers, call) : denseStep(plan, node, covers, call),
  ),
};

import type { TrainingAttrs } from '../ops/op.js';
import { dims4 } from '../tensor.js';
import { product } from './product.js';
import { runsOf } from './runs.js';
import type { Rule } from './writer.js';

/** How ops of training become kernel calls, those that have kernels. */
export const trainingRules: { readonly [K in keyof TrainingAttrs]?: Rule<K> } = {
  /** A convolution like any other, from dy to dx: the table finds the results that a pixel had a part in, the panels hold the weights transposed. */
  conv2dGradInput(plan, anchor, members) {
    const [w, dy] = anchor.inputs;
    const [, channels, H, W] = dims4(anchor.shape);
    const [outputs, , P, Q] = dims4(plan.node(w).shape);
    const { stride, padding, dilation, groups } = anchor.attrs;
    const from = plan.value(dy);
    const runs = runsOf(channels, outputs / groups, groups, plan.target.tile);
    const before = [padding[0], padding[3]] as const;
    product(plan, members, from, {
      table: { kind: 'table', layout: from.layout, output: [H, W], taps: [P, Q], stride, dilation, before, transposed: true },
      run: runs.length,
      panels: {
        kind: 'panels',
        weight: plan.parameter(w),
        bias: undefined,
        norm: undefined,
        outputs: channels,
        filter: [outputs / groups, P, Q],
        groups,
        runs,
        transposed: true,
      },
    });
  },
};

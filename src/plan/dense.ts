import { macsOf } from '../graph/count.js';
import type { Node } from '../ops/op.js';
import { activations } from './activation.js';
import type { Group } from './group.js';
import { denseLayout, layoutBytes } from './layout.js';
import { blockRows, type Tile } from './plan.js';
import type { LinearCall } from './regionsLinear.js';
import { spansOf } from './spans.js';
import { type LoweringRule, lastOf, type PlanWriter } from './writer.js';

/**
 * A classifier of so few inputs sums in float64, which takes no time to speak of there, and leaves no error but the last rounding's, where float32's would
 * be most of a small network's.
 */
const fewInputs = 128;

export interface DenseCall extends LinearCall {
  /** @defaultValue false */
  readonly mayBeWide?: true;
}

/**
 * A fully connected layer, its weights in panels of 8 outputs. Of a plane all values are inputs, in the order in which they lie in memory; pad channels
 * have weights of 0.
 */
export function denseStep(plan: PlanWriter, node: Node<'linear'>, covers: Group, { x, from, y, to, after, mayBeWide }: DenseCall): void {
  const [, w, bias] = node.inputs;
  const { images, channels: outputs, pixel: yPixel } = to;
  const { channels, height, width, image: xPixel } = from;
  const weight = plan.parameter(w);
  const length = height * width > 1 ? from.pixel / 4 : channels;
  const panels = plan.panels({
    kind: 'panels',
    weight,
    bias: bias === undefined ? undefined : plan.parameter(bias),
    norm: undefined,
    outputs,
    filter: [channels, height, width],
    groups: 1,
    spans: { ...spansOf(outputs, channels, 1, narrow), length },
  });
  const inputs = height * width * length;
  const wide = Number(mayBeWide === true && inputs <= fewInputs);
  const rows = images >= manyImages && wide === 0 ? blockRows : 1;
  const tile = Math.min(plan.target.tile.rows, 5);
  const args = {
    x: { buffer: x.buffer },
    panels,
    y,
    xPixel,
    yPixel,
    images,
    inputs,
    outputs,
    after: activations.indexOf(after),
    wide,
    rows,
    tile,
  };
  plan.step('dense', covers, Math.ceil(images / rows) * Math.ceil(yPixel / 128), args, macsOf(plan.graph, node));
}

/** From here on tiles of images share what they read of the weights: fewer than these would leave a tile half empty. Sums are the same to the bit. */
const manyImages = 4;

const narrow: Tile = { rows: 4, columns: 8 };

/** Or an excitation: two layers, and as many steps, since every channel of the second waits for all of the first. */
export const linearBy =
  (step: (plan: PlanWriter, node: Node<'linear'>, covers: Group, call: DenseCall) => void): LoweringRule<'linear'> =>
  (plan, anchor, members) => {
    const x = plan.value(anchor.inputs[0]);
    const nodes = members.map((id) => plan.node(id));
    const second = nodes.find((node): node is Node<'linear'> => node.op === 'linear' && node !== anchor);
    const hidden = denseLayout(anchor.shape);
    const after = plan.activation(members);
    if (second === undefined) {
      const y = plan.define(lastOf(members), hidden);
      return step(plan, anchor, members, { x, from: x.layout, y, to: hidden, after, mayBeWide: true });
    }
    const buffer = { buffer: plan.buffer(layoutBytes(hidden)) };
    const between = plan.activation(members.slice(0, members.indexOf(second.id)));
    const gates = denseLayout(second.shape);
    step(plan, anchor, [], { x, from: x.layout, y: buffer, to: hidden, after: between });
    step(plan, second, members, { x: buffer, from: hidden, y: plan.define(lastOf(members), gates), to: gates, after });
  };

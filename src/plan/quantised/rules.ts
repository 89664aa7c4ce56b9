import { macsOf } from '../../graph/count.js';
import { readers } from '../../graph/graph.js';
import type { Box, Node, NodeId, OpName, PoolAttrs, QuantisedAttrs } from '../../ops/op.js';
import { type Quantisation, rangeOf } from '../../ops/quantised/quantisation.js';
import { tableOf } from '../../ops/quantised/quantisedPointwise.js';
import { denseLayout, layoutBytes } from '../layout.js';
import { blocksOf } from '../plan.js';
import { activate, pixelsOf } from '../pointwise.js';
import { at, type LoweringRule, lastOf, type Placed, type PlanWriter } from '../writer.js';
import { fitsInt8, layer, sumsOf } from './layers.js';
import { baseOf, borderPixel, byteBorderLayout } from './layout.js';
import { lookUp, vectorsOf, withBase } from './lookUp.js';
import { scaledPanelsSize } from './pack.js';
import { asBytes, asFloats, plainRules } from './plain.js';
import { define } from './values.js';

export type QuantisedRules = { readonly [K in keyof QuantisedAttrs]: LoweringRule<K> };

/** How the ops of quantised graphs become kernel calls. */
export const quantisedRules: QuantisedRules = {
  quantise(plan, { id, inputs, attrs: { y } }) {
    const x = plan.value(inputs[0]);
    const border = borderOf(plan, id, y);
    if (border !== undefined) {
      const layout = byteBorderLayout(plan.node(id).shape, border, baseOf(y));
      const { images, line, height, width, pixel } = layout;
      const [top, , bottom, left] = border;
      const lines = top + height + bottom;
      const to = { ...plan.define(id, layout), layout };
      const sizes = { xPixel: x.layout.pixel, line, left: left * pixel, top, lines, height, width };
      plan.step('quantiseBorder8', [id], images * lines, { x: at(x), y: at(to), ...sizes, ...ends(y, to), scale: y.scale });
      return;
    }
    const to = define(plan, id);
    const pixels = { xPixel: x.layout.pixel, yPixel: to.layout.pixel };
    plan.step('quantise8', [id], pixelsOf(x.layout), { x: at(x), y: at(to), ...pixels, ...ends(y, to), scale: y.scale });
  },

  dequantise(plan, { id, inputs, shape, attrs }) {
    const x = plan.value(inputs[0]);
    const to = denseLayout(shape);
    const pixels = { xPixel: x.layout.pixel, yPixel: to.pixel, channels: to.channels };
    const { scale } = attrs.x;
    plan.step('dequantise8', [id], pixelsOf(to), { x: at(x), y: plan.define(id, to), ...pixels, zero: zeroOf(attrs.x, x), scale });
  },

  ...plainRules,

  quantisedConv2d: (plan, node) => layer(plan, node, node.attrs),
  quantisedLinear: (plan, node) => layer(plan, node, node.attrs),
  integerConv2d: (plan, node) => sumsOf(plan, node, node.attrs),
  integerLinear: (plan, node) => sumsOf(plan, node, node.attrs),

  /** Integers of weights are kept as they are: an excitation has as many as the layers beside it. */
  scaledLinear(plan, anchor, members) {
    const { inputs, shape } = anchor;
    const x = plan.value(inputs[0]);
    const { images, channels, height, width, image, pixel } = x.layout;
    const [weight, scales] = [plan.parameter(inputs[1]), plan.parameter(inputs[2])];
    const bias = inputs[3] === undefined ? undefined : plan.parameter(inputs[3]);
    const layout = denseLayout(shape);
    const { channels: outputs, pixel: yPixel } = layout;
    const length = height * width > 1 ? pixel / 4 : channels;
    const terms = height * width * length;
    const about = { weight, scales, bias, outputs, filter: [channels, height, width], length } as const;
    const panels = plan.pack(weight, { kind: 'scaledPanels', ...about, size: scaledPanelsSize(outputs, terms) });
    const y = plan.define(lastOf(members), layout);
    const after = plan.activation(members);
    const sizes = { xPixel: image, yPixel, images, inputs: terms };
    plan.step(
      'scaled8',
      after ? [] : members,
      images * Math.ceil(yPixel / 128),
      { x: at(x), panels, y, ...sizes },
      macsOf(plan.graph, anchor),
    );
    if (after) activate(plan, members, after, { ...y, layout }, y);
  },

  quantisedAdd(plan, { id, inputs, attrs: { a, b, y } }) {
    const [from, other] = [plan.value(inputs[0]), plan.value(inputs[1])];
    const to = define(plan, id, [from.buffer, other.buffer]);
    const factors = { ma: Math.fround(a.scale / y.scale), mb: Math.fround(b.scale / y.scale) };
    const zeros = { za: zeroOf(a, from), zb: zeroOf(b, other) };
    plan.step('add8', [id], vectorsOf(to), { a: at(from), b: at(other), y: at(to), ...zeros, ...ends(y, to), ...factors });
  },

  quantisedScale(plan, { id, inputs, attrs: { u, residual, y } }) {
    const from = plan.value(inputs[0]);
    const gate = plan.value(inputs[1]);
    const other = residual && plan.value(inputs[2]);
    const to = define(plan, id, other ? [from.buffer, other.buffer] : [from.buffer]);
    const { pixel, height, width } = from.layout;
    const operands = { u: at(from), gate: at(gate), residual: other ? at(other) : 0, y: at(to) };
    const zeros = { zu: zeroOf(u, from), zr: residual && other ? zeroOf(residual, other) : 0 };
    const factors = { m: Math.fround(u.scale / y.scale), mr: residual ? Math.fround(residual.scale / y.scale) : 0 };
    const sizes = { pixel, gPixel: gate.layout.pixel, rows: height * width };
    plan.step('gate8', [id], pixelsOf(from.layout), { ...operands, ...sizes, ...zeros, ...ends(y, to), ...factors });
  },

  quantisedPointwise(plan, { id, inputs, attrs }) {
    const x = plan.value(inputs[0]);
    const to = define(plan, id, [x.buffer]);
    const values = tableOf(attrs);
    const first = (x.layout.base ?? 0) - rangeOf[attrs.x.dtype][0];
    lookUp(
      plan,
      id,
      x,
      to,
      Array.from(values.subarray(first), (value) => value - (to.layout.base ?? 0)),
    );
  },

  quantisedGlobalAvgPool(plan, { id, inputs, attrs: { u }, shape }) {
    const x = plan.value(inputs[0]);
    const { images, height, width, pixel } = x.layout;
    const rows = height * width;
    const units = images * blocksOf(rows);
    const sums = { buffer: plan.buffer(units * pixel * 4) };
    plan.step('squeeze8', [], units, { x: at(x), sums, pixel, rows });
    const to = denseLayout(shape);
    const sizes = { pixel, zPixel: to.pixel, channels: to.channels, rows };
    plan.step('mean8', [id], images, { sums, z: plan.define(id, to), ...sizes, zero: zeroOf(u, x), factor: Math.fround(u.scale / rows) });
  },
};

/** Ops that choose among their operands' values, or move them: of integers they give integers. */
export type IntegerRules = {
  readonly [K in 'maxPool2d' | 'globalMaxPool' | 'concat' | 'channelSlice' | 'channelShuffle' | 'upsampleNearest']: LoweringRule<K>;
};

export const integerRules: IntegerRules = {
  maxPool2d: (plan, node) => maxPool(plan, node, node.attrs),

  /** One window a plane. */
  globalMaxPool(plan, node) {
    const { height, width } = plan.value(node.inputs[0]).layout;
    maxPool(plan, node, { kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor' });
  },

  concat(plan, { id, inputs }) {
    const parts = inputs.map((input) => plan.value(input));
    const to = define(plan, id);
    let offset = 0;
    parts.forEach((part, i) => {
      const from = withBase(plan, part, to.layout.base ?? 0);
      const { pixel, channels } = part.layout;
      const sizes = { xPixel: pixel, yPixel: to.layout.pixel, channels };
      const last = i === parts.length - 1;
      plan.step('copy8', last ? [id] : [], pixelsOf(to.layout), { x: at(from), y: { buffer: to.buffer, at: offset }, ...sizes });
      offset += channels;
    });
  },

  channelSlice(plan, { id, inputs, attrs: { begin, channels } }) {
    const { buffer, layout } = plan.value(inputs[0]);
    const to = define(plan, id);
    const sizes = { xPixel: layout.pixel, yPixel: to.layout.pixel, channels };
    plan.step('copy8', [id], pixelsOf(layout), { x: { buffer, at: begin }, y: at(to), ...sizes });
  },

  channelShuffle(plan, { id, inputs, attrs: { groups } }) {
    const x = asFloats(plan, plan.value(inputs[0]));
    const { pixel, channels } = x.layout;
    const y = { buffer: plan.buffer(layoutBytes(x.layout)), layout: x.layout };
    plan.step('channelShuffle', [], pixelsOf(x.layout), { x: at(x), y: at(y), pixel, channels, groups });
    asBytes(plan, id, y);
  },

  upsampleNearest(plan, { id, inputs, shape }) {
    const x = asFloats(plan, plan.value(inputs[0]));
    const layout = denseLayout(shape);
    const { pixel, height, width } = x.layout;
    const { images, height: outHeight, width: outWidth } = layout;
    const y = { buffer: plan.buffer(layoutBytes(layout)), layout };
    plan.step('upsampleNearest', [], images * outHeight, { x: at(x), y: at(y), pixel, height, width, outHeight, outWidth });
    asBytes(plan, id, y);
  },
};

/** The padding of the convolutions that read an image of up to 4 channels, if they agree, and nobody else reads it: see byteBorderLayout. */
function borderOf({ graph }: PlanWriter, id: NodeId, y: Quantisation): Box | undefined {
  const [, channels = 1] = graph.nodes[id]?.shape ?? [];
  if (channels > borderPixel || [...graph.outputs.values()].includes(id)) return undefined;
  const zero = y.zeroPoint - baseOf(y);
  const boxes = (readers(graph)[id] as readonly NodeId[]).map((reader) => {
    const node = graph.nodes[reader] as Node;
    const suits = node.op === 'quantisedConv2d' && node.attrs.groups === 1 && node.attrs.dilation[1] === 1 && fitsInt8(node.attrs.w);
    return suits && node.attrs.x.zeroPoint === y.zeroPoint ? node.attrs.padding : undefined;
  });
  const [box] = boxes;
  const agreed = box !== undefined && boxes.every((other) => other?.every((pad, side) => pad === box[side]));
  return agreed && zero >= 0 && zero <= 255 ? box : undefined;
}

/** The byte that stands for a zero point. */
const zeroOf = ({ zeroPoint }: Quantisation, { layout: { base = 0 } }: Placed): number => zeroPoint - base;

/** The bytes that stand for the zero point and the limits of a result. */
function ends(y: Quantisation, to: Placed): { readonly zero: number; readonly lowest: number; readonly highest: number } {
  const { base = 0 } = to.layout;
  return { zero: zeroOf(y, to), lowest: y.range[0] - base, highest: y.range[1] - base };
}

function maxPool(plan: PlanWriter, { id, inputs }: Node<OpName>, attrs: PoolAttrs): void {
  const x = plan.value(inputs[0]);
  const to = define(plan, id);
  const [windowH, windowW] = attrs.kernel;
  const [strideH, strideW] = attrs.stride;
  const [top, , , left] = attrs.padding;
  const { height, width } = x.layout;
  const { pixel, images, height: outHeight, width: outWidth } = to.layout;
  const sizes = { pixel, height, width, outHeight, outWidth, windowH, windowW, strideH, strideW, top, left };
  plan.step('maxPool8', [id], images * outHeight, { x: at(x), y: at(to), ...sizes });
}

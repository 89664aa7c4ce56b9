import { UnsupportedError } from '../../errors.js';
import { macsOf } from '../../graph/count.js';
import type { Conv2dAttrs, Node, QuantisedAttrs } from '../../ops/op.js';
import { type AxisQuantisation, type IntegerWeights, rangeOf } from '../../ops/quantised/quantisation.js';
import { denseLayout, layoutBytes } from '../layout.js';
import type { Arg } from '../plan.js';
import { pixelsOf } from '../pointwise.js';
import { at, type LoweringRule, type Placed, type PlanWriter } from '../writer.js';
import { padded4 } from './pack.js';
import { define } from './values.js';

type PlainOp = 'quantiseAxis' | 'quantiseBy' | 'dynamicScale' | 'dynamicZeroPoint' | 'dequantiseAxis';

/** What few quantised graphs have: kernels that hold integers of 8 bits as floats (kernels/quantised/plain.ts), between bytes. */
export const plainRules: { readonly [K in PlainOp]: LoweringRule<K> } = {
  quantiseAxis(plan, node) {
    const { scale, zero } = along(plan, node, node.attrs.along, 1);
    const by = { scale: floats(plan, 'scales', scale), zero: floats(plan, 'zero points', zero), each: 1 };
    quantised(plan, node, rangeOf[node.attrs.along.dtype], by);
  },

  quantiseBy(plan, node) {
    const [, scale, zero] = node.inputs;
    quantised(plan, node, rangeOf.uint8, { scale: at(plan.value(scale)), zero: at(plan.value(zero)), each: 0 });
  },

  dynamicScale: (plan, node) => dynamic(plan, node, 0),
  dynamicZeroPoint: (plan, node) => dynamic(plan, node, 1),

  dequantiseAxis(plan, node) {
    const { id, inputs, shape, attrs } = node;
    const { scale, zero } = along(plan, node, attrs.along, 0);
    const x = asFloats(plan, plan.value(inputs[0]));
    const to = denseLayout(shape);
    const operands = {
      scale: floats(plan, 'scales', scale),
      zero: plan.pack(`zero points ${zero.join(' ')}`, { kind: 'int32', values: zero }),
    };
    const wide = Number(attrs.along.dtype === 'int32');
    plan.step('plainDequantise', [id], pixelsOf(to), { x: at(x), ...operands, y: plan.define(id, to), pixel: to.pixel, wide });
  },
};

/** The sums of a layer whose operand has a zero point that is computed. */
export function plainSums(plan: PlanWriter, node: Node<'integerConv2d' | 'integerLinear'>, window: Conv2dAttrs, w: IntegerWeights): void {
  const { id, inputs, shape } = node;
  const x = asFloats(plan, plan.value(inputs[0]));
  const { pixel, channels: all, height, width } = x.layout;
  const filters = plan.node(inputs[1]).shape;
  const filter = (node.op === 'integerConv2d' ? filters.slice(1) : [all, height, width]) as [number, number, number];
  const [channels, windowH, windowW] = filter;
  const outputs = filters[0] as number;
  const weight = plan.parameter(inputs[1]);
  const to = denseLayout(shape);
  const { images, pixel: yPixel, height: outHeight, width: outWidth } = to;
  const [[strideH, strideW], [dilationH, dilationW], [top, , , left]] = [window.stride, window.dilation, window.padding];
  const size = outputs * windowH * windowW * padded4(channels);
  const operands = {
    x: at(x),
    w: plan.pack(weight, { kind: 'integers', weight, ...w, outputs, filter, size }),
    zero: at(plan.value(inputs[2])),
    y: plan.define(id, to),
  };
  const planes = { pixel, yPixel, height, width, outHeight, outWidth, channels, outputs, groups: window.groups };
  const windows = { windowH, windowW, strideH, strideW, dilationH, dilationW, top, left };
  plan.step('plainConv', [id], images * outHeight, { ...operands, ...planes, ...windows }, macsOf(plan.graph, node));
}

function dynamic(plan: PlanWriter, { id, inputs, shape }: Node<keyof QuantisedAttrs>, kind: number): void {
  const x = plan.value(inputs[0]);
  plan.step('plainDynamic', [id], 1, { x: at(x), y: plan.define(id, denseLayout(shape)), size: layoutBytes(x.layout) / 4, kind });
}

const floats = (plan: PlanWriter, name: string, values: readonly number[]): Arg =>
  plan.pack(`${name} ${values.join(' ')}`, { kind: 'float32', values });

interface PerChannel {
  readonly scale: readonly number[];
  readonly zero: readonly number[];
}

/** A scale and a zero point for each channel; `pad` is the scale of those behind the last. @throws UnsupportedError for another axis than the channels */
function along(plan: PlanWriter, { inputs, op, shape }: Node, { scales, zeroPoints, axis }: AxisQuantisation, pad: number): PerChannel {
  const { channels } = plan.value(inputs[0]).layout;
  if (scales.length + zeroPoints.length > 2 && axis !== 1)
    throw new UnsupportedError(`${op} of ${shape.length} extents along axis ${axis}: kernels know channels alone`);
  const { pixel } = denseLayout(shape);
  const spread = (values: readonly number[], otherwise: number): readonly number[] =>
    Array.from({ length: pixel / 4 }, (_, c) => (c < channels ? ((values.length === 1 ? values[0] : values[c]) as number) : otherwise));
  return { scale: spread(scales, pad), zero: spread(zeroPoints, 0) };
}

interface By {
  readonly scale: Arg;
  readonly zero: Arg;
  /** 1: there is a number a channel. */
  readonly each: number;
}

function quantised(plan: PlanWriter, { id, inputs }: Node, [lowest, highest]: readonly [number, number], by: By): void {
  const x = plan.value(inputs[0]);
  const { pixel } = x.layout;
  const whole = { buffer: plan.buffer(layoutBytes(x.layout)), layout: x.layout };
  plan.step('plainQuantise', [], pixelsOf(x.layout), { x: at(x), ...by, y: at(whole), pixel, lowest, highest });
  asBytes(plan, id, whole);
}

/** The same integers, held as floats. */
export function asFloats(plan: PlanWriter, x: Placed): Placed {
  const { base, images, channels, height, width, pixel: xPixel } = x.layout;
  if (base === undefined) return x;
  const layout = denseLayout([images, channels, height, width]);
  const buffer = plan.buffer(layoutBytes(layout));
  const sizes = { xPixel, yPixel: layout.pixel, channels };
  plan.step('dequantise8', [], pixelsOf(layout), { x: at(x), y: { buffer }, ...sizes, zero: -base, scale: 1 });
  return { buffer, layout };
}

/** A node's integers, which are held as floats, as bytes. */
export function asBytes(plan: PlanWriter, id: number, x: Placed): void {
  const to = define(plan, id);
  const ends = { zero: -(to.layout.base ?? 0), lowest: 0, highest: 255, scale: 1 };
  plan.step('quantise8', [id], pixelsOf(x.layout), { x: at(x), y: at(to), xPixel: x.layout.pixel, yPixel: to.layout.pixel, ...ends });
}

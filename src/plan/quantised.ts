import { UnsupportedError } from '../errors.js';
import type { Conv2dAttrs, Node, NodeId, QuantisedAttrs } from '../ops/op.js';
import { type AxisQuantisation, type IntegerWeights, type Quantisation, rangeOf } from '../ops/quantised/quantisation.js';
import { tableOf } from '../ops/quantised/quantisedPointwise.js';
import { denseLayout, type Layout, layoutBytes } from './layout.js';
import type { Arg } from './plan.js';
import { pixelsOf } from './pointwise.js';
import { at, type LoweringRule, type PlanWriter } from './writer.js';

/** How ops of quantised graphs become calls of the plain kernels, which hold integers of 8 bits as floats. */
export const quantisedRules: { readonly [K in Exclude<keyof QuantisedAttrs, 'scaledLinear'>]: LoweringRule<K> } = {
  quantise(plan, node) {
    const { scale, zeroPoint, range } = node.attrs.y;
    quantised(plan, node, range, { scale: floats(plan, 'scale', [scale]), zero: floats(plan, 'zero point', [zeroPoint]), each: 0 });
  },
  quantiseAxis(plan, node) {
    const { scale, zero } = along(plan, node, node.attrs.along, 1);
    quantised(plan, node, rangeOf[node.attrs.along.dtype], {
      scale: floats(plan, 'scale', scale),
      zero: floats(plan, 'zero point', zero),
      each: 1,
    });
  },
  quantiseBy(plan, node) {
    const [, scale, zero] = node.inputs;
    quantised(plan, node, rangeOf.uint8, { scale: at(plan.value(scale)), zero: at(plan.value(zero)), each: 0 });
  },
  dynamicScale: (plan, node) => dynamic(plan, node, 0),
  dynamicZeroPoint: (plan, node) => dynamic(plan, node, 1),
  dequantise: (plan, node) => dequantised(plan, node, 0, along(plan, node, perTensor(node.attrs.x), 0)),
  dequantiseAxis: (plan, node) =>
    dequantised(plan, node, Number(node.attrs.along.dtype === 'int32'), along(plan, node, node.attrs.along, 0)),

  quantisedConv2d: (plan, node) => convolution(plan, node, { ...node.attrs, xZero: node.attrs.x.zeroPoint }),
  integerConv2d: (plan, node) => convolution(plan, node, { ...node.attrs, xZero: zeroOf(plan, node) }),
  quantisedLinear: (plan, node) => fullyConnected(plan, node, { ...node.attrs, xZero: node.attrs.x.zeroPoint }),
  integerLinear: (plan, node) => fullyConnected(plan, node, { ...node.attrs, xZero: zeroOf(plan, node) }),

  quantisedAdd(plan, node) {
    const { a, b, y } = node.attrs;
    scaled(plan, node, { u: a, residual: b, y }, { residual: node.inputs[1] });
  },
  quantisedScale: (plan, node) => scaled(plan, node, node.attrs, { s: node.inputs[1], residual: node.inputs[2] }),

  quantisedPointwise(plan, { id, inputs, attrs }) {
    const x = plan.value(inputs[0]);
    const table = plan.pack(`table of ${attrs.of}`, { kind: 'float32', values: [...tableOf(attrs)] });
    const y = plan.define(id, x.layout, [x.buffer]);
    plan.step('plainTable', [id], pixelsOf(x.layout), { x: at(x), table, y, pixel: x.layout.pixel, lowest: rangeOf[attrs.x.dtype][0] });
  },

  quantisedGlobalAvgPool(plan, { id, inputs, attrs: { u }, shape }) {
    const x = plan.value(inputs[0]);
    const { images, height, width, pixel, channels } = x.layout;
    const rows = height * width;
    const args = { u: at(x), z: plan.define(id, denseLayout(shape)), pixel, rows, channels, zero: u.zeroPoint };
    plan.step('plainMean', [id], images, { ...args, multiplier: Math.fround(u.scale / rows) });
  },
};

const perTensor = ({ dtype, scale, zeroPoint }: Quantisation): AxisQuantisation => ({
  dtype,
  scales: [scale],
  zeroPoints: [zeroPoint],
  axis: 1,
});

const floats = (plan: PlanWriter, name: string, values: readonly number[]): Arg => plan.pack(name, { kind: 'float32', values });

/** x's zero point: the attribute, or where it is computed. */
const zeroOf = (plan: PlanWriter, { inputs, attrs }: Node<'integerConv2d' | 'integerLinear'>): Arg =>
  attrs.xZeroPoint ?? at(plan.value(inputs[2]));

function dynamic(plan: PlanWriter, { id, inputs, shape }: Node, kind: number): void {
  const x = plan.value(inputs[0]);
  plan.step('plainDynamic', [id], 1, { x: at(x), y: plan.define(id, denseLayout(shape)), size: layoutBytes(x.layout) / 4, kind });
}

interface PerChannel {
  readonly scale: readonly number[];
  readonly zero: readonly number[];
}

/** A scale and a zero point for each channel; `pad` is the scale of those behind the last. @throws UnsupportedError for another axis than the channels */
function along(plan: PlanWriter, { inputs, op, shape }: Node, { scales, zeroPoints, axis }: AxisQuantisation, pad: number): PerChannel {
  const { channels, pixel } = plan.value(inputs[0]).layout;
  if (scales.length + zeroPoints.length > 2 && axis !== 1)
    throw new UnsupportedError(`${op} of ${shape.length} extents along axis ${axis}: kernels know channels alone`);
  const spread = (values: readonly number[], otherwise: number): readonly number[] =>
    Array.from({ length: pixel / 4 }, (_, c) => (c < channels ? ((values.length === 1 ? values[0] : values[c]) as number) : otherwise));
  return { scale: spread(scales, pad), zero: spread(zeroPoints, 0) };
}

/** `each` is 1 where there is a number a channel. */
function quantised(
  plan: PlanWriter,
  { id, inputs }: Node,
  [lowest, highest]: readonly [number, number],
  by: { readonly scale: Arg; readonly zero: Arg; readonly each: 0 | 1 },
): void {
  const x = plan.value(inputs[0]);
  const { pixel } = x.layout;
  plan.step('plainQuantise', [id], pixelsOf(x.layout), {
    x: at(x),
    ...by,
    y: plan.define(id, x.layout, [x.buffer]),
    pixel,
    lowest,
    highest,
  });
}

function dequantised(plan: PlanWriter, { id, inputs }: Node, wide: number, { scale, zero }: PerChannel): void {
  const x = plan.value(inputs[0]);
  const { pixel } = x.layout;
  const operands = {
    scale: plan.pack('scales', { kind: 'float32', values: scale }),
    zero: plan.pack('zero points', { kind: 'int32', values: zero }),
  };
  plan.step('plainDequantise', [id], pixelsOf(x.layout), { x: at(x), ...operands, y: plan.define(id, x.layout, [x.buffer]), pixel, wide });
}

/** A layer's attributes, with a quantisation of the result or without, or none at all where sums are the result. */
interface Layer {
  readonly xZero: Arg;
  readonly x?: Quantisation;
  readonly w: IntegerWeights;
  readonly y?: Quantisation;
}

function convolution(plan: PlanWriter, node: Node, attrs: Conv2dAttrs & Layer): void {
  const [, Cg, P, Q] = plan.node(node.inputs[1]).shape as readonly [number, number, number, number];
  sums(plan, node, attrs, [Cg, P, Q], plan.value(node.inputs[0]).layout);
}

/** Of a plane all values are inputs: a window as large as it is. */
function fullyConnected(plan: PlanWriter, node: Node, attrs: Layer): void {
  const { layout } = plan.value(node.inputs[0]);
  const window = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
  sums(plan, node, { ...attrs, ...window }, [layout.channels, layout.height, layout.width], layout);
}

function sums(
  plan: PlanWriter,
  { id, inputs, shape }: Node,
  attrs: Conv2dAttrs & Layer,
  filter: readonly [number, number, number],
  from: Layout,
): void {
  const [channels, windowH, windowW] = filter;
  const outputs = shape[1] as number;
  const { x, w, y, xZero, groups } = attrs;
  const weight = plan.parameter(inputs[1]);
  const bias = inputs[3] === undefined ? undefined : plan.parameter(inputs[3]);
  const multipliers: Arg =
    x === undefined ? 0 : plan.pack(`${weight} multipliers`, { kind: 'multipliers', parameter: plan.parameter(inputs[2]), x, y, outputs });
  const layout = denseLayout(shape);
  const [lowest, highest] = y?.range ?? [0, 0];
  plan.step('plainConv', [id], layout.images * layout.height, {
    x: at(plan.value(inputs[0])),
    w: plan.pack(weight, { kind: 'integers', weight, ...w, outputs, filter }),
    bias: plan.pack(`${weight} sums`, { kind: 'sums', bias, size: outputs }),
    multipliers,
    y: plan.define(id, layout),
    pixel: from.pixel,
    yPixel: layout.pixel,
    height: from.height,
    width: from.width,
    outHeight: layout.height,
    outWidth: layout.width,
    channels,
    outputs,
    groups,
    windowH,
    windowW,
    strideH: attrs.stride[0],
    strideW: attrs.stride[1],
    dilationH: attrs.dilation[0],
    dilationW: attrs.dilation[1],
    top: attrs.padding[0],
    left: attrs.padding[3],
    xZero: typeof xZero === 'number' ? xZero : 0,
    xZeroAt: typeof xZero === 'number' ? 0 : xZero,
    zero: y?.zeroPoint ?? 0,
    lowest,
    highest,
    kind: x === undefined ? 2 : y === undefined ? 1 : 0,
  });
}

interface Scaled {
  readonly u: Quantisation;
  readonly residual?: Quantisation;
  readonly y: Quantisation;
}

function scaled(
  plan: PlanWriter,
  { id, inputs }: Node,
  { u, residual, y }: Scaled,
  others: { readonly s?: NodeId | undefined; readonly residual: NodeId | undefined },
): void {
  const x = plan.value(inputs[0]);
  const { pixel, height, width } = x.layout;
  const other = others.residual === undefined ? undefined : plan.value(others.residual);
  const operands = { u: at(x), s: others.s === undefined ? 0 : at(plan.value(others.s)), residual: other ? at(other) : 0 };
  plan.step('plainScale', [id], pixelsOf(x.layout), {
    ...operands,
    y: plan.define(id, x.layout, other ? [x.buffer, other.buffer] : [x.buffer]),
    pixel,
    rows: height * width,
    uZero: u.zeroPoint,
    multiplier: Math.fround(u.scale / y.scale),
    residualZero: residual?.zeroPoint ?? 0,
    residualMultiplier: residual ? Math.fround(residual.scale / y.scale) : 0,
    zero: y.zeroPoint,
    lowest: y.range[0],
    highest: y.range[1],
  });
}

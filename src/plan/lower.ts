import { PlanError } from '../errors.js';
import { type Graph, readers } from '../graph/graph.js';
import type { DetectionOp, ImportedOp, InferenceOp, Node, NodeId, OpName, PoolAttrs } from '../ops/op.js';
import { trainingOps } from '../ops/training/index.js';
import { dims4, type Shape } from '../tensor.js';
import { denseStep, linearBy } from './dense.js';
import type { DetectionRules } from './detection.js';
import { winograd } from './filtering.js';
import { type Group, group } from './group.js';
import type { ImportedRules } from './imported.js';
import { borderedLayout, denseLayout, isBordered, type Layout } from './layout.js';
import { type Arg, blocksOf, type Target } from './plan.js';
import { activate, pixelsOf } from './pointwise.js';
import { gathered, product } from './product.js';
import type { IntegerRules, QuantisedRules } from './quantised/rules.js';
import { spansOf } from './spans.js';
import type { TrainingRules } from './training.js';
import { at, type Lowered, type LoweringRule, lastOf, type Placed, PlanWriter } from './writer.js';

/**
 * Turns each group of the graph into kernel calls: which kernel, on which buffers, with which packing of the weights. In a graph with an op of training
 * parameters stay as the checkpoint has them.
 *
 * @param further the rules of ops that most graphs have none of, of training, imported networks, detectors and quantised graphs: others need not load them
 */
export function lower(graph: Graph, target: Target, { ofIntegers = {}, ...further }: FurtherRules = {}): Lowered {
  const resident = isTraining(graph);
  const known: Readonly<Record<string, unknown>> = { ...rules, ...further };
  const plan = new PlanWriter(graph, target, resident);
  for (const members of group(graph, resident)) {
    const anchor = plan.node(members[0]);
    if (anchor.op === 'dequantise' && isUnread(graph, anchor.id)) continue; // of a feature that nobody asked for
    const rule = (anchor.integers && (ofIntegers as typeof known)[anchor.op]) ?? known[anchor.op];
    if (rule === undefined) throw new PlanError(`node ${anchor.id}: the rule of ${anchor.op} is not loaded`);
    (rule as LoweringRule<OpName>)(plan, anchor, members);
  }
  return plan.finish();
}

/** Whether neither a node nor the caller reads a value. */
const isUnread = (graph: Graph, id: NodeId): boolean => readers(graph)[id]?.length === 0 && ![...graph.outputs.values()].includes(id);

/** Rules by op, in place of those for inference or beside them. */
export interface FurtherRules extends Partial<TrainingRules>, Partial<ImportedRules>, Partial<DetectionRules>, Partial<QuantisedRules> {
  /** In place of the others where the result is of integers. */
  readonly ofIntegers?: Partial<IntegerRules>;
}

/** Whether the graph has a value that holds integers. */
export const isQuantised = ({ nodes }: Graph): boolean => nodes.some(({ op, integers }) => integers !== undefined || op === 'dynamicScale');

/** Whether the graph needs rules beside those for inference. */
export const needsFurther = (graph: Graph): boolean => isTraining(graph) || isImported(graph) || isDetecting(graph) || isQuantised(graph);

/** Whether the graph has an op of training. */
export const isTraining = ({ nodes }: Graph): boolean => nodes.some(({ op }) => op in trainingOps);

/** Whether the graph has an op that only imported networks have. */
export const isImported = ({ nodes }: Graph): boolean => nodes.some(({ op }) => Object.hasOwn(importedOps, op));

/** Whether the graph has an op that only detectors have. */
export const isDetecting = ({ nodes }: Graph): boolean => nodes.some(({ op }) => Object.hasOwn(detectionOps, op));

const detectionOps: Readonly<Record<DetectionOp, true>> = { upsampleNearest: true, roiAlign: true, roiPool: true };

const importedOps: Readonly<Record<ImportedOp, true>> = {
  convTranspose2d: true,
  matMul: true,
  resample: true,
  rearrange: true,
  apply: true,
  combine: true,
  reduce: true,
};

type Rules = { readonly [K in Exclude<InferenceOp, ImportedOp | DetectionOp>]: LoweringRule<K> };

const rules: Rules = {
  param(_, { attrs }) {
    throw new PlanError(`parameter ${attrs.name} heads a group`);
  },

  input(plan, { id, attrs: { name, shape } }) {
    const x = plan.input(name, shape);
    const layout = inputLayout(plan.graph, id, shape);
    const { images, image, origin, line, pixel, channels, height, width } = layout;
    const y = plan.define(id, layout);
    plan.step('nchwToNhwc', [id], images, { x: at(x), y, image, origin, line, pixel, channels, height, width });
  },

  conv2d(plan, anchor, members) {
    const {
      inputs: [x, w, bias],
      attrs,
      shape,
    } = anchor;
    const from = plan.value(x);
    const [outputs, Cg, P, Q] = plan.node(w).shape as readonly [number, number, number, number];
    const norm = plan.member(members, 'batchNorm');
    const weights = {
      weight: plan.parameter(w),
      bias: bias === undefined ? undefined : plan.parameter(bias),
      norm: norm && plan.norm(norm as Node<'batchNorm'>),
      outputs,
    };
    const m = isBordered(from.layout) ? undefined : plan.filtering.get(anchor.id);
    if (m !== undefined) return winograd(plan, members, from, { ...weights, m, before: [attrs.padding[0], attrs.padding[3]] });
    const [, , I, J] = dims4(shape);
    const { groups } = attrs;
    const spans = spansOf(outputs, Cg, groups, plan.target.tile);
    product(plan, members, from, {
      ...gathered(from.layout, [I, J], [P, Q], attrs, spans.length),
      panels: { kind: 'panels', ...weights, filter: [Cg, P, Q], groups, spans },
    });
  },

  linear: linearBy(denseStep),

  scale(plan, { inputs }, members) {
    const u = plan.value(inputs[0]);
    const s = at(plan.value(inputs[1]));
    gate(plan, members, u, { s, rows: u.layout.height * u.layout.width });
  },

  /** A gate that is the same for all channels and images. */
  scaleBy(plan, { inputs, attrs: { factor } }, members) {
    const u = plan.value(inputs[0]);
    const s = plan.pack(`factor ${factor}`, { kind: 'constant', value: factor, size: u.layout.pixel / 4 });
    gate(plan, members, u, { s, rows: pixelsOf(u.layout) });
  },

  channelSlice(plan, { id, inputs, attrs: { begin, channels }, shape }) {
    const { buffer, layout: from } = plan.value(inputs[0]);
    const layout = denseLayout(shape);
    const bytes = channels * 4;
    const pixels = { xPixel: from.pixel, yPixel: layout.pixel, bytes, clear: layout.pixel - bytes };
    plan.step('concat', [id], pixelsOf(layout), { x: { buffer, at: begin * 4 }, y: plan.define(id, layout), ...pixels });
  },

  /** Sums of blocks first, which threads can share. */
  globalAvgPool(plan, { id, inputs, shape }) {
    const x = plan.value(inputs[0]);
    const { images, height, width, pixel } = x.layout;
    const rows = height * width;
    const units = images * blocksOf(rows);
    const sums = { buffer: plan.buffer(units * pixel) };
    plan.step('squeeze', [], units, { x: at(x), sums, pixel, rows });
    plan.step('mean', [id], images, { sums, z: plan.define(id, denseLayout(shape)), pixel, rows });
  },

  /** One window a plane. */
  globalMaxPool(plan, { id, inputs, shape }) {
    const { height, width } = plan.value(inputs[0]).layout;
    const attrs = { kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor' } as const;
    const { extent, windows } = pool(plan, { id, inputs, shape, attrs });
    plan.step('maxPool', [id], extent, windows);
  },

  maxPool2d(plan, anchor) {
    const { extent, windows } = pool(plan, anchor);
    plan.step('maxPool', [anchor.id], extent, windows);
  },

  avgPool2d(plan, anchor) {
    const { extent, windows } = pool(plan, anchor);
    const {
      padding: [, right, bottom],
      divisor,
    } = anchor.attrs;
    plan.step('avgPool', [anchor.id], extent, { ...windows, bottom, right, inside: Number(divisor === 'inside') });
  },

  adaptiveAvgPool2d(plan, { id, inputs, shape }) {
    const x = plan.value(inputs[0]);
    const layout = denseLayout(shape);
    const { pixel, height, width } = x.layout;
    const { images, height: outHeight, width: outWidth } = layout;
    const y = plan.define(id, layout);
    plan.step('adaptiveAvgPool', [id], images * outHeight, { x: at(x), y, pixel, height, width, outHeight, outWidth });
  },

  batchNorm(plan, anchor, members) {
    const x = plan.value(anchor.inputs[0]);
    const { pixel, channels } = x.layout;
    const norm = plan.norm(anchor);
    const packing = { norm, bias: undefined, channels, size: pixel / 4 };
    const factor = plan.pack(`${norm.gamma} factor`, { kind: 'factor', ...packing });
    const shift = plan.pack(`${norm.gamma} shift`, { kind: 'shift', ...packing });
    const y = plan.define(lastOf(members), x.layout, [x.buffer]);
    plan.step('affine', members, pixelsOf(x.layout), { x: at(x), factor, shift, y, pixel, lowest: plan.lowest(members) });
  },

  add(plan, { inputs }, members) {
    const a = plan.value(inputs[0]);
    const b = plan.value(inputs[1]);
    const y = plan.define(lastOf(members), a.layout, [a.buffer, b.buffer]);
    plan.step('addRelu', members, pixelsOf(a.layout), { a: at(a), b: at(b), y, pixel: a.layout.pixel, lowest: plan.lowest(members) });
  },

  multiply(plan, { id, inputs }) {
    const a = plan.value(inputs[0]);
    const b = plan.value(inputs[1]);
    const y = plan.define(id, a.layout, [a.buffer, b.buffer]);
    plan.step('multiply', [id], pixelsOf(a.layout), { a: at(a), b: at(b), y, pixel: a.layout.pixel });
  },

  relu: activationOf,
  relu6: activationOf,
  sigmoid: activationOf,
  hardSigmoid: activationOf,
  hardSwish: activationOf,
  silu: activationOf,
  tanh: activationOf,

  softmax(plan, { id, inputs }) {
    const x = plan.value(inputs[0]);
    const { pixel, channels } = x.layout;
    const y = plan.define(id, x.layout, [x.buffer]);
    plan.step('softmax', [id], pixelsOf(x.layout), { x: at(x), y, pixel, channels });
  },

  concat(plan, { id, inputs, shape }) {
    const layout = denseLayout(shape);
    const { buffer } = plan.define(id, layout);
    let offset = 0;
    inputs.forEach((operand, i) => {
      const x = plan.value(operand);
      const bytes = x.layout.channels * 4;
      const last = i === inputs.length - 1;
      const clear = last ? layout.pixel - offset - bytes : 0;
      const y = { buffer, at: offset };
      plan.step('concat', last ? [id] : [], pixelsOf(layout), { x: at(x), y, xPixel: x.layout.pixel, yPixel: layout.pixel, bytes, clear });
      offset += bytes;
    });
  },

  channelShuffle(plan, { id, inputs, attrs: { groups } }) {
    const x = plan.value(inputs[0]);
    const { pixel, channels } = x.layout;
    plan.step('channelShuffle', [id], pixelsOf(x.layout), { x: at(x), y: plan.define(id, x.layout), pixel, channels, groups });
  },
};

/** y = max(u · s + residual, lowest). */
function gate(plan: PlanWriter, members: Group, u: Placed, { s, rows }: { readonly s: Arg; readonly rows: number }): void {
  const { pixel } = u.layout;
  const residual = plan.residual(members);
  const y = plan.define(lastOf(members), u.layout, residual ? [u.buffer, residual.buffer] : [u.buffer]);
  const args = { u: at(u), s, residual: residual ? at(residual) : 0, y, pixel, rows, lowest: plan.lowest(members) };
  plan.step('scaleAddRelu', members, pixelsOf(u.layout), args);
}

function activationOf(plan: PlanWriter, { id, inputs }: Node, members: Group): void {
  const x = plan.value(inputs[0]);
  activate(plan, members, plan.activation(members), x, plan.define(id, x.layout, [x.buffer]));
}

/** A pool's node. */
interface Windows extends Pick<Node, 'id' | 'inputs' | 'shape'> {
  readonly attrs: PoolAttrs;
}

function pool(plan: PlanWriter, { id, inputs, attrs, shape }: Windows) {
  const x = plan.value(inputs[0]);
  const layout = denseLayout(shape);
  const {
    kernel: [windowH, windowW],
    stride: [strideH, strideW],
    padding: [top, , , left],
  } = attrs;
  const { height, width } = x.layout;
  const { pixel, height: outHeight, width: outWidth } = layout;
  const y = plan.define(id, layout);
  const windows = { x: at(x), y, pixel, height, width, outHeight, outWidth, windowH, windowW, strideH, strideW, top, left };
  return { windows, extent: layout.images * outHeight };
}

/** With a border where every reader is a convolution that wants the same one and takes all channels; else dense. */
function inputLayout(graph: Graph, id: NodeId, shape: Shape): Layout {
  const channels = shape[1] as number;
  const boxes = (readers(graph)[id] as readonly NodeId[]).map((reader) => {
    const node = graph.nodes[reader] as Node;
    const windows = node.op === 'conv2d' || (node.op === 'conv2dGradWeight' && node.inputs[1] !== id);
    const suits = windows && node.attrs.groups === 1 && node.attrs.dilation[1] === 1;
    return suits ? node.attrs.padding : undefined;
  });
  const [box] = boxes;
  const agreed = box !== undefined && boxes.every((other) => other?.every((pad, side) => pad === box[side]));
  const isOutput = [...graph.outputs.values()].includes(id);
  return agreed && channels < 8 && !isOutput ? borderedLayout(shape, box) : denseLayout(shape);
}

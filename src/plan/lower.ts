import { PlanError } from '../errors.js';
import { type Graph, readers } from '../graph/graph.js';
import type { Node, NodeId, OpName } from '../ops/op.js';
import type { Shape } from '../tensor.js';
import { winograd } from './filtering.js';
import { type Group, group } from './group.js';
import { borderedLayout, denseLayout, isBordered, type Layout, layoutBytes } from './layout.js';
import { type Arg, blocksOf, type Target, type Tile } from './plan.js';
import { product } from './product.js';
import { runsOf } from './runs.js';
import { at, type Lowered, lastOf, PlanWriter } from './writer.js';

/** Turns each group of the graph into kernel calls: which kernel, on which buffers, with which packing of the weights. */
export function lower(graph: Graph, target: Target): Lowered {
  const plan = new PlanWriter(graph, target);
  for (const members of group(graph)) {
    const anchor = plan.node(members[0]);
    const rule = rules[anchor.op] as (plan: PlanWriter, anchor: Node, members: Group) => void;
    rule(plan, anchor, members);
  }
  return plan.finish();
}

type Rules = { readonly [K in OpName]: (plan: PlanWriter, anchor: Node<K>, members: Group) => void };

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
    if (m !== undefined) return winograd(plan, members, from, { ...weights, m, attrs });
    const [, , I, J] = shape as readonly [number, number, number, number];
    const { stride, padding, dilation, groups } = attrs;
    const runs = runsOf(outputs, Cg, groups, plan.target.tile);
    const bordered = isBordered(from.layout);
    const before = [padding[0], padding[3]] as const;
    product(plan, members, from, {
      table: { kind: 'table', layout: from.layout, output: [I, J], taps: bordered ? [P, 1] : [P, Q], stride, dilation, before },
      run: bordered ? Q * Cg : runs.length,
      panels: { kind: 'panels', ...weights, filter: [Cg, P, Q], groups, runs },
    });
  },

  /** Or an excitation: two layers, and as many steps, since every channel of the second waits for all of the first. */
  linear(plan, anchor, members) {
    const x = plan.value(anchor.inputs[0]);
    const second = members.map((id) => plan.node(id)).find((node): node is Node<'linear'> => node.op === 'linear' && node !== anchor);
    const hidden = denseLayout(anchor.shape);
    if (second === undefined) {
      const y = plan.define(lastOf(members), hidden);
      return denseStep(plan, anchor, members, {
        x: at(x),
        from: x.layout,
        y,
        to: hidden,
        after: plan.member(members, 'relu') ? 'relu' : 'nothing',
      });
    }
    const buffer = { buffer: plan.buffer(layoutBytes(hidden)) };
    const gates = denseLayout(second.shape);
    denseStep(plan, anchor, [], { x: at(x), from: x.layout, y: buffer, to: hidden, after: 'relu' });
    denseStep(plan, second, members, { x: buffer, from: hidden, y: plan.define(lastOf(members), gates), to: gates, after: 'sigmoid' });
  },

  scale(plan, { inputs }, members) {
    const u = plan.value(inputs[0]);
    const s = plan.value(inputs[1]);
    const { images, height, width, pixel } = u.layout;
    const residual = plan.residual(members);
    const y = plan.define(lastOf(members), u.layout, residual ? [u.buffer, residual.buffer] : [u.buffer]);
    plan.step('scaleAddRelu', members, images * height * width, {
      u: at(u),
      s: at(s),
      residual: residual ? at(residual) : 0,
      y,
      pixel,
      rows: height * width,
      lowest: plan.lowest(members),
    });
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

  batchNorm(plan, anchor, members) {
    const x = plan.value(anchor.inputs[0]);
    const { pixel, channels } = x.layout;
    const norm = plan.norm(anchor);
    const recipe = { norm, bias: undefined, channels, size: pixel / 4 };
    const factor = plan.pack(`${norm.gamma} factor`, { kind: 'factor', ...recipe });
    const shift = plan.pack(`${norm.gamma} shift`, { kind: 'shift', ...recipe });
    const y = plan.define(lastOf(members), x.layout, [x.buffer]);
    plan.step('affine', members, pixelsOf(x.layout), { x: at(x), factor, shift, y, pixel, lowest: plan.lowest(members) });
  },

  add(plan, { inputs }, members) {
    const a = plan.value(inputs[0]);
    const b = plan.value(inputs[1]);
    const y = plan.define(lastOf(members), a.layout, [a.buffer, b.buffer]);
    plan.step('addRelu', members, pixelsOf(a.layout), { a: at(a), b: at(b), y, pixel: a.layout.pixel, lowest: plan.lowest(members) });
  },

  relu(plan, { id, inputs }) {
    const x = plan.value(inputs[0]);
    const y = plan.define(id, x.layout, [x.buffer]);
    plan.step('addRelu', [id], pixelsOf(x.layout), { a: at(x), b: 0, y, pixel: x.layout.pixel, lowest: 0 });
  },

  sigmoid: (plan, node) => pointwise(plan, 'sigmoid', node),
  softmax: (plan, node) => pointwise(plan, 'softmax', node),

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
};

/** What kernels/dense.ts does behind the sums, by its place here. */
const afters = ['nothing', 'relu', 'sigmoid'] as const;

interface DenseCall {
  readonly x: Arg;
  readonly from: Layout;
  readonly y: Arg;
  readonly to: Layout;
  readonly after: (typeof afters)[number];
}

/** A fully connected layer, its weights in panels of 8 outputs. */
function denseStep(plan: PlanWriter, { inputs: [, w, bias] }: Node<'linear'>, covers: Group, { x, from, y, to, after }: DenseCall): void {
  const { images, channels: outputs, pixel: yPixel } = to;
  const { channels: inputs, pixel: xPixel } = from;
  const weight = plan.parameter(w);
  const panels = plan.pack(weight, {
    kind: 'panels',
    weight,
    bias: bias === undefined ? undefined : plan.parameter(bias),
    norm: undefined,
    outputs,
    filter: [inputs, 1, 1],
    groups: 1,
    runs: runsOf(outputs, inputs, 1, narrow),
  });
  const args = { x, panels, y, xPixel, yPixel, images, inputs, outputs, after: afters.indexOf(after) };
  plan.step('dense', covers, images * Math.ceil(yPixel / 128), args, images * inputs * outputs);
}

const narrow: Tile = { rows: 4, columns: 8 };

function pointwise(plan: PlanWriter, kernel: 'sigmoid' | 'softmax', { id, inputs }: Node): void {
  const x = plan.value(inputs[0]);
  const { pixel, channels } = x.layout;
  const y = plan.define(id, x.layout, [x.buffer]);
  plan.step(kernel, [id], pixelsOf(x.layout), { x: at(x), y, pixel, channels });
}

function pool(plan: PlanWriter, { id, inputs, attrs, shape }: Node<'maxPool2d'> | Node<'avgPool2d'>) {
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
    const suits = node.op === 'conv2d' && node.attrs.groups === 1 && node.attrs.dilation[1] === 1;
    return suits ? node.attrs.padding : undefined;
  });
  const [box] = boxes;
  const agreed = box !== undefined && boxes.every((other) => other?.every((pad, side) => pad === box[side]));
  const isOutput = [...graph.outputs.values()].includes(id);
  return agreed && channels < 8 && !isOutput ? borderedLayout(shape, box) : denseLayout(shape);
}

const pixelsOf = ({ images, height, width }: Layout): number => images * height * width;

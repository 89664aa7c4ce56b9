import { PlanError } from '../errors.js';
import { type Graph, readers } from '../graph/graph.js';
import type { Node, NodeId, OpName } from '../ops/op.js';
import type { Shape } from '../tensor.js';
import { type Group, group } from './group.js';
import { borderedLayout, denseLayout, isBordered, type Layout, pixelBytes, rowsLayout } from './layout.js';
import { type Arg, blockRows, blocksOf, type PanelRecipe, type TableRecipe, type Target } from './plan.js';
import { runsOf } from './runs.js';
import { type Lowered, type Placed, PlanWriter } from './writer.js';

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

  conv2d(plan, { inputs: [x, w, bias], attrs: { stride, padding, dilation, groups }, shape }, members) {
    const from = plan.value(x);
    const [outputs, Cg, P, Q] = plan.node(w).shape as readonly [number, number, number, number];
    const [, , I, J] = shape as readonly [number, number, number, number];
    const norm = plan.member(members, 'batchNorm');
    const runs = runsOf(outputs, Cg, groups);
    const bordered = isBordered(from.layout);
    const before = [padding[0], padding[3]] as const;
    product(plan, members, from, {
      table: { kind: 'table', layout: from.layout, output: [I, J], taps: bordered ? [P, 1] : [P, Q], stride, dilation, before },
      run: bordered ? Q * Cg : runs.length,
      panels: {
        kind: 'panels',
        weight: plan.parameter(w),
        bias: bias === undefined ? undefined : plan.parameter(bias),
        norm: norm && plan.norm(norm as Node<'batchNorm'>),
        outputs,
        filter: [Cg, P, Q],
        groups,
        runs,
      },
    });
  },

  linear(plan, anchor, members) {
    if (members.length > 2) return excite(plan, members);
    const { buffer } = plan.value(anchor.inputs[0]);
    const layout = rowsLayout(plan.node(anchor.inputs[0]).shape);
    const panels = matrixPanels(plan, anchor);
    product(
      plan,
      members,
      { buffer, layout },
      {
        table: { kind: 'table', layout, output: [layout.height, 1], taps: [1, 1], stride: [1, 1], dilation: [1, 1], before: [0, 0] },
        run: panels.runs.length,
        panels,
      },
    );
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

  globalAvgPool(plan, { id, inputs }) {
    const x = plan.value(inputs[0]);
    const { images, height, width, pixel } = x.layout;
    const units = images * blocksOf(height * width);
    const sums = { buffer: plan.buffer(units * pixel) };
    plan.step('squeeze', [], units, { x: at(x), sums, pixel, rows: height * width });
    mean(plan, id, sums, x.layout);
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
    const recipe = { norm, channels, size: pixel / 4 };
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

interface Product {
  readonly table: TableRecipe;
  readonly run: number;
  readonly panels: PanelRecipe;
}

/** conv2d or linear: a matrix product of gathered rows with panels of weights, and what rides on it. */
function product(plan: PlanWriter, members: Group, x: Placed, { table, run, panels }: Product): void {
  const squeeze = plan.member(members, 'globalAvgPool');
  const computed = members.filter((id) => id !== squeeze?.id);
  const residual = plan.residual(computed);
  const layout = denseLayout(plan.node(lastOf(computed)).shape);
  // in place, unless other tiles still read what this one would overwrite
  const y = plan.define(lastOf(computed), layout, residual && residual.buffer !== x.buffer ? [residual.buffer] : []);
  const rows = table.output[0] * table.output[1];
  const taps = table.taps[0] * table.taps[1];
  const units = x.layout.images * blocksOf(rows);
  const sums = squeeze && { buffer: plan.buffer(units * layout.pixel) };
  const { starts, paired } = panels.runs;
  plan.step('conv', computed, units * starts.length, {
    x: at(x),
    table: plan.pack(`table ${JSON.stringify(table)}`, table),
    starts: plan.pack(`starts ${starts.join(' ')}`, { kind: 'int32', values: starts.map((channel) => channel * 4) }),
    zeros: plan.zeros(Math.max(run, 8)),
    panels: plan.pack(panels.weight, panels),
    residual: residual ? at(residual) : 0,
    y,
    sums: sums ?? 0,
    scratch: plan.scratch(taps * blockRows * 4),
    image: x.layout.image,
    pixel: layout.pixel,
    rows,
    taps,
    run,
    count: starts.length,
    lowest: plan.lowest(computed),
    tile: plan.target.tile.rows,
    grouped: Number(paired),
  });
  if (squeeze && sums) mean(plan, squeeze.id, sums, layout);
}

/** The squeeze's last part: blocks' sums to a mean. */
function mean(plan: PlanWriter, id: NodeId, sums: Arg, { images, height, width, pixel }: Layout): void {
  const z = plan.define(id, denseLayout(plan.node(id).shape));
  plan.step('mean', [id], images, { sums, z, pixel, rows: height * width });
}

function excite(plan: PlanWriter, members: Group): void {
  const [first, , second] = members.map((id) => plan.node(id)) as unknown as readonly [Node<'linear'>, Node<'relu'>, Node<'linear'>];
  const z = plan.value(first.inputs[0]);
  const layout = denseLayout(second.shape);
  const squeezed = first.shape[1] as number;
  const panels1 = matrixPanels(plan, first);
  const panels2 = matrixPanels(plan, second);
  plan.step('excite', members, layout.images, {
    z: at(z),
    panels1: plan.pack(panels1.weight, panels1),
    panels2: plan.pack(panels2.weight, panels2),
    hidden: plan.scratch(pixelBytes(squeezed)),
    s: plan.define(lastOf(members), layout),
    zPixel: z.layout.pixel,
    sPixel: layout.pixel,
    inputs: z.layout.channels,
    squeezed,
    outputs: layout.channels,
  });
}

/** A linear layer's weights as those of a 1×1 convolution. */
function matrixPanels(plan: PlanWriter, { inputs: [, w, bias] }: Node<'linear'>): PanelRecipe {
  const [outputs, C] = plan.node(w).shape as readonly [number, number];
  return {
    kind: 'panels',
    weight: plan.parameter(w),
    bias: bias === undefined ? undefined : plan.parameter(bias),
    norm: undefined,
    outputs,
    filter: [C, 1, 1],
    groups: 1,
    runs: runsOf(outputs, C, 1),
  };
}

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

const lastOf = (members: Group): NodeId => members.at(-1) as NodeId;
const at = ({ buffer }: Placed): Arg => ({ buffer });
const pixelsOf = ({ images, height, width }: Layout): number => images * height * width;

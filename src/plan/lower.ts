import { PlanError } from '../errors.js';
import { type Graph, readers } from '../graph/graph.js';
import type { Conv2dAttrs, Node, NodeId, OpName } from '../ops/op.js';
import type { Shape } from '../tensor.js';
import { type Group, group } from './group.js';
import { borderedLayout, denseLayout, isBordered, type Layout, pixelBytes, rowsLayout } from './layout.js';
import { panelsSize } from './pack.js';
import {
  type Arg,
  blockRows,
  blocksOf,
  type PanelRecipe,
  panelKinds,
  type Runs,
  type TableRecipe,
  type Target,
  type Tile,
  type WinogradRecipe,
} from './plan.js';
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

  linear(plan, anchor, members) {
    if (members.length > 2) return excite(plan, members);
    const { buffer } = plan.value(anchor.inputs[0]);
    const layout = rowsLayout(plan.node(anchor.inputs[0]).shape);
    const panels = matrixPanels(plan, anchor, plan.target.tile);
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

  globalAvgPool: (plan, { id, inputs }) => squeezed(plan, id, plan.value(inputs[0])),

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
  const sums = squeeze && { buffer: plan.buffer(x.layout.images * blocksOf(rows) * layout.pixel) };
  conv(plan, computed, {
    x: at(x),
    y,
    table,
    run,
    runs: panels.runs,
    panels: plan.pack(panels.weight, panels),
    filter: 0,
    images: x.layout.images,
    image: x.layout.image,
    pixel: layout.pixel,
    residual: residual ? at(residual) : 0,
    sums: sums ?? 0,
    lowest: plan.lowest(computed),
  });
  if (squeeze && sums) mean(plan, squeeze.id, sums, layout);
}

interface ConvCall {
  readonly x: Arg;
  readonly y: Arg;
  readonly table: TableRecipe;
  readonly run: number;
  readonly runs: Runs;
  readonly panels: Arg;
  readonly filter: number;
  readonly images: number;
  readonly image: number;
  readonly pixel: number;
  readonly residual: Arg;
  readonly sums: Arg;
  readonly lowest: number;
}

/** The kernel that every product is: see kernels/conv.ts. */
function conv(plan: PlanWriter, covers: Group, { table, run, runs, images, ...call }: ConvCall, macs?: number): void {
  const rows = table.output[0] * table.output[1];
  const taps = table.taps[0] * table.taps[1];
  const count = runs.starts.length;
  const args = {
    ...call,
    table: plan.pack(`table ${JSON.stringify(table)}`, table),
    starts: plan.pack(`starts ${runs.starts.join(' ')}`, { kind: 'int32', values: runs.starts.map((channel) => channel * 4) }),
    zeros: plan.zeros(runs.kind === 'depthwise' ? call.pixel / 4 : Math.max(run, 8)),
    scratch: plan.scratch(blockRows * (taps + runs.columns) * 4),
    rows,
    taps,
    run,
    count,
    tile: plan.target.tile.rows,
    columns: runs.columns,
    kind: panelKinds.indexOf(runs.kind),
  };
  plan.step('conv', covers, images * blocksOf(rows) * count, args, macs);
}

interface Filtering extends Pick<WinogradRecipe, 'm' | 'weight' | 'norm' | 'outputs'> {
  readonly bias: string | undefined;
  readonly attrs: Conv2dAttrs;
}

/** A 3×3 convolution of stride 1 by F(m×m, 3×3): transform, one product a point, transform back with what rides on it. */
function winograd(plan: PlanWriter, members: Group, x: Placed, { m, weight, norm, bias, outputs, attrs }: Filtering): void {
  const squeeze = plan.member(members, 'globalAvgPool');
  const computed = members.filter((id) => id !== squeeze?.id);
  const residual = plan.residual(computed);
  const layout = denseLayout(plan.node(lastOf(computed)).shape);
  const { images, channels, height, width } = x.layout;
  const [tilesH, tilesW] = [Math.ceil(layout.height / m), Math.ceil(layout.width / m)];
  const tiles = images * tilesH * tilesW;
  const points = (m + 2) ** 2;
  const { columns, starts } = runsOf(outputs, channels, 1, plan.target.tile);

  const rows = { ...rowsLayout([tiles, channels]), images: points };
  const point = awayFromPowers(tiles * x.layout.pixel);
  const v = { buffer: plan.buffer(points * point) };
  plan.step('winogradInput', [], tiles, {
    x: at(x),
    zeros: plan.zeros(x.layout.pixel / 4),
    v,
    scratch: plan.scratch(points * 20),
    pixel: x.layout.pixel,
    point,
    height,
    width,
    tilesH,
    tilesW,
    top: attrs.padding[0],
    left: attrs.padding[3],
    m,
  });

  const p = { buffer: plan.buffer(points * tiles * layout.pixel) };
  conv(
    plan,
    [],
    {
      x: v,
      y: p,
      table: {
        kind: 'table',
        layout: { ...rows, images: 1 },
        output: [tiles, 1],
        taps: [1, 1],
        stride: [1, 1],
        dilation: [1, 1],
        before: [0, 0],
      },
      run: channels,
      runs: { columns, starts, length: channels, kind: 'dense' },
      panels: plan.pack(`${weight} F(${m}×${m})`, { kind: 'winograd', m, weight, norm, outputs, inputs: channels, columns }),
      filter: panelsSize(outputs, channels) * 4,
      images: points,
      image: point,
      pixel: layout.pixel,
      residual: 0,
      sums: 0,
      lowest: -Infinity,
    },
    points * tiles * channels * outputs,
  );

  const shift = plan.pack(`${weight} shift`, { kind: 'shift', norm, bias, channels: outputs, size: layout.pixel / 4 });
  const y = plan.define(lastOf(computed), layout, residual ? [residual.buffer] : []);
  plan.step(
    'winogradOutput',
    computed,
    tiles,
    {
      p,
      bias: shift,
      residual: residual ? at(residual) : 0,
      y,
      scratch: plan.scratch(m * (m + 2) * 16 + m * m * 16),
      pixel: layout.pixel,
      point: tiles * layout.pixel,
      height: layout.height,
      width: layout.width,
      tilesH,
      tilesW,
      m,
      lowest: plan.lowest(computed),
    },
    0,
  );
  if (squeeze) squeezed(plan, squeeze.id, { ...y, layout });
}

/** Streams that lie a multiple of 4 KiB apart fall into one set of the L1 cache; half a KiB more spreads them. */
const awayFromPowers = (bytes: number): number => (bytes % 4096 === 0 ? bytes + 512 : bytes);

/** A squeeze of a value that no product sums on its way. */
function squeezed(plan: PlanWriter, id: NodeId, x: Placed): void {
  const { images, height, width, pixel } = x.layout;
  const units = images * blocksOf(height * width);
  const sums = { buffer: plan.buffer(units * pixel) };
  plan.step('squeeze', [], units, { x: at(x), sums, pixel, rows: height * width });
  mean(plan, id, sums, x.layout);
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
  const panels1 = matrixPanels(plan, first, narrow);
  const panels2 = matrixPanels(plan, second, narrow);
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

/** excite's four sums take panels of 8. */
const narrow: Tile = { rows: 4, columns: 8 };

/** A linear layer's weights as those of a 1×1 convolution. */
function matrixPanels(plan: PlanWriter, { inputs: [, w, bias] }: Node<'linear'>, tile: Tile): PanelRecipe {
  const [outputs, C] = plan.node(w).shape as readonly [number, number];
  return {
    kind: 'panels',
    weight: plan.parameter(w),
    bias: bias === undefined ? undefined : plan.parameter(bias),
    norm: undefined,
    outputs,
    filter: [C, 1, 1],
    groups: 1,
    runs: runsOf(outputs, C, 1, tile),
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

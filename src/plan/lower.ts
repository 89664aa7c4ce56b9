import { PlanError } from '../errors.js';
import { type Graph, readers } from '../graph/graph.js';
import type { Conv2dAttrs, Node, NodeId, OpName, Pair } from '../ops/op.js';
import { type Shape, sizeOf } from '../tensor.js';
import type { ArgName, Kernel } from './abi.js';
import { type Group, group } from './group.js';
import { borderedLayout, denseLayout, isBordered, type Layout, layoutBytes, pixelBytes, rowsLayout } from './layout.js';
import {
  type Arg,
  blockRows,
  blocksOf,
  type NormNames,
  type Plan,
  type Port,
  type Recipe,
  type Runs,
  type Step,
  type Tile,
} from './plan.js';

/** A buffer before `place` gives it an address: `mayTake` lists buffers whose bytes it may take over if they die as it is born. */
export interface Unplaced {
  readonly bytes: number;
  firstStep: number;
  lastStep: number;
  readonly mayTake: readonly number[];
}

export type Lowered = Omit<Plan, 'buffers' | 'arenaBytes'> & { readonly buffers: readonly Unplaced[] };

/** Turns each group of the graph into kernel calls: which kernel, on which buffers, with which packing of the weights. */
export function lower(graph: Graph, tile: Tile): Lowered {
  const lowering = new Lowering(graph, tile);
  for (const members of group(graph)) lowering.lower(members);
  return lowering.finish();
}

/** A value in memory. */
interface Placed {
  readonly buffer: number;
  readonly layout: Layout;
}

class Lowering {
  readonly #graph: Graph;
  readonly #tile: Tile;
  readonly #readBy: readonly (readonly NodeId[])[];
  readonly #steps: Step[] = [];
  readonly #buffers: Unplaced[] = [];
  readonly #weights = new Map<string, Recipe>();
  readonly #values = new Map<NodeId, Placed>();
  readonly #inputs: Port[] = [];

  constructor(graph: Graph, tile: Tile) {
    this.#graph = graph;
    this.#tile = tile;
    this.#readBy = readers(graph);
  }

  lower(members: Group): void {
    const anchor = this.#node(members[0] as NodeId);
    const rule = this.#rules[anchor.op] as (anchor: Node, members: Group) => void;
    rule(anchor, members);
  }

  finish(): Lowered {
    const outputs = [...this.#graph.outputs].map(([name, id]): Port => {
      const value = this.#values.get(id);
      if (value === undefined) throw new PlanError(`output ${name} is not computed`);
      (this.#buffers[value.buffer] as Unplaced).lastStep = this.#steps.length;
      return { name, shape: this.#node(id).shape, ...value };
    });
    return { tile: this.#tile, steps: this.#steps, buffers: this.#buffers, weights: this.#weights, inputs: this.#inputs, outputs };
  }

  readonly #rules: { readonly [K in OpName]: (anchor: Node<K>, members: Group) => void } = {
    param: ({ attrs }) => {
      throw new PlanError(`parameter ${attrs.name} is read as a value`);
    },

    input: ({ id, attrs: { name, shape } }) => {
      const staging = this.#buffer(sizeOf(shape) * 4);
      this.#inputs.push({ name, shape, buffer: staging, layout: denseLayout(shape) });
      const layout = this.#inputLayout(id, shape);
      const y = this.#define(id, layout);
      const { images, image, origin, line, pixel, channels, height, width } = layout;
      this.#step('nchwToNhwc', [id], images, { x: { buffer: staging }, y, image, origin, line, pixel, channels, height, width });
    },

    conv2d: (anchor, members) => {
      const { layout: x, ...from } = this.#value(anchor.inputs[0]);
      const { weight, bias } = this.#weightNames(anchor);
      const [outputs, Cg, P, Q] = this.#node(anchor.inputs[1] as NodeId).shape as readonly [number, number, number, number];
      const bordered = isBordered(x);
      const { stride, padding, dilation, groups } = anchor.attrs;
      const [, , I, J] = anchor.shape as readonly [number, number, number, number];
      const runs = runsOf(outputs, Cg, groups);
      this.#product(members, {
        x,
        from,
        output: [I, J],
        runs,
        table: {
          kind: 'table',
          layout: x,
          output: [I, J],
          taps: bordered ? [P, 1] : [P, Q],
          stride,
          dilation,
          before: [padding[0], padding[3]],
        },
        run: bordered ? Q * Cg : runs.length,
        panels: { kind: 'panels', weight, bias, norm: this.#normOf(members), outputs, filter: [Cg, P, Q], groups, runs },
      });
    },

    linear: (anchor, members) => {
      if (members.length === 4) return this.#excite(members);
      const { weight, bias } = this.#weightNames(anchor);
      const [outputs, Cg] = this.#node(anchor.inputs[1] as NodeId).shape as readonly [number, number];
      const x = rowsLayout(this.#node(anchor.inputs[0] as NodeId).shape);
      const { buffer } = this.#value(anchor.inputs[0]);
      const runs = runsOf(outputs, Cg, 1);
      this.#product(members, {
        x,
        from: { buffer },
        output: [x.height, 1],
        runs,
        run: Cg,
        table: { kind: 'table', layout: x, output: [x.height, 1], taps: [1, 1], stride: [1, 1], dilation: [1, 1], before: [0, 0] },
        panels: { kind: 'panels', weight, bias, norm: undefined, outputs, filter: [Cg, 1, 1], groups: 1, runs },
      });
    },

    scale: (anchor, members) => {
      const u = this.#value(anchor.inputs[0]);
      const s = this.#value(anchor.inputs[1]);
      const residual = this.#residual(members);
      const y = this.#define(lastOf(members), u.layout, [u.buffer, ...(residual ? [residual.buffer] : [])]);
      const rows = u.layout.height * u.layout.width;
      this.#step('scaleAddRelu', members, u.layout.images * rows, {
        u: address(u),
        s: address(s),
        residual: residual ? address(residual) : 0,
        y,
        pixel: u.layout.pixel,
        rows,
        lowest: this.#lowest(members),
      });
    },

    globalAvgPool: ({ id, inputs }) => {
      const { layout, buffer } = this.#value(inputs[0]);
      const rows = layout.height * layout.width;
      const units = layout.images * blocksOf(rows);
      const sums = this.#buffer(units * layout.pixel);
      this.#step('squeeze', [], units, { x: { buffer }, sums: { buffer: sums }, pixel: layout.pixel, rows });
      this.#mean(id, sums, layout);
    },

    maxPool2d: (anchor) => {
      const { windows, extent } = this.#windows(anchor);
      this.#step('maxPool', [anchor.id], extent, windows);
    },

    avgPool2d: (anchor) => {
      const { windows, extent } = this.#windows(anchor);
      const [, right, bottom] = anchor.attrs.padding;
      this.#step('avgPool', [anchor.id], extent, { ...windows, bottom, right, inside: Number(anchor.attrs.divisor === 'inside') });
    },

    batchNorm: (anchor, members) => {
      const x = this.#value(anchor.inputs[0]);
      const norm = this.#norm(anchor);
      const recipe = { norm, channels: x.layout.channels, size: x.layout.pixel / 4 };
      const factor = this.#pack(`${norm.gamma} factor`, { kind: 'factor', ...recipe });
      const shift = this.#pack(`${norm.gamma} shift`, { kind: 'shift', ...recipe });
      const y = this.#define(lastOf(members), x.layout, [x.buffer]);
      this.#step('affine', members, pixelsOf(x.layout), {
        x: address(x),
        factor,
        shift,
        y,
        pixel: x.layout.pixel,
        lowest: this.#lowest(members),
      });
    },

    add: (anchor, members) => {
      const [a, b] = anchor.inputs.map((id) => this.#value(id)) as unknown as readonly [Placed, Placed];
      const y = this.#define(lastOf(members), a.layout, [a.buffer, b.buffer]);
      this.#step('addRelu', members, pixelsOf(a.layout), {
        a: address(a),
        b: address(b),
        y,
        pixel: a.layout.pixel,
        lowest: this.#lowest(members),
      });
    },

    relu: ({ id, inputs }) => {
      const x = this.#value(inputs[0]);
      const y = this.#define(id, x.layout, [x.buffer]);
      this.#step('addRelu', [id], pixelsOf(x.layout), { a: address(x), b: 0, y, pixel: x.layout.pixel, lowest: 0 });
    },

    sigmoid: (anchor) => this.#pointwise('sigmoid', anchor),
    softmax: (anchor) => this.#pointwise('softmax', anchor),

    concat: (anchor) => {
      const layout = denseLayout(anchor.shape);
      const { buffer } = this.#define(anchor.id, layout);
      let at = 0;
      anchor.inputs.forEach((id, i) => {
        const x = this.#value(id);
        const bytes = x.layout.channels * 4;
        const isLast = i === anchor.inputs.length - 1;
        const clear = isLast ? layout.pixel - at - bytes : 0;
        this.#step('concat', isLast ? [anchor.id] : [], pixelsOf(layout), {
          x: address(x),
          y: { buffer, at },
          xPixel: x.layout.pixel,
          yPixel: layout.pixel,
          bytes,
          clear,
        });
        at += bytes;
      });
    },
  };

  /** conv or linear: a matrix product of gathered rows, with what rides on it. */
  #product(
    members: Group,
    {
      x,
      from,
      output,
      runs,
      run,
      table,
      panels,
    }: {
      readonly x: Layout;
      readonly from: { readonly buffer: number };
      readonly output: Pair;
      readonly runs: Runs;
      readonly run: number;
      readonly table: Extract<Recipe, { kind: 'table' }>;
      readonly panels: Extract<Recipe, { kind: 'panels' }>;
    },
  ): void {
    const squeeze = members.find((id) => this.#node(id).op === 'globalAvgPool');
    const computed = members.filter((id) => id !== squeeze);
    const residual = this.#residual(computed);
    const id = lastOf(computed);
    const layout = denseLayout(this.#node(id).shape);
    // in place only if no other tile still reads what this one overwrites
    const y = this.#define(id, layout, residual && residual.buffer !== from.buffer ? [residual.buffer] : []);
    const rows = output[0] * output[1];
    const taps = table.taps[0] * table.taps[1];
    const units = x.images * blocksOf(rows);
    const sums = squeeze === undefined ? undefined : this.#buffer(units * layout.pixel);
    this.#step('conv', computed, units * runs.starts.length, {
      x: from,
      table: this.#pack(`table ${JSON.stringify(table)}`, table),
      starts: this.#pack(`starts ${runs.starts.join(' ')}`, { kind: 'int32', values: runs.starts.map((channel) => channel * 4) }),
      zeros: this.#pack('zeros', this.#zeros(Math.max(run, 8))),
      panels: this.#pack(panels.weight, panels),
      residual: residual ? address(residual) : 0,
      y,
      sums: sums === undefined ? 0 : { buffer: sums },
      scratch: { buffer: this.#buffer(taps * blockRows * 4) },
      image: x.image,
      pixel: layout.pixel,
      rows,
      taps,
      run,
      count: runs.starts.length,
      lowest: this.#lowest(computed),
      tile: this.#tile.rows,
      grouped: Number(runs.paired),
    });
    if (squeeze !== undefined && sums !== undefined) this.#mean(squeeze, sums, layout);
  }

  #mean(id: NodeId, sums: number, { images, height, width, pixel }: Layout): void {
    const z = this.#define(id, denseLayout(this.#node(id).shape));
    this.#step('mean', [id], images, { sums: { buffer: sums }, z, pixel, rows: height * width });
  }

  #excite(members: Group): void {
    const [first, , second] = members.map((id) => this.#node(id)) as unknown as readonly [Node<'linear'>, Node, Node<'linear'>];
    const z = this.#value(first.inputs[0]);
    const [outputs, squeezed] = this.#node(second.inputs[1] as NodeId).shape as readonly [number, number];
    const inputs = z.layout.channels;
    const panels = (node: Node<'linear'>, O: number, C: number): { readonly weights: string } => {
      const { weight, bias } = this.#weightNames(node);
      return this.#pack(weight, {
        kind: 'panels',
        weight,
        bias,
        norm: undefined,
        outputs: O,
        filter: [C, 1, 1],
        groups: 1,
        runs: runsOf(O, C, 1),
      });
    };
    const layout = denseLayout(second.shape);
    const s = this.#define(lastOf(members), layout);
    this.#step('excite', members, layout.images, {
      z: address(z),
      panels1: panels(first, squeezed, inputs),
      panels2: panels(second, outputs, squeezed),
      hidden: { buffer: this.#buffer(pixelBytes(squeezed)) },
      s,
      zPixel: z.layout.pixel,
      sPixel: layout.pixel,
      inputs,
      squeezed,
      outputs,
    });
  }

  #pointwise(kernel: 'sigmoid' | 'softmax', { id, inputs }: Node): void {
    const x = this.#value(inputs[0]);
    const y = this.#define(id, x.layout, [x.buffer]);
    this.#step(kernel, [id], pixelsOf(x.layout), { x: address(x), y, pixel: x.layout.pixel, channels: x.layout.channels });
  }

  #windows({ id, inputs, attrs, shape }: Node<'maxPool2d'> | Node<'avgPool2d'>) {
    const x = this.#value(inputs[0]);
    const layout = denseLayout(shape);
    const [windowH, windowW] = attrs.kernel;
    const [strideH, strideW] = attrs.stride;
    const [top, , , left] = attrs.padding;
    const windows = {
      x: address(x),
      y: this.#define(id, layout),
      pixel: layout.pixel,
      height: x.layout.height,
      width: x.layout.width,
      outHeight: layout.height,
      outWidth: layout.width,
      windowH,
      windowW,
      strideH,
      strideW,
      top,
      left,
    };
    return { windows, extent: layout.images * layout.height };
  }

  /** Bordered where every reader is a convolution with the same padding that takes all channels; else dense. */
  #inputLayout(id: NodeId, shape: Shape): Layout {
    const padding = (this.#readBy[id] as readonly NodeId[]).map((reader) => {
      const node = this.#node(reader);
      return node.op === 'conv2d' && node.inputs[0] === id && spansRows(node.attrs) ? node.attrs.padding : undefined;
    });
    const [box, ...others] = padding;
    const suits =
      shape.length === 4 &&
      (shape[1] as number) < 8 &&
      box !== undefined &&
      others.every((other) => other?.every((pad, side) => pad === box[side]));
    return suits && !this.#isOutput(id) ? borderedLayout(shape, box) : denseLayout(shape);
  }

  #isOutput(id: NodeId): boolean {
    return [...this.#graph.outputs.values()].includes(id);
  }

  #node(id: NodeId): Node {
    return this.#graph.nodes[id] as Node;
  }

  #value(id: NodeId | undefined): Placed {
    const value = this.#values.get(id as NodeId);
    if (value === undefined) throw new PlanError(`node ${id} (${this.#node(id as NodeId).op}) is read before it is computed`);
    return value;
  }

  /** The operand that a riding `add` brings in from outside the group. */
  #residual(members: Group): Placed | undefined {
    const sum = members.find((id) => this.#node(id).op === 'add');
    if (sum === undefined) return undefined;
    const previous = members[members.indexOf(sum) - 1];
    return this.#value(this.#node(sum).inputs.find((id) => id !== previous) ?? previous);
  }

  #lowest(members: Group): number {
    return members.some((id) => this.#node(id).op === 'relu') ? 0 : -Infinity;
  }

  #normOf(members: Group): NormNames | undefined {
    const id = members.find((member) => this.#node(member).op === 'batchNorm');
    return id === undefined ? undefined : this.#norm(this.#node(id) as Node<'batchNorm'>);
  }

  #norm({ inputs, attrs }: Node<'batchNorm'>): NormNames {
    const [gamma, beta, mean, variance] = inputs.slice(1).map((id) => this.#parameter(id)) as [string, string, string, string];
    return { gamma, beta, mean, variance, eps: attrs.eps };
  }

  #weightNames({ inputs: [, weight, bias] }: Node): { readonly weight: string; readonly bias: string | undefined } {
    return { weight: this.#parameter(weight as NodeId), bias: bias === undefined ? undefined : this.#parameter(bias) };
  }

  #parameter(id: NodeId): string {
    const node = this.#node(id);
    if (node.op !== 'param')
      throw new PlanError(`weights are packed at compile time, so they must be parameters, not the result of ${node.op}`);
    return node.attrs.name;
  }

  /** A parameter may be packed in several ways (shared by two layers, say): a second recipe under a name gets a name of its own. */
  #pack(name: string, recipe: Recipe): { readonly weights: string } {
    const same = (other: Recipe): boolean => JSON.stringify(other) === JSON.stringify(recipe);
    let key = name;
    for (let i = 2; ; i++) {
      const found = this.#weights.get(key);
      if (found === undefined || found.kind === 'zeros' || same(found)) break;
      key = `${name} (${i})`;
    }
    this.#weights.set(key, recipe);
    return { weights: key };
  }

  /** One block of zeros serves every step: as long as the longest run. */
  #zeros(size: number): Recipe {
    const found = this.#weights.get('zeros');
    return { kind: 'zeros', size: found?.kind === 'zeros' ? Math.max(found.size, size) : size };
  }

  #buffer(bytes: number, mayTake: readonly number[] = []): number {
    const now = this.#steps.length;
    return this.#buffers.push({ bytes, firstStep: now, lastStep: now, mayTake }) - 1;
  }

  #define(id: NodeId, layout: Layout, mayTake: readonly number[] = []): { readonly buffer: number } {
    const buffer = this.#buffer(layoutBytes(layout), mayTake);
    this.#values.set(id, { buffer, layout });
    return { buffer };
  }

  #step<K extends Kernel>(kernel: K, covers: Group, extent: number, args: Readonly<Record<ArgName<K>, Arg>>): void {
    for (const arg of Object.values(args) as Arg[])
      if (typeof arg === 'object' && 'buffer' in arg) (this.#buffers[arg.buffer] as Unplaced).lastStep = this.#steps.length;
    this.#steps.push({ kernel, covers, args, extent });
  }
}

const lastOf = (members: Group): NodeId => members.at(-1) as NodeId;
const address = ({ buffer }: Placed): Arg => ({ buffer });
const pixelsOf = ({ images, height, width }: Layout): number => images * height * width;
const spansRows = ({ dilation, groups }: Conv2dAttrs): boolean => groups === 1 && dilation[1] === 1;

/**
 * Which channels each panel of 8 outputs reads: those of the groups that its outputs belong to (weights across groups are 0).
 * Groups of four in and out are read in pairs, each half of the panel its own four, so that no product is wasted.
 */
function runsOf(outputs: number, Cg: number, groups: number): Runs {
  const Og = outputs / groups;
  const panels = Math.ceil(outputs / 8);
  if (Cg === 4 && Og === 4 && groups % 2 === 0) return { starts: Array.from({ length: panels }, (_, p) => p * 8), length: 4, paired: true };
  const groupOf = (output: number): number => Math.floor(Math.min(output, outputs - 1) / Og);
  const spans = Array.from({ length: panels }, (_, p) => [groupOf(p * 8) * Cg, (groupOf(p * 8 + 7) + 1) * Cg] as const);
  const length = Math.max(...spans.map(([from, to]) => to - from));
  return { starts: spans.map(([from]) => Math.min(from, Cg * groups - length)), length, paired: false };
}

import { macsOf } from '../graph/count.js';
import { type Interpreter, inputsByName, type RunInput, walk } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { Node, NodeId, OpName } from '../ops/op.js';
import { map, type Shape, type Tensor, widen } from '../tensor.js';
import { type Bounded, bounds, type Narrow, worst } from './bound.js';
import { qdqBounds } from './qdq.js';

/** A value that another program computed for a node, under the name that it gave it; as many values as the node has. */
export interface Dumped {
  readonly name: string;
  readonly id: NodeId;
  readonly tensor: Tensor;
  /** How its numbers are stored, if in fewer bits than float32, in which they were computed. */
  readonly narrow?: Narrow | undefined;
}

/** One dumped tensor against what it should be, given the dumped tensors above it. */
export interface Checked {
  readonly name: string;
  /** What it was recomputed from: the nearest dumped tensors above it, or `input`. */
  readonly from: readonly string[];
  /** The ops on the way, in order. */
  readonly ops: readonly OpName[];
  /** Where the error is largest in units of its bound: the coordinates, and what is there. Absent if every value is exact. */
  readonly at?: {
    readonly index: readonly number[];
    readonly error: number;
    readonly bound: number;
    readonly expected: number;
    readonly found: number;
  };
  /** error / bound there: above 1 the engine cannot have computed these ops in float32, in whatever order. */
  readonly ratio: number;
}

/**
 * Compares dumped tensors, each with the float64 reference run from the dumped tensors nearest above it, which are taken as exact. So the
 * bound is that of a short run, and a wrong layer does not condemn those behind it.
 *
 * @param progress is told, after each tensor, the share of the multiply-adds that are done.
 * @returns one entry per tensor, in the graph's order.
 */
export function checkSegments(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  input: RunInput,
  dumped: readonly Dumped[],
  progress: (name: string, done: number) => void = () => {},
): readonly Checked[] {
  const above = new Map<NodeId, Dumped>();
  for (const one of dumped) if (!above.has(one.id)) above.set(one.id, one);
  const nodes = leadingTo(graph, above);
  const total = nodes.reduce((sum, node) => sum + macsOf(graph, node), 0);
  const checked: Checked[] = [];
  let done = 0;
  const own = bounds(weights, inputsByName(input));
  const rules = Object.entries(foreign(own)).map(([op, rule]) => [
    op,
    (inputs: readonly Bounded[], node: Node): Bounded => {
      const meant = (rule as BoundOf)(inputs, node);
      done += macsOf(graph, node);
      for (const { name, id, tensor, narrow } of dumped) {
        if (id !== node.id) continue;
        const way = wayTo(graph, above, id);
        checked.push({ name, ...way, ...furthest(tensor, meant, narrow && { ...narrow, times: roundingsOn(way.ops) }) });
        progress(name, total > 0 ? done / total : 1);
      }
      const given = above.get(node.id);
      if (given !== undefined) return exact({ shape: node.shape, data: given.tensor.data }, given.narrow);
      // integers that were not told are taken for those that are nearest
      return node.integers ? ((own as unknown as Readonly<Record<string, BoundOf>>)[op]?.(inputs, node) ?? meant) : meant;
    },
  ]);
  walk({ ...graph, nodes, outputs: new Map() }, Object.fromEntries(rules) as Interpreter<Bounded>);
  return checked;
}

type BoundOf = (inputs: readonly Bounded[], node: Node) => Bounded;

/** What another program computed is where this segment starts: no error of its own, unless it went on with what it rounded for us. */
const exact = (x: Tensor, narrow: Narrow | undefined): Bounded => ({
  value: widen(x),
  scale: map(widen(x), (value) => Math.max(Math.abs(value), narrow?.leastNormal ?? 0)),
  roundings: narrow ? 1 : 0,
});

/** Roundings to fewer bits on a way: that of each operand, of which an op has two at most, and of what each op gives. */
const roundingsOn = (ops: readonly OpName[]): number => 3 * Math.max(1, ops.length);

/**
 * Bounds for programs that keep batch norm to itself, in float32: σ² + ε, its root, the inverse and its product with γ round too, which ours does
 * in float64 when it packs weights. γ(x − μ)/σ + β and xγ/σ + (β − μγ/σ) both come to 7 roundings instead of 4. And for those that compute a quantised op
 * as the operators that it is written as.
 */
function foreign(own: ReturnType<typeof bounds>): ReturnType<typeof bounds> {
  return {
    ...own,
    ...qdqBounds(own, own),
    batchNorm(inputs, node) {
      const meant = own.batchNorm(inputs, node);
      return { ...meant, roundings: meant.roundings + 3 };
    },
  };
}

/** The nodes that a dumped one is computed from, and itself. */
function leadingTo({ nodes }: Graph, above: ReadonlyMap<NodeId, Dumped>): readonly Node[] {
  const wanted = new Set(above.keys());
  for (const { id, inputs } of nodes.toReversed()) if (wanted.has(id)) for (const input of inputs) wanted.add(input);
  return nodes.filter(({ id }) => wanted.has(id));
}

/** The ops between a node and the dumped tensors nearest above it, and the names of these. */
function wayTo({ nodes }: Graph, above: ReadonlyMap<NodeId, Dumped>, id: NodeId): Pick<Checked, 'from' | 'ops'> {
  const open = new Set([id]);
  const from = new Map<NodeId, string>();
  for (const node of nodes.slice(0, id + 1).toReversed()) {
    if (!open.has(node.id)) continue;
    const name = node.op === 'input' ? node.attrs.name : node.id === id ? undefined : above.get(node.id)?.name;
    if (name !== undefined) from.set(node.id, name);
    if (name !== undefined || node.op === 'param') open.delete(node.id);
    else for (const input of node.inputs) open.add(input);
  }
  const ops = nodes.filter((node) => open.has(node.id)).map(({ op }) => op);
  return { from: [...from.values()].reverse(), ops };
}

function furthest(found: Tensor, meant: Bounded, narrow: Parameters<typeof worst>[2]): Pick<Checked, 'at' | 'ratio'> {
  const { ratio, index } = worst(found, meant, narrow);
  if (index === -1) return { ratio };
  const [there, expected] = [found.data[index] as number, meant.value.data[index] as number];
  const error = Math.abs(there - expected);
  return { ratio, at: { index: coordinates(index, meant.value.shape), error, bound: error / ratio, expected, found: there } };
}

/** [n, c, h, w] of a value's place in the row-major list. */
function coordinates(index: number, shape: Shape): readonly number[] {
  const result: number[] = [];
  for (const extent of shape.toReversed()) {
    result.unshift(index % extent);
    index = Math.floor(index / extent);
  }
  return result;
}

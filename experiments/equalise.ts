import { type Graph, readers } from '../src/graph/graph.js';
import type { Node, NodeId } from '../src/ops/op.js';
import { chainsOf } from '../src/quant/chains.js';
import { map, type Tensor } from '../src/tensor.js';

/** A value between two layers, whose channels may be as large as is liked: what one layer multiplies, the other divides. */
export interface Pair {
  /** The weights, γ or β, whose rows give the value's channels; each is multiplied by the channel's factor. */
  readonly gives: readonly string[];
  /** The weights that the first layer is, batch norm aside. */
  readonly first: string;
  readonly gamma: string | undefined;
  readonly variance: string | undefined;
  readonly eps: number;
  /** The weights that read the value, and the axis of their channels: of a depthwise layer's it is the outputs'. */
  readonly reads: string;
  readonly axis: 0 | 1;
}

/**
 * Weights of the same function, to the bit, in which both layers around a value have channels of like ranges (Nagel 2019, section 4.1; factors are powers of two here). Only a ReLU, or nothing, may stand between
 * them, since cf(x) = f(cx) of no other function here; and nobody else may read the value: no excitation, no residual connection.
 */
export function equalised(graph: Graph, weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const pairs = pairsOf(graph);
  const made = new Map(weights);
  const tensor = (name: string): Tensor => made.get(name) as Tensor;
  for (let round = 0; round < rounds; round++)
    for (const { gives, first, gamma, variance, eps, reads, axis } of pairs) {
      const before = largest(tensor(first), 0).map((value, c) => {
        if (gamma === undefined || variance === undefined) return value;
        return (value * Math.abs(tensor(gamma).data[c] as number)) / Math.sqrt((tensor(variance).data[c] as number) + eps);
      });
      const behind = largest(tensor(reads), axis);
      const factors = before.map((value, c) =>
        value > 0 && (behind[c] as number) > 0 ? powerOfTwo(Math.sqrt((behind[c] as number) / value)) : 1,
      );
      for (const name of gives) made.set(name, scaled(tensor(name), 0, factors));
      made.set(
        reads,
        scaled(
          tensor(reads),
          axis,
          factors.map((factor) => 1 / factor),
        ),
      );
    }
  return made;
}

const powerOfTwo = (x: number): number => 2 ** Math.round(Math.log2(x));

/** A pair changes what the next one finds. After so many rounds next to nothing changes. */
const rounds = 20;

/** Every value of a graph that may be equalised. */
export function pairsOf(graph: Graph): readonly Pair[] {
  const { chains } = chainsOf(graph);
  const readBy = readers(graph);
  const named = new Set(graph.outputs.values());
  const nameOf = (id: NodeId | undefined): string | undefined => {
    const node = id === undefined ? undefined : (graph.nodes[id] as Node);
    return node?.op === 'param' ? node.attrs.name : undefined;
  };
  return [...chains.values()].flatMap(({ anchor, norm, after, last }): readonly Pair[] => {
    const [reader, ...others] = (readBy[last.id] as readonly NodeId[]).map((id) => graph.nodes[id] as Node);
    if (anchor.op !== 'conv2d' || reader?.op !== 'conv2d' || others.length > 0 || named.has(last.id)) return [];
    if ((after !== undefined && after.op !== 'relu') || reader.inputs[0] !== last.id) return [];
    const isDepthwise = reader.attrs.groups === anchor.shape[1] && reader.shape[1] === anchor.shape[1];
    const [first, reads, bias] = [nameOf(anchor.inputs[1]), nameOf(reader.inputs[1]), nameOf(anchor.inputs[2])];
    if (first === undefined || reads === undefined || !(isDepthwise || reader.attrs.groups === 1)) return [];
    const [gamma, beta, variance] = [1, 2, 4].map((i) => nameOf(norm?.inputs[i]));
    const own = norm ? [gamma, beta] : [first, bias];
    const gives = own.filter((name) => name !== undefined);
    return [{ gives, first, gamma, variance, eps: norm?.attrs.eps ?? 0, reads, axis: isDepthwise ? 0 : 1 }];
  });
}

/** The largest of each row (axis 0) or of each column (axis 1) of weights [O, C, ...]. */
function largest({ shape, data }: Tensor, axis: 0 | 1): readonly number[] {
  const found = new Array<number>(shape[axis] as number).fill(0);
  for (let i = 0; i < data.length; i++) {
    const c = channelOf(shape, axis, i);
    found[c] = Math.max(found[c] as number, Math.abs(data[i] as number));
  }
  return found;
}

function scaled(x: Tensor, axis: 0 | 1, factors: readonly number[]): Tensor {
  let i = 0;
  return map(x, (value) => value * (factors[channelOf(x.shape, axis, i++)] as number));
}

/** Which channel of an axis the element at `i` is of. */
function channelOf(shape: readonly number[], axis: 0 | 1, i: number): number {
  const each = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  return Math.floor(i / each) % (shape[axis] as number);
}

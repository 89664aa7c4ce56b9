import { type Graph, readers } from '../graph/graph.js';
import { type Node, type NodeId, type OpName, pointwiseOps } from '../ops/op.js';
import { foldNorm } from '../plan/fold.js';
import type { Tensor } from '../tensor.js';
import { chainsOf } from './chains.js';

/** Ops whose result has the channels of what they read. */
const alike: readonly OpName[] = [
  'batchNorm',
  ...pointwiseOps,
  'scale',
  'add',
  'maxPool2d',
  'avgPool2d',
  'upsampleNearest',
] satisfies OpName[];

/**
 * How much each channel of a value [N, C, H, W] matters to the layers that read it: the squares of the weights that it is multiplied by, batch norm folded in, as a
 * share of all channels'. Readers count alike. The mean over channels is 1; undefined where no layer reads the value.
 *
 * What a layer makes of errors is what counts: a channel of large numbers may be one that small weights undo, and a range that is chosen for it drowns all others.
 */
export function importanceOf(graph: Graph, weights: ReadonlyMap<string, Tensor>): (id: NodeId) => Float64Array | undefined {
  const readBy = readers(graph);
  const norms = new Map([...chainsOf(graph).chains.values()].map(({ anchor, norm }) => [anchor.id, norm]));
  const known = new Map<NodeId, Float64Array | undefined>();
  const node = (id: NodeId): Node => graph.nodes[id] as Node;
  const parameter = (id: NodeId | undefined): Tensor | undefined => {
    const found = id === undefined ? undefined : node(id);
    return found?.op === 'param' ? weights.get(found.attrs.name) : undefined;
  };

  function ofLayer(reader: Node<'conv2d'>, channels: number): Float64Array | undefined {
    const w = parameter(reader.inputs[1]);
    if (w === undefined) return undefined;
    const [O, each] = w.shape as readonly [number, number];
    const norm = norms.get(reader.id);
    const [gamma, beta, mean, variance] = norm ? [1, 2, 3, 4].map((i) => parameter(norm.inputs[i])) : [];
    const vectors = norm && gamma && beta && mean && variance && { gamma, beta, mean, variance, eps: norm.attrs.eps };
    const { factor } = foldNorm(O, vectors, undefined);
    const squares = new Float64Array(channels);
    const taps = w.data.length / (O * each);
    for (let o = 0; o < O; o++) {
      const first = Math.floor((o * reader.attrs.groups) / O) * each;
      for (let c = 0; c < each; c++)
        for (let t = 0; t < taps; t++) {
          const at = first + c;
          squares[at] = (squares[at] as number) + ((w.data[(o * each + c) * taps + t] as number) * (factor[o] as number)) ** 2;
        }
    }
    return squares;
  }

  function of(id: NodeId): Float64Array | undefined {
    if (known.has(id)) return known.get(id);
    const { shape } = node(id);
    const channels = shape[1] as number;
    const total = new Float64Array(channels);
    for (const reader of (readBy[id] as readonly NodeId[]).map(node)) {
      const part =
        reader.inputs[0] === id && reader.op === 'conv2d'
          ? ofLayer(reader, channels)
          : alike.includes(reader.op)
            ? of(reader.id)
            : undefined;
      const sum = part?.reduce((all, value) => all + value, 0) ?? 0;
      if (part && sum > 0) for (let c = 0; c < channels; c++) total[c] = (total[c] as number) + (part[c] as number) / sum;
    }
    const sum = total.reduce((all, value) => all + value, 0);
    const found = shape.length === 4 && sum > 0 ? total.map((value) => (value * channels) / sum) : undefined;
    known.set(id, found);
    return found;
  }
  return of;
}

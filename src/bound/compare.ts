import { InputError, ShapeError, WeightsError } from '../errors.js';
import { checkGraph } from '../graph/check.js';
import { checkTensors, inputOf, parameterOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import { inOrder, runsOf } from '../graph/modules.js';
import { nearest } from '../graph/nearest.js';
import { insteadOf } from '../meant.js';
import type { Node, NodeId } from '../ops/op.js';
import { flawOf, type Shape, sameShape, type Tensor } from '../tensor.js';
import { type Checked, checkSegments, type Dumped } from './segments.js';

/** A dump against the float64 reference. */
export interface Compared {
  /** One entry per dumped tensor that has a node, in the order in which their modules return. */
  readonly tensors: readonly Checked[];
  /** The first beyond its bound: the module that cannot be right. Absent if all are within. */
  readonly first?: Checked;
  /** Names of modules that run several times in a pass, so that the tensor belongs to no one node; `name:2` is the second run alone. */
  readonly leftOut: readonly string[];
  /** Names that are no module of the graph. */
  readonly unknown: readonly string[];
}

export interface CompareOptions {
  /** Hears after each tensor its name and the share of the multiply-adds that are done. */
  readonly progress?: (name: string, done: number) => void;
}

/**
 * Which module of another program is wrong. Each dumped tensor is recomputed in float64 from the dumped tensors nearest above it, and compared under
 * float32's error bound of the ops between (docs/compare.md).
 *
 * @param dump `input` as the network sees it [N, 3, H, W], and activations under their module paths, as `loadSafetensors` reads them.
 * @throws InputError for a dump without `input`, or without a tensor that has a place; ShapeError for a tensor of another shape than its module returns;
 * WeightsError for weights that are not the graph's; InputError for values that are not finite.
 */
export function compare(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  dump: ReadonlyMap<string, Tensor>,
  options: CompareOptions = {},
): Compared {
  checkGraph(graph);
  checkTensors(weights);
  if (typeof dump?.get !== 'function' || typeof dump.entries !== 'function')
    throw new InputError(`a dump is a Map of tensors by name, not ${insteadOf('tensors', dump)}`);
  for (const [name, tensor] of weights) checkFinite(`weights: tensor ${name}`, tensor, WeightsError);
  for (const [name, tensor] of dump) checkFinite(`dump: tensor ${name}`, tensor, InputError);
  const input = dump.get('input');
  if (input === undefined) throw new InputError('dump: tensor input, the image, is missing');
  for (const { op, attrs } of graph.nodes) {
    if (op === 'input') inputOf(attrs.name === 'input' ? input : undefined, attrs.name, attrs.shape);
    if (op === 'param') parameterOf(weights, attrs.name, attrs.shape);
  }
  const { dumped, leftOut, unknown } = placeDump(graph, dump, 'dump', 'the graph');
  const tensors = checkSegments(graph, weights, input, dumped, options?.progress);
  const first = tensors.find(({ ratio }) => ratio > 1);
  return { tensors, ...(first && { first }), leftOut, unknown };
}

/** A dump's tensors at their nodes. */
export interface PlacedDump extends Pick<Compared, 'leftOut' | 'unknown'> {
  readonly dumped: readonly Dumped[];
}

/**
 * @param from what the dump is called in messages
 * @param network what the graph is called in them
 * @throws ShapeError for a tensor of another shape than its module returns; InputError if none has a place
 */
export function placeDump(graph: Graph, dump: ReadonlyMap<string, Tensor>, from: string, network: string): PlacedDump {
  const names = [...dump.keys()].filter((name) => name !== 'input');
  const runs = new Map(names.map((name) => [name, runsOf(graph, name)]));
  const unknown = names.filter((name) => runs.get(name)?.length === 0);
  const leftOut = names.filter((name) => (runs.get(name)?.length ?? 0) > 1);
  const dumped = inOrder(graph, names).flatMap((name): Dumped[] => {
    const [id, ...others] = runs.get(name) as readonly NodeId[];
    if (id === undefined || others.length > 0) return [];
    const tensor = dump.get(name) as Tensor;
    const { shape } = graph.nodes[id] as Node;
    if (!sameShape(withoutOnes(tensor.shape), withoutOnes(shape)))
      throw new ShapeError(`${from}: tensor ${name}`, { expected: shape, found: tensor.shape });
    return [{ name, id, tensor }];
  });
  if (dumped.length > 0) return { dumped, leftOut, unknown };
  const [stranger] = unknown;
  const hint = stranger === undefined ? '' : `: ${stranger} is no module${nearest(stranger, [...(graph.modules?.keys() ?? [])])}`;
  throw new InputError(`${from}: no tensor but input has a place in ${network}${hint}`);
}

/** @throws an error of that kind for what is no tensor, or holds a value that is not finite */
export function checkFinite(what: string, tensor: Tensor, Kind: typeof InputError | typeof WeightsError): void {
  const flaw = flawOf(tensor);
  if (flaw !== undefined) throw new Kind(`${what} ${flaw}`);
  const at = tensor.data.findIndex((value: number) => !Number.isFinite(value));
  if (at !== -1) throw new Kind(`${what}: value ${at} is ${tensor.data[at]}; every one must be finite`);
}

/** PyTorch pools to [N, C, 1, 1] and computes gates there; here these are [N, C]. */
function withoutOnes(shape: Shape): Shape {
  return shape.slice(0, Math.max(2, shape.findLastIndex((extent) => extent !== 1) + 1));
}

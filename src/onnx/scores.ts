import { InputError, showShape } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { prune } from '../graph/prune.js';
import type { Node, NodeId } from '../ops/op.js';
import { sizeOf } from '../tensor.js';
import type { OnnxGraph } from './toGraph.js';

/** An ONNX network as a classifier. */
export interface ScoringGraph {
  /** Its first output is called `logits`, as of networks of the zoo; gates that were asked for stay outputs, others do not. */
  readonly graph: Graph;
  readonly classes: number;
}

/**
 * The network whose first output is a number per class. If a softmax makes it, what that is taken of is the output: a classifier takes it itself.
 *
 * @throws InputError if the output is anything else
 */
export function scoringGraph({ graph, outputName, gates }: Pick<OnnxGraph, 'graph' | 'outputName' | 'gates'>): ScoringGraph {
  const last = graph.nodes[graph.outputs.get(outputName) as NodeId] as Node;
  const scores = last.op === 'softmax' ? (graph.nodes[last.inputs[0] as NodeId] as Node) : last;
  const [N, classes = 0, ...plane] = scores.shape;
  const [image] = graph.nodes;
  if (classes < 2 || sizeOf(plane) !== 1 || N !== image?.shape[0])
    throw new InputError(
      `expected a network that classifies: a number per class, [N, C], found ${showShape(last.shape)} as ${outputName.slice(0, 80)}`,
    );
  const kept = [...graph.outputs].filter(([name]) => gates.has(name) && name !== outputName);
  return { graph: prune({ ...graph, outputs: new Map([['logits', scores.id], ...kept]) }), classes };
}

import { InputError, ShapeError } from '../errors.js';
import type { Node, NodeId, Value } from '../ops/op.js';
import { shown, sizeOf } from '../tensor.js';
import { rewrite } from './build.js';
import { checkGraph } from './check.js';
import type { Graph } from './graph.js';
import { checkKnown, type Keys } from './known.js';

export interface TrainingOptions {
  /** The weight of a minibatch in the running statistics, as PyTorch counts it. @defaultValue 0.1 */
  readonly momentum?: number;
}

const known: Keys<TrainingOptions> = { momentum: true };

/**
 * The network in training mode (Ioffe & Szegedy 2015, arXiv:1502.03167, alg. 1): each batch norm over running statistics is given the minibatch's own
 * mean and biased variance instead. What the running ones become, the variance unbiased, are further outputs, under their parameters' names.
 * Everything else, parameters included, is as it was.
 *
 * @throws PlanError for what is no graph; InputError for a graph that is in training mode already, an unknown option, or a momentum
 * that is none; ShapeError for a batch norm over one value a channel, which has no variance.
 */
export function training(graph: Graph, options: TrainingOptions = {}): Graph {
  checkGraph(graph);
  checkKnown('training', options, known);
  if (graph.nodes.some(({ op }) => op === 'movingAverage'))
    throw new InputError(
      'training takes a graph as it infers: expected no running statistics that move, found a graph in training mode already',
    );
  const { momentum = 0.1 } = options;
  if (typeof momentum !== 'number' || !(momentum >= 0 && momentum <= 1))
    throw new InputError(`momentum is a number from 0 to 1, not ${shown(momentum)}`);
  const running = new Map<string, Value>();

  const norm = (node: Node<'batchNorm'>, inputs: readonly Value[]): Value => {
    const [x, gamma, beta] = inputs as readonly [Value, Value, Value];
    const n = sizeOf(x.shape) / sizeOf(gamma.shape);
    if (n < 2) throw new ShapeError('batch norm in training needs two values a channel', { x: x.shape });
    const mean = x.graph.emit('channelMean', [x], {});
    const variance = x.graph.emit('channelVariance', [x, mean], {});
    const update = (operand: 3 | 4, batch: Value, correction: number): void => {
      const statistic = graph.nodes[node.inputs[operand] as NodeId] as Node;
      if (statistic.op !== 'param' || statistic.attrs.trainable) return;
      const operands = [inputs[operand] as Value, batch];
      running.set(statistic.attrs.name, x.graph.emit('movingAverage', operands, { momentum, correction }));
    };
    update(3, mean, 1);
    update(4, variance, n / (n - 1));
    return x.graph.emit('batchNorm', [x, gamma, beta, mean, variance], node.attrs);
  };

  return rewrite(
    graph,
    (node, inputs) => (node.op === 'batchNorm' ? norm(node, inputs) : undefined),
    () => running,
  );
}

import { InputError, PlanError, ShapeError, UnsupportedError } from '../errors.js';
import type { Node, NodeId, Use, Value } from '../ops/op.js';
import { vjps } from '../ops/vjps.js';
import { isShape, kindOf } from '../tensor.js';
import { extend } from './build.js';
import { checkGraph } from './check.js';
import type { Graph } from './graph.js';
import { prune } from './prune.js';

/**
 * The graph with its loss and the loss's gradient: further outputs are `loss`, and for each trainable parameter ∂loss/∂parameter under its name.
 *
 * Reverse accumulation (Griewank & Walther 2008, ch. 3): from the last node to the first, each op says what its inputs' cotangents are, and where
 * paths meet they are added.
 *
 * @param loss emits the loss, one number [], from the logits.
 * @throws ShapeError if the loss is not one number; PlanError for what is no graph with logits; InputError for what is no loss; UnsupportedError naming an op that has no gradient.
 */
export function grad(graph: Graph, loss: (logits: Value) => Value): Graph {
  checkGraph(graph);
  if (!graph.outputs.has('logits')) throw new PlanError('a graph without the output logits has no loss');
  if (typeof loss !== 'function') throw new InputError(`a loss is a function of the logits, not ${kindOf(loss)}`);
  const withLoss = extend(graph, (values) => {
    const value = loss(values[graph.outputs.get('logits') as NodeId] as Value);
    if (!isShape(value?.shape)) throw new InputError(`a loss returns a value of the graph, not ${kindOf(value)}`);
    if (value.shape.length > 0) throw new ShapeError('a loss is one number', { loss: value.shape });
    return [['loss', value]];
  });
  return prune(extend(withLoss, (values) => gradients(withLoss, values)));
}

/** The cotangent of each trainable parameter, by name, in the checkpoint's order; zeros where the loss does not depend on it. */
function gradients({ nodes, outputs, parameters }: Graph, values: readonly Value[]): ReadonlyMap<string, Value> {
  const loss = values[outputs.get('loss') as NodeId] as Value;
  const cotangents = new Map<NodeId, Value>([[loss.id, fill(loss, 1)]]);
  const trained = dependents(nodes);
  for (const { id, op, attrs, inputs } of nodes.toReversed()) {
    const dy = cotangents.get(id);
    if (dy === undefined || inputs.length === 0 || !trained.has(id)) continue;
    const vjp = vjps[op] as ((use: Use<typeof op>) => readonly (Value | null)[]) | undefined;
    if (vjp === undefined) throw new UnsupportedError(`${op} has no gradient (node ${id})`);
    const use = { attrs, inputs: inputs.map((input) => values[input] as Value), y: values[id] as Value, dy };
    vjp(use).forEach((dx, i) => {
      const input = inputs[i] as NodeId;
      const other = cotangents.get(input);
      if (dx !== null && trained.has(input)) cotangents.set(input, other === undefined ? dx : dx.graph.emit('add', [other, dx], {}));
    });
  }
  const trainable = parameters.map((id) => nodes[id] as Node<'param'>).filter(({ attrs }) => attrs.trainable);
  return new Map(trainable.map(({ id, attrs: { name } }) => [name, cotangents.get(id) ?? fill(values[id] as Value, 0)]));
}

const fill = (like: Value, value: number): Value => like.graph.emit('fill', [like], { value });

/** The nodes that a trainable parameter reaches, themselves included. */
function dependents(nodes: readonly Node[]): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  for (const node of nodes)
    if (node.op === 'param' ? node.attrs.trainable : node.inputs.some((input) => found.has(input))) found.add(node.id);
  return found;
}

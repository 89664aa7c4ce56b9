import { InputError } from '../../src/errors.js';
import { checkGraph } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import { shown } from '../../src/tensor.js';

/** A graph in two, for engines that run one to its end: what does not depend on an input that is made on the way, and what does. */
export interface SplitGraph {
  /** Its outputs are the graph's own that do not depend on that input, and the values that are handed on. */
  readonly before: Graph;
  /** Its inputs are what is handed on, by the names that `before` gives it, and the input itself. */
  readonly after: Graph;
}

/**
 * Values that are handed on go by their names as outputs or features, else by `value ID`.
 *
 * @param late the input's name: a detector's `regions`
 * @throws InputError for an input that there is not; PlanError and ShapeError for what is no graph
 */
export function splitGraph(graph: Graph, late: string): SplitGraph {
  checkGraph(graph);
  const made = graph.nodes.find((node) => node.op === 'input' && node.attrs.name === late);
  if (made === undefined) throw new InputError(`expected the name of an input to split the graph at, found ${shown(late)}`);
  const behind = new Set<NodeId>([made.id]);
  for (const { id, inputs } of graph.nodes) if (inputs.some((input) => behind.has(input))) behind.add(id);

  const names = new Map([...(graph.features ?? []), ...graph.outputs].map(([name, id]) => [id, name]));
  const read = new Set(graph.nodes.flatMap(({ id, inputs }) => (behind.has(id) ? inputs : [])));
  const handed = new Map(
    [...read].flatMap((id) => (behind.has(id) || graph.nodes[id]?.op === 'param' ? [] : [[id, names.get(id) ?? `value ${id}`] as const])),
  );
  const outputs = [...graph.outputs];
  const early = outputs.filter(([, id]) => !behind.has(id));
  return {
    before: partOf(graph, new Map([...early, ...[...handed].map(([id, name]) => [name, id] as const)]), new Map()),
    after: partOf(graph, new Map(outputs.filter(([, id]) => behind.has(id))), handed),
  };
}

/** What these outputs need, where some values are given as inputs. */
function partOf({ nodes, parameters }: Graph, outputs: ReadonlyMap<string, NodeId>, given: ReadonlyMap<NodeId, string>): Graph {
  const needed = new Set<NodeId>(outputs.values());
  for (const { id, inputs } of nodes.toReversed()) if (needed.has(id) && !given.has(id)) for (const input of inputs) needed.add(input);
  const kept = nodes.filter(({ id }) => needed.has(id));
  const ids = new Map(kept.map(({ id }, i) => [id, i]));
  const numbered = (id: NodeId): NodeId => ids.get(id) as NodeId;
  return {
    nodes: kept.map((node): Node => {
      const name = given.get(node.id);
      if (name === undefined) return { ...node, id: numbered(node.id), inputs: node.inputs.map(numbered) };
      return { id: numbered(node.id), op: 'input', inputs: [], attrs: { name, shape: node.shape }, shape: node.shape };
    }),
    outputs: new Map([...outputs].map(([name, id]) => [name, numbered(id)])),
    parameters: parameters.filter((id) => needed.has(id)).map(numbered),
  };
}

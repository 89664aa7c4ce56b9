import { InputError } from '../errors.js';
import type { Node, NodeId } from '../ops/op.js';
import { kindOf, shown } from '../tensor.js';
import { checkGraph } from './check.js';
import type { Graph } from './graph.js';
import { runsOf } from './modules.js';
import { prune } from './prune.js';

/**
 * The graph in which what some modules return is handed in instead of computed: an input each, of the module's name and shape. With the names of gates it is
 * the network whose gates are chosen. What only these modules needed is gone, but parameters stay, so that the same weights fit.
 *
 * @param names modules, gates, features or outputs; the outputs that are handed in are no outputs any more
 * @throws InputError for a name that the graph does not have, or that stands for more runs than one; PlanError for what is no graph
 */
export function withInputs(graph: Graph, names: readonly string[]): Graph {
  checkGraph(graph);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw new InputError(`withInputs: expected a list of names of modules, found ${kindOf(names)}`);
  const given = new Map<NodeId, string>();
  for (const name of names) {
    const runs = runsOf(graph, name);
    if (runs.length !== 1)
      throw new InputError(
        `withInputs: expected the name of a module that runs once, found ${shown(name)}, which runs ${runs.length} times`,
      );
    given.set(runs[0] as NodeId, name);
  }
  const nodes = graph.nodes.map((node): Node => {
    const name = given.get(node.id);
    return name === undefined ? node : { id: node.id, op: 'input', inputs: [], attrs: { name, shape: node.shape }, shape: node.shape };
  });
  return prune({ ...graph, nodes, outputs: new Map([...graph.outputs].filter(([, id]) => !given.has(id))) });
}

import type { Node, NodeId, OpName } from '../ops/op.js';
import { type Graph, readers } from './graph.js';

/** The modules of the published definition, by their path in it, as PyTorch's named_modules has them. */
export interface Modules {
  /** Module path → the node whose value the module returns. */
  readonly returns: ReadonlyMap<string, NodeId>;
  /** Paths of modules that run more than once in a pass, so that no one node is theirs: torchvision's one ReLU a block. */
  readonly reused: ReadonlySet<string>;
}

/** What modules without parameters are called, in any of the libraries; `#` is which of its kind it is in its container, from 1. */
const unnamed: Partial<Record<OpName, readonly string[]>> = {
  relu: ['relu', 'act', 'activ', 'relu#', 'act#'],
  maxPool2d: ['maxpool', 'pool0'],
  globalAvgPool: ['pool', 'avgpool', 'avg_pool', 'global_pool', 'global_pool.pool', 'global_pool.flatten'],
};

/**
 * Names of a graph's nodes, derived from the graph alone: layers are called as their weights are, blocks and stages are what lies below a common
 * prefix, modules without parameters go by the names that the libraries give them. Outputs (`logits`, gates that were asked for) keep theirs.
 */
export function modulesOf(graph: Graph): Modules {
  const layers = new Map<NodeId, string>();
  for (const node of graph.nodes) {
    const path = layerPath(graph, node);
    if (path !== undefined) layers.set(node.id, path);
  }
  const containers = [...new Set([...layers.values()].flatMap(prefixes))].sort((a, b) => depth(a) - depth(b));

  const returns = new Map<string, NodeId>();
  const reused = new Set<string>();
  const innermost = new Map<NodeId, string>();
  for (const container of containers) {
    const inside = membersOf(graph, layers, container);
    for (const id of inside) innermost.set(id, container);
    if (container !== '') returns.set(container, Math.max(...inside));
  }
  for (const container of containers)
    for (const [op, names] of Object.entries(unnamed)) {
      const own = graph.nodes.filter((node) => node.op === op && innermost.get(node.id) === container);
      for (const name of names)
        own.forEach(({ id }, i) => {
          const path = join(container, name.replace('#', String(i + 1)));
          if (own.length === 1 || name.endsWith('#')) returns.set(path, id);
          else reused.add(path);
        });
    }
  for (const [id, path] of layers) returns.set(path, id);
  for (const [name, id] of graph.outputs) returns.set(name, id);
  return { returns, reused };
}

/** `layer1.0.conv1` of a node that reads `layer1.0.conv1.weight`. */
function layerPath({ nodes }: Graph, { inputs }: Node): string | undefined {
  const weight = inputs[1] === undefined ? undefined : nodes[inputs[1]];
  return weight?.op === 'param' && weight.attrs.name.endsWith('.weight') ? weight.attrs.name.slice(0, -'.weight'.length) : undefined;
}

/**
 * The nodes below a container: its layers, and whatever else reads nothing but them and what the container was given. So a block ends with the
 * ReLU behind its addition, a gate with its multiplication, and a shortcut before the addition. An average belongs to the layer that reads it,
 * the stem's pool to the network: timm's `layer0` ends before it.
 */
function membersOf(graph: Graph, layers: ReadonlyMap<NodeId, string>, container: string): ReadonlySet<NodeId> {
  const below = (id: NodeId): boolean => container === '' || layers.get(id)?.startsWith(`${container}.`) === true;
  const { nodes } = graph;
  const readBy = readers(graph);
  const members = new Set<NodeId>();
  let entry: NodeId | undefined;
  for (const { id, op, inputs } of nodes) {
    if (op === 'param' || op === 'input') continue;
    const values = inputs.filter((input) => nodes[input]?.op !== 'param');
    const inside = values.some((input) => members.has(input)) && values.every((input) => members.has(input) || input === entry);
    const reader = op === 'globalAvgPool' || op === 'avgPool2d' ? readBy[id]?.find((node) => layers.has(node)) : undefined;
    const belongs = layers.has(id) ? below(id) : reader !== undefined ? below(reader) : inside && op !== 'maxPool2d';
    if (!belongs && container !== '') continue;
    entry ??= values[0];
    members.add(id);
  }
  return members;
}

/** `''`, `layer1` and `layer1.0` of `layer1.0.conv1`. */
function prefixes(path: string): readonly string[] {
  const parts = path.split('.');
  return parts.map((_, i) => parts.slice(0, i).join('.'));
}

const depth = (path: string): number => (path === '' ? 0 : path.split('.').length);
const join = (container: string, name: string): string => (container === '' ? name : `${container}.${name}`);

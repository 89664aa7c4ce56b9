import type { Node, NodeId } from '../ops/op.js';
import { checkGraph } from './check.js';
import type { Graph } from './graph.js';

/** An SE block's excitation (Hu 2018, eq. 3), as nodes: s = σ(W₂ δ(W₁ z + b₁) + b₂). */
export interface Excitation {
  /** The gate's name, as an output has it. */
  readonly name: string;
  /** z, [N, C]: a number per channel. */
  readonly squeezed: NodeId;
  /** δ(W₁ z + b₁), [N, C/r]: the hidden units. */
  readonly hidden: NodeId;
  /** s, [N, C]. */
  readonly gate: NodeId;
  /** Names of W₁ and b₁, of W₂ and b₂. A bias may be absent. */
  readonly reduce: LayerNames;
  readonly expand: LayerNames;
  /** σ, as an op: `sigmoid` or `hardSigmoid` in published networks. */
  readonly activation: Node['op'];
}

/** The names of a linear layer's parameters. */
export interface LayerNames {
  readonly weight: string;
  readonly bias: string | undefined;
  /** Of weights that are integers: a number per output, by which they are multiplied. */
  readonly scales?: string;
}

/**
 * The excitations of a graph whose gates are outputs (`gates: true`), in their order; of a quantised one too, where they stay floats. One that does not squeeze is
 * left out: its gate is a plane.
 */
export function excitations(graph: Graph): readonly Excitation[] {
  checkGraph(graph);
  const before = (found: Node | undefined): Node | undefined => graph.nodes[found?.inputs[0] as NodeId];
  const scaling = graph.nodes.filter(({ op }) => op === 'scale' || op === 'quantisedScale');
  const gates = new Set(scaling.map(({ inputs }) => inputs[1] as NodeId));
  return [...graph.outputs].flatMap(([name, gate]) => {
    if (!gates.has(gate)) return [];
    const { op: activation } = graph.nodes[gate] as Node;
    const last = before(graph.nodes[gate]);
    const hidden = before(last);
    const first = before(hidden);
    const [reduce, expand] = [namesOf(first), namesOf(last)];
    if (reduce === undefined || expand === undefined) return [];
    const squeezed = (first as Node).inputs[0] as NodeId;
    return [{ name, squeezed, hidden: (hidden as Node).id, gate, reduce, expand, activation }];
  });

  function namesOf(layer: Node | undefined): LayerNames | undefined {
    if (layer?.op !== 'linear' && layer?.op !== 'scaledLinear') return undefined;
    const [, weight, third, fourth] = layer.inputs.map(parameter);
    const isFloat = layer.op === 'linear';
    return { weight: weight as string, bias: isFloat ? third : fourth, ...(!isFloat && { scales: third as string }) };
  }

  function parameter(id: NodeId): string | undefined {
    return (graph.nodes[id] as Node<'param'>).attrs.name;
  }
}

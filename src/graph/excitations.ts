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
}

/** The excitations of a graph whose gates are outputs (`gates: true`), in their order. One that does not squeeze is left out: its gate is a plane. */
export function excitations(graph: Graph): readonly Excitation[] {
  checkGraph(graph);
  const node = (id: NodeId | undefined): Node => graph.nodes[id as NodeId] as Node;
  const scales = new Set(graph.nodes.flatMap(({ op, inputs }) => (op === 'scale' ? [inputs[1] as NodeId] : [])));
  return [...graph.outputs].flatMap(([name, gate]) => {
    if (!scales.has(gate)) return [];
    const expand = node(node(gate).inputs[0]);
    const hidden = node(expand.inputs[0]);
    const reduce = node(hidden.inputs[0]);
    if (expand.op !== 'linear' || reduce.op !== 'linear') return [];
    const named = ({ inputs }: Node): LayerNames => ({ weight: parameter(inputs[1]) as string, bias: parameter(inputs[2]) });
    const squeezed = reduce.inputs[0] as NodeId;
    return [{ name, squeezed, hidden: hidden.id, gate, reduce: named(reduce), expand: named(expand), activation: node(gate).op }];
  });

  function parameter(id: NodeId | undefined): string | undefined {
    return id === undefined ? undefined : (node(id) as Node<'param'>).attrs.name;
  }
}

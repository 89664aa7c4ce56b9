import { ops } from '../ops/index.js';
import type { Node } from '../ops/op.js';
import { type Shape, sizeOf } from '../tensor.js';
import { checkGraph } from './check.js';
import type { Graph } from './graph.js';

export interface Count {
  /** Learned numbers: weights, biases, batch norm's γ and β; no running statistics. */
  readonly params: number;
  /** Multiply-adds of convolutions and linear layers, for the graph's whole batch. */
  readonly macs: number;
}

/** Parameters and multiply-adds, as docs/spec/zoo.md §1.2 counts them. */
export function count(graph: Graph): Count {
  checkGraph(graph);
  let params = 0;
  let macs = 0;
  for (const node of graph.nodes) {
    if (node.op === 'param' && node.attrs.trainable) params += sizeOf(node.shape);
    macs += macsOf(graph, node);
  }
  return { params, macs };
}

/** The multiply-adds of one node. */
export function macsOf(graph: Graph, node: Node): number {
  const { macs } = ops[node.op] as { macs(inputs: readonly Shape[], output: Shape, attrs: unknown): number };
  return macs(
    node.inputs.map((id) => (graph.nodes[id] as Node).shape),
    node.shape,
    node.attrs,
  );
}

/** Every tensor of the checkpoint, running statistics included, in its published order. */
export function parameters(graph: Graph): readonly { readonly name: string; readonly shape: Shape }[] {
  checkGraph(graph);
  return graph.parameters.map((id) => {
    const { attrs } = graph.nodes[id] as Node<'param'>;
    return { name: attrs.name, shape: attrs.shape };
  });
}

import { type Inputs, inputOf, parameterOf } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import type { Tensor } from '../../src/tensor.js';

/** A graph and its values as plain data, which both a page and a child process can be handed: no maps, no errors. */
export interface GpuCase {
  readonly nodes: readonly Node[];
  readonly outputs: readonly (readonly [string, NodeId])[];
  readonly parameters: readonly NodeId[];
  readonly weights: readonly (readonly [string, Tensor])[];
  readonly inputs: Inputs;
}

/** `unsupported`: the back end lacks an op; `failed`: the device or its driver did. */
export type GpuReply =
  | { readonly outputs: readonly (readonly [string, Tensor])[] }
  | { readonly unsupported: string }
  | { readonly failed: string };

/** Only the weights and inputs that the graph reads. @throws WeightsError for a missing tensor, ShapeError for a misshapen input */
export function caseOf(graph: Graph, weights: ReadonlyMap<string, Tensor>, inputs: Inputs): GpuCase {
  const read: [string, Tensor][] = [];
  const given: Record<string, Tensor> = {};
  for (const { op, attrs } of graph.nodes) {
    if (op === 'param') read.push([attrs.name, parameterOf(weights, attrs.name, attrs.shape)]);
    if (op === 'input') given[attrs.name] = inputOf(inputs[attrs.name], attrs.name, attrs.shape);
  }
  return { nodes: graph.nodes, outputs: [...graph.outputs], parameters: graph.parameters, weights: read, inputs: given };
}

export const graphOf = ({ nodes, outputs, parameters }: GpuCase): Graph => ({ nodes, outputs: new Map(outputs), parameters });

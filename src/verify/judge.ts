import { count } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { createModel } from '../models/index.js';
import { largestDifference, relativeError } from '../stats/error.js';
import type { Tensor } from '../tensor.js';
import type { Vector } from './vector.js';

/** How a network's outputs compare with a conformance vector. */
export interface Judged {
  readonly model: string;
  readonly parameters: number;
  /** max |a − b| / max |b| over the logits; null if a value is missing or NaN. */
  readonly relativeError: number | null;
  /** max |a − b| of each gate that the vector lists; null where a value is missing or NaN. */
  readonly gates: Readonly<Record<string, number | null>>;
  readonly pass: boolean;
}

/** The network of a vector, with the gates that it lists as outputs. */
export const vectorGraph = ({ id, classes, input: [batch, , height, width], gates }: Vector): Graph =>
  createModel(id, { classes, batch, size: [height, width], gates: [...gates.keys()] });

/** @param limit of the logits' relative error and of each gate's difference: `conformanceLimits` */
export function judge(vector: Vector, graph: Graph, outputs: ReadonlyMap<string, Tensor>, limit: number): Judged {
  const error = finite(relativeError(outputs.get('logits')?.data ?? [], vector.logits));
  const gates = Object.fromEntries(
    [...vector.gates].map(([name, expected]) => [name, finite(largestDifference(outputs.get(name)?.data ?? [], expected))]),
  );
  const within = (difference: number | null): boolean => difference !== null && difference <= limit;
  const parameters = count(graph).params;
  const pass = parameters === vector.parameters && within(error) && Object.values(gates).every(within);
  return { model: vector.id, parameters, relativeError: error, gates, pass };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

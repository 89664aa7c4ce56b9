import { excitations } from '../graph/excitations.js';
import type { Graph } from '../graph/graph.js';
import type { Tensor } from '../tensor.js';

/** What an excitation was made from (Hu 2018, eq. 2 and 3). */
export interface Excited {
  /** A number per channel: its mean over the plane. */
  readonly squeezed: Float32Array;
  /** A number per hidden unit. */
  readonly hidden: Float32Array;
}

/** What a session says of an image, each part in its place. */
export interface Outputs {
  readonly logits: Float32Array;
  readonly gates: ReadonlyMap<string, Float32Array>;
  readonly excitations: ReadonlyMap<string, Excited>;
}

/** Outputs that are no gates: what a gate is made from, by its name. */
const parts = ['squeezed', 'hidden'] as const;
const outputOf = (gate: string, part: (typeof parts)[number]): string => `${gate} ${part}`;

/** The graph with what its gates are made from as outputs too. */
export function withExcitations(graph: Graph): Graph {
  const more = excitations(graph).flatMap((excitation) =>
    parts.map((part) => [outputOf(excitation.name, part), excitation[part]] as const),
  );
  return { ...graph, outputs: new Map([...graph.outputs, ...more]) };
}

/** A session's outputs by what they are: logits, gates, and what gates are made from. */
export function separated(outputs: ReadonlyMap<string, Tensor>): Outputs {
  const values = new Map([...outputs].map(([name, { data }]) => [name, data as Float32Array]));
  const excited = new Map<string, Excited>();
  for (const name of [...values.keys()]) {
    const [squeezed, hidden] = parts.map((part) => values.get(outputOf(name, part)));
    if (squeezed === undefined || hidden === undefined) continue;
    excited.set(name, { squeezed, hidden });
    for (const part of parts) values.delete(outputOf(name, part));
  }
  const logits = values.get('logits') as Float32Array;
  values.delete('logits');
  return { logits, gates: values, excitations: excited };
}

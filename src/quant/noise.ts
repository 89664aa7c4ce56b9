import type { Graph } from '../graph/graph.js';
import { prune } from '../graph/prune.js';
import type { NodeId } from '../ops/op.js';
import type { Tensor } from '../tensor.js';
import { type GraphRunner, namesOf } from './calibrate.js';
import { quantisedWith } from './graph.js';
import type { Lookup } from './recipe.js';
import { quantisedWeights } from './weights.js';

/** How near a quantised network is to the float one, in decibels: 10 · log₁₀(Σ x² / Σ (x − x̂)²) over all numbers and pictures. */
export interface Noise {
  /** By the names of its layers, in order. */
  readonly layers: ReadonlyMap<string, number>;
  readonly logits: number;
  /** Of the pictures, the share whose likeliest class is the same. */
  readonly agreement: number;
}

/**
 * Runs both networks on pictures.
 *
 * @param apart each layer is given the float network's values, so that the noise is its own; else noise adds up
 */
export async function noiseOf(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  lookup: Lookup,
  float: ReadonlySet<string>,
  images: AsyncIterable<Tensor>,
  runner: GraphRunner,
  apart = false,
): Promise<Noise> {
  const names = namesOf(graph);
  const [logits] = [...graph.outputs.values()];
  const { layers } = quantisedWith(graph, lookup, float);
  const watched = new Map<string, NodeId>([...layers.map(({ id }) => [`${id}`, id] as const), [`${logits}`, logits as NodeId]]);
  const seen = prune({ ...graph, outputs: watched });
  const quantised = quantisedWith({ ...graph, outputs: watched }, lookup, float, apart);
  const [one, other] = [await runner(seen, weights), await runner(quantised.graph, quantisedWeights(graph, quantised, weights, apart))];
  const sums = new Map([...watched.keys()].map((id) => [id, { signal: 0, noise: 0 }]));
  let [same, count] = [0, 0];
  try {
    for await (const image of images) {
      const [expected, found] = [await one.run(image), await other.run(image)];
      for (const [id, sum] of sums) {
        const [x, y] = [(expected.get(id) as Tensor).data, (found.get(id) as Tensor).data];
        for (let i = 0; i < x.length; i++) {
          sum.signal += (x[i] as number) ** 2;
          sum.noise += ((x[i] as number) - (y[i] as number)) ** 2;
        }
      }
      const likeliest = (outputs: ReadonlyMap<string, Tensor>): number => {
        const { data } = outputs.get(`${logits}`) as Tensor;
        return data.indexOf(Math.max(...data));
      };
      same += Number(likeliest(expected) === likeliest(found));
      count++;
    }
  } finally {
    one.dispose();
    other.dispose();
  }
  const decibels = ({ signal, noise }: { readonly signal: number; readonly noise: number }): number =>
    noise === 0 ? Infinity : 10 * Math.log10(signal / noise); // a value may be 0 all the time
  return {
    layers: new Map(layers.map(({ id }) => [names[id] as string, decibels(sums.get(`${id}`) as { signal: number; noise: number })])),
    logits: decibels(sums.get(`${logits}`) as { signal: number; noise: number }),
    agreement: same / Math.max(count, 1),
  };
}

import { checkSegments } from '../../src/bound/segments.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import { type Tensor, widen } from '../../src/tensor.js';
import type { Engine, Provenance } from '../crosscheck/engine.js';
import { withPoints } from './points.js';

/** How an engine's error grows along a network. */
export interface Growth extends Provenance {
  readonly seeds: number;
  /** At each point the median over the seeds of max |a − b| / max |b|, b the float64 truth from the image on. */
  readonly errors: readonly number[];
  /** Of the logits, seed by seed. */
  readonly logits: readonly number[];
  /** Each value against its derived bound, recomputed from the engine's own values before it; on the first seed. */
  readonly local: {
    readonly largestRatio: number;
    readonly at: string;
    /** The first value beyond its bound: where the engine goes wrong, if it does. */
    readonly firstBeyond: string | null;
  };
}

export interface NetworkGrowth {
  readonly model: string;
  readonly size: number;
  /** Names of the values that are compared, by depth. */
  readonly points: readonly string[];
  readonly engines: readonly Growth[];
}

export interface GrowthOptions {
  readonly size: number;
  readonly seeds: number;
  /** Of an engine with an adapter, which may be a slow one in software. */
  readonly gpuSeeds: number;
  readonly progress: (text: string) => void;
}

/** Runs a network on every engine, for each seed the same weights and image, and holds each value to the truth. */
export async function growthOf(
  model: string,
  engines: readonly Engine[],
  { size, seeds, gpuSeeds, progress }: GrowthOptions,
): Promise<NetworkGrowth> {
  const graph = withPoints(createModel(model, { size, gates: true }));
  const points = [...graph.outputs].sort(([, a], [, b]) => a - b).map(([name]) => name);
  const runs = engines.map(() => [] as (readonly number[])[]);
  const locals: Growth['local'][] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    progress(`${model}: seed ${seed} of ${seeds}`);
    const weights = syntheticWeights(graph, { seed, gain: 1 });
    const input = syntheticTensor('input', (graph.nodes[0] as Node).shape, seed);
    const exact = new Map([...weights].map(([name, x]) => [name, widen(x)]));
    const truth = evaluate(graph, reference(exact, { input: widen(input) }));
    for (const [i, engine] of engines.entries()) {
      if (engine.adapter !== undefined && seed > gpuSeeds) continue;
      const outputs = await engine.run(graph, weights, { input });
      runs[i]?.push(points.map((name) => relativeError(outputs.get(name) as Tensor, truth.get(name) as Tensor)));
      if (seed === 1) locals.push(localOf(graph, weights, input, outputs));
    }
  }
  return {
    model,
    size,
    points,
    engines: engines.map(({ engine, version, runtime, adapter }, i): Growth => {
      const own = runs[i] as readonly (readonly number[])[];
      return {
        engine,
        version,
        runtime,
        ...(adapter !== undefined && { adapter }),
        seeds: own.length,
        errors: points.map((_, at) => median(own.map((run) => run[at] as number))),
        logits: own.map((run) => run[points.indexOf('logits')] as number),
        local: locals[i] as Growth['local'],
      };
    }),
  };
}

function localOf(graph: Graph, weights: ReadonlyMap<string, Tensor>, input: Tensor, outputs: ReadonlyMap<string, Tensor>) {
  const dumped = [...outputs].map(([name, tensor]) => ({ name, id: graph.outputs.get(name) as NodeId, tensor }));
  const checked = checkSegments(graph, weights, input, dumped);
  const worst = checked.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return { largestRatio: worst.ratio, at: worst.name, firstBeyond: checked.find(({ ratio }) => ratio > 1)?.name ?? null };
}

function relativeError({ data }: Tensor, truth: Tensor): number {
  let error = 0;
  let largest = 0;
  truth.data.forEach((y, i) => {
    error = Math.max(error, Math.abs((data[i] as number) - y));
    largest = Math.max(largest, Math.abs(y));
  });
  return error / largest;
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const middle = (ascending.length - 1) / 2;
  return ((ascending[Math.floor(middle)] as number) + (ascending[Math.ceil(middle)] as number)) / 2;
}

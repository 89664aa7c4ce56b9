import { InputError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { prune } from '../graph/prune.js';
import type { Node, NodeId, PointwiseOp } from '../ops/op.js';
import type { Quantisation } from '../ops/quantised/quantisation.js';
import { valuesOf } from '../ops/quantised/quantisedPointwise.js';
import type { Tensor } from '../tensor.js';
import { chainsOf } from './chains.js';
import { quantisedWith } from './graph.js';
import { Histogram } from './histogram.js';
import { importanceOf } from './importance.js';
import { keysOf, type Lookup, type QuantisedRecipe, quantisationFor } from './recipe.js';

/**
 * How ranges are chosen: the ends that were seen; without a ten-thousandth of the numbers at either end; or those with the least mean square of errors, where
 * each channel counts as much as it matters (`importanceOf`).
 */
export type RangeMethod = 'min-max' | 'percentile' | 'mean-square';
export const rangeMethods: readonly RangeMethod[] = ['min-max', 'percentile', 'mean-square'];

/** Runs a graph on images: the reference, or an engine. */
export type GraphRunner = (
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
) => Promise<{ run(image: Tensor): ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>; dispose(): void }>;

/** What is known of each value of a network that may be quantised. */
export interface Observed {
  readonly histograms: ReadonlyMap<NodeId, Histogram>;
  /** The function behind a value that nothing else reads. */
  readonly functions: ReadonlyMap<NodeId, PointwiseOp>;
  /** The values that were 0 all the time, by the names of their layers. */
  readonly zero: readonly string[];
  /** Pictures of one colour, each. */
  readonly plain: number;
}

/** The values that a quantised network of any of its layers may ask for. */
function watched(graph: Graph): ReadonlySet<NodeId> {
  const asked = new Set<NodeId>();
  const any: Quantisation = quantisationFor(0, 1, false);
  quantisedWith(
    graph,
    (id, wide) => {
      asked.add(id);
      return wide ? quantisationFor(0, 1, true) : any;
    },
    new Set(),
  );
  // what follows a layer that stays a float is quantised elsewhere
  const { inner } = chainsOf(graph);
  for (const { id, op, shape } of graph.nodes) if (op !== 'param' && shape.length === 4 && !inner.has(id)) asked.add(id);
  return asked;
}

/**
 * What numbers the values of a float network take on pictures.
 *
 * @param images each a picture as the network sees it
 * @throws InputError for a value that is not finite, by the name of its layer; if there are no images, or all are of one colour
 */
export async function observe(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  images: AsyncIterable<Tensor>,
  runner: GraphRunner,
): Promise<Observed> {
  const ids = [...watched(graph)];
  const histograms = new Map(ids.map((id) => [id, new Histogram()]));
  const names = namesOf(graph);
  const importance = importanceOf(graph, weights);
  const session = await runner(prune({ ...graph, outputs: new Map(ids.map((id) => [`${id}`, id])) }), weights);
  let [count, plain] = [0, 0];
  try {
    for await (const image of images) {
      count++;
      plain += Number(isPlain(image));
      for (const [id, { data }] of await session.run(image))
        histograms.get(Number(id))?.add(names[Number(id)] as string, data, importance(Number(id)));
    }
  } finally {
    session.dispose();
  }
  if (count === 0) throw new InputError('calibration: there are no pictures to choose ranges by');
  if (plain === count) throw new InputError('calibration: every picture is of one colour: ranges cannot be chosen by them');
  const { chains } = chainsOf(graph);
  const functions = [...chains.values()].flatMap(({ anchor, norm, after }) =>
    after && anchor.op === 'conv2d' ? [[(norm ?? anchor).id, after.op] as const] : [],
  );
  const zero = [...histograms].flatMap(([id, { low, high }]) => (low === 0 && high === 0 ? [names[id] as string] : []));
  return { histograms, functions: new Map(functions), zero, plain };
}

function isPlain({ shape, data }: Tensor): boolean {
  const plane = data.length / (shape[1] as number);
  return data.every((value, i) => value === data[Math.floor(i / plane) * plane]);
}

/** What each value is called for people: by the layer that gives it, else by its op. */
export function namesOf(graph: Graph): readonly string[] {
  const keys = keysOf(graph);
  const names = [...keys];
  for (const node of graph.nodes) {
    const layer = layerOf(graph, node);
    if (layer !== undefined) names[node.id] = layer;
  }
  for (const { anchor, last } of chainsOf(graph).chains.values()) names[last.id] = names[anchor.id] as string;
  return names;
}

/** The name of a layer's weights without `.weight`. */
export function layerOf({ nodes }: Graph, { op, inputs }: Node): string | undefined {
  if (op !== 'conv2d' && op !== 'linear') return undefined;
  const weight = nodes[inputs[1] as NodeId];
  return weight?.op === 'param' ? weight.attrs.name.replace(/\.weight$/, '') : undefined;
}

/** Of the numbers, a share that may lie outside the range at either end. */
const outside = 1e-4;

/** What each value's integers are to stand for, by what was observed. @throws InputError for a value that was not */
export function lookupOf({ histograms, functions }: Observed, method: RangeMethod): Lookup {
  const known = new Map<string, Quantisation>();
  return (id, wide) => {
    const key = `${id} ${wide}`;
    const found = known.get(key) ?? chosen(id, wide);
    known.set(key, found);
    return found;
  };
  function chosen(id: NodeId, wide: boolean): Quantisation {
    const histogram = histograms.get(id);
    if (histogram === undefined || histogram.count === 0) throw new InputError(`value ${id} was not observed on any picture`);
    const of = wide ? functions.get(id) : undefined;
    const [low, high] =
      method === 'min-max'
        ? [histogram.low, histogram.high]
        : method === 'percentile'
          ? histogram.percentile(outside)
          : histogram.leastSquares(wide, of && ((x) => valuesOf(of, x)));
    return quantisationFor(low, high, wide);
  }
}

/** The recipe of what a quantised network asks of a lookup. */
export function recipeOf(graph: Graph, lookup: Lookup, float: ReadonlySet<string>): QuantisedRecipe {
  const keys = keysOf(graph);
  const values: Record<string, readonly [number, number, number, number]> = {};
  quantisedWith(
    graph,
    (id, wide) => {
      const found = lookup(id, wide);
      values[keys[id] as string] = [found.scale, found.zeroPoint, ...found.range];
      return found;
    },
    float,
  );
  return { values, float: [...float] };
}

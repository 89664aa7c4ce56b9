import type { Graph } from '../graph/graph.js';
import type { Node, NodeId } from '../ops/op.js';
import { sizeOf } from '../tensor.js';
import { type Cost, type Costs, costs } from './costs.js';
import { panelsSize } from './pack.js';
import type { Algorithms, Tile } from './plan.js';

/** m of the F(m×m, 3×3) by which a convolution is computed. */
export type Filtering = ReadonlyMap<NodeId, 2 | 4>;

/** A way to compute a convolution: how long it takes by the table of costs, and how many floats its packed weights have. */
interface Option {
  readonly m: 2 | 4 | undefined;
  readonly ms: number;
  readonly floats: number;
}

/**
 * Which 3×3 convolutions of stride 1 go by Winograd's filtering, and by which: the fastest for each by the table of costs measured with the tile. A transformed filter
 * has 36 or 16 values where it had 9, so where all weights together would grow beyond twice the checkpoint, those give way first
 * that lose the least time for the memory.
 */
export function chooseAlgorithms(graph: Graph, algorithms: Algorithms, tile: Tile): Filtering {
  if (algorithms === 'direct') return new Map();
  const convolutions = graph.nodes.filter((node): node is Node<'conv2d'> => node.op === 'conv2d' && suits(graph, node));
  if (algorithms !== 'fast') return new Map(convolutions.map(({ id }) => [id, algorithms === 'winograd2' ? 2 : 4]));

  const table = tableOf(tile);
  const options = new Map(convolutions.map((node) => [node.id, optionsOf(graph, node, table)]));
  const chosen = new Map([...options].map(([id, [fastest]]) => [id, fastest as Option]));
  const checkpoint = graph.parameters.reduce((sum, id) => sum + sizeOf((graph.nodes[id] as Node).shape), 0);
  const direct = (id: NodeId): Option => options.get(id)?.find(({ m }) => m === undefined) as Option;
  const grown = (): number => [...chosen].reduce((sum, [id, { floats }]) => sum + floats - direct(id).floats, 0);
  while (grown() > checkpoint) {
    const steps = [...chosen].flatMap(([id, now]) =>
      (options.get(id) as Option[])
        .filter(({ floats }) => floats < now.floats)
        .map((next) => ({ id, next, price: (next.ms - now.ms) / (now.floats - next.floats) })),
    );
    const cheapest = steps.reduce((a, b) => (b.price < a.price ? b : a));
    chosen.set(cheapest.id, cheapest.next);
  }
  return new Map([...chosen].flatMap(([id, { m }]) => (m === undefined ? [] : [[id, m] as const])));
}

/** 3×3, stride 1, undilated, of all channels. */
function suits(graph: Graph, { inputs: [, w], attrs: { stride, dilation, groups } }: Node<'conv2d'>): boolean {
  const [, , P, Q] = (graph.nodes[w as NodeId] as Node).shape;
  return P === 3 && Q === 3 && Math.max(...stride, ...dilation, groups) === 1;
}

/** Fastest first. */
function optionsOf(graph: Graph, { inputs: [, w], shape }: Node<'conv2d'>, table: readonly Cost[]): readonly Option[] {
  const [outputs, inputs] = (graph.nodes[w as NodeId] as Node).shape as readonly [number, number];
  const [batch, , height, width] = shape as readonly [number, number, number, number];
  const { direct, winograd2, winograd4 } = nearestCost(table, inputs, outputs, batch * height * width);
  const options: readonly Option[] = [
    { m: undefined, ms: direct, floats: panelsSize(outputs, 9 * inputs) },
    { m: 2, ms: winograd2, floats: 16 * panelsSize(outputs, inputs) },
    { m: 4, ms: winograd4, floats: 36 * panelsSize(outputs, inputs) },
  ];
  return [...options].sort((a, b) => a.ms - b.ms);
}

/** The measured shape next to this one, by the ratios of weights and of pixels. */
function nearestCost(table: readonly Cost[], inputs: number, outputs: number, pixels: number): Cost {
  const distance = (cost: Cost): number =>
    Math.hypot(Math.log((cost.inputs * cost.outputs) / (inputs * outputs)) / 2, Math.log((cost.batch * cost.height * cost.width) / pixels));
  return table.reduce((best, cost) => (distance(cost) < distance(best) ? cost : best));
}

/** Of the measured tile next to this one: of its width if there is one, then of its height. */
function tableOf({ rows, columns }: Tile): readonly Cost[] {
  const distance = ({ tile }: Costs): number => Math.abs(tile.columns - columns) + Math.abs(tile.rows - rows);
  return costs.reduce((best, table) => (distance(table) < distance(best) ? table : best)).rows;
}

import type { Graph } from '../graph/graph.js';
import type { Node, NodeId } from '../ops/op.js';
import { dims4, sizeOf } from '../tensor.js';
import { type Cost, type Costs, costs } from './costs.js';
import { panelsSize } from './pack.js';
import type { Algorithms, Tile } from './plan.js';

/** m of the F(m×m, 3×3) by which a convolution is computed. */
export type FilteringTiles = ReadonlyMap<NodeId, 2 | 4>;

/** A way to compute a convolution: how long it takes by the table of costs, and how many floats its packed weights have. */
interface Option {
  readonly m: 2 | 4 | undefined;
  readonly ms: number;
  readonly floats: number;
}

/**
 * Which 3×3 convolutions of stride 1, and gradients of their inputs, go by Winograd's filtering, and by which: the fastest for each by the table of costs
 * measured with the tile. A transformed filter has 36 or 16 values where it had 9, so where all weights together would grow beyond twice the checkpoint, those
 * give way first that lose the least time for the memory.
 *
 * @param resident weights may change: filters are transformed in every run, into memory that they hold no longer than their layer, and the tile has no say
 */
export function chooseAlgorithms(graph: Graph, algorithms: Algorithms, tile: Tile, resident = false): FilteringTiles {
  if (algorithms === 'direct') return new Map();
  const convolutions = graph.nodes.filter((node): node is Convolution => isConvolution(node) && suits(graph, node));
  if (algorithms !== 'fast') return new Map(convolutions.map(({ id }) => [id, algorithms === 'winograd2' ? 2 : 4]));

  const table = tableOf(resident ? ofTraining : tile);
  const options = new Map(convolutions.map((node) => [node.id, optionsOf(graph, node, table, resident)]));
  const chosen = new Map([...options].map(([id, [fastest]]) => [id, fastest as Option]));
  const checkpoint = graph.parameters.reduce((sum, id) => sum + sizeOf((graph.nodes[id] as Node).shape), 0);
  const direct = (id: NodeId): Option => options.get(id)?.find(({ m }) => m === undefined) as Option;
  const grown = (): number => [...chosen].reduce((sum, [id, { floats }]) => sum + floats - direct(id).floats, 0);
  while (!resident && grown() > checkpoint) {
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

type Convolution = Node<'conv2d' | 'conv2dGradInput'>;

const isConvolution = (node: Node): node is Convolution => node.op === 'conv2d' || node.op === 'conv2dGradInput';

/** [outputs, channels, rows, columns] of its filters. */
const filtersOf = (graph: Graph, { op, inputs }: Convolution): readonly [number, number, number, number] =>
  dims4((graph.nodes[inputs[op === 'conv2d' ? 1 : 0] as NodeId] as Node).shape);

/** 3×3, stride 1, undilated, of all channels. */
function suits(graph: Graph, node: Convolution): boolean {
  const { stride, dilation, groups } = node.attrs;
  const [, , P, Q] = filtersOf(graph, node);
  return P === 3 && Q === 3 && Math.max(...stride, ...dilation, groups) === 1;
}

/** What the transform of a filter takes as long as, in multiply-adds of a direct convolution, roughly: it has a say where pixels are few. */
const transformMacs = 1500;

/** Fastest first. */
function optionsOf(graph: Graph, node: Convolution, table: readonly Cost[], resident: boolean): readonly Option[] {
  const [outputs, inputs] = filtersOf(graph, node);
  const [batch, , height, width] = dims4(node.shape);
  const pixels = batch * height * width;
  const { direct, winograd2, winograd4 } = nearestCost(table, inputs, outputs, pixels);
  const transform = resident ? (direct * transformMacs) / (9 * pixels) : 0;
  const options: readonly Option[] = [
    { m: undefined, ms: direct, floats: panelsSize(outputs, 9 * inputs) },
    { m: 2, ms: winograd2 + transform, floats: 16 * panelsSize(outputs, inputs) },
    { m: 4, ms: winograd4 + transform, floats: 36 * panelsSize(outputs, inputs) },
  ];
  return [...options].sort((a, b) => a.ms - b.ms);
}

/** The measured shape next to this one, by the ratios of weights and of pixels. */
function nearestCost(table: readonly Cost[], inputs: number, outputs: number, pixels: number): Cost {
  const distance = (cost: Cost): number =>
    Math.hypot(Math.log((cost.inputs * cost.outputs) / (inputs * outputs)) / 2, Math.log((cost.batch * cost.height * cost.width) / pixels));
  return table.reduce((best, cost) => (distance(cost) < distance(best) ? cost : best));
}

/** One for all, so that a run of training that goes on with another tile goes on to the same bits. */
const ofTraining: Tile = { rows: 6, columns: 16 };

/** Of the measured tile next to this one: of its width if there is one, then of its height. */
function tableOf({ rows, columns }: Tile): readonly Cost[] {
  const distance = ({ tile }: Costs): number => Math.abs(tile.columns - columns) + Math.abs(tile.rows - rows);
  return costs.reduce((best, table) => (distance(table) < distance(best) ? table : best)).rows;
}

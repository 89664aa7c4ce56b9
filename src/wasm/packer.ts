import { turnEvery } from '../io/turn.js';
import { fold, isFurther, pack, packingSize, panelAt, panelsSize, parametersOf } from '../plan/pack.js';
import type { Packing, PanelPacking, WinogradPacking } from '../plan/packing.js';
import type { Plan } from '../plan/plan.js';
import type { Tensor } from '../tensor.js';
import { type PackingPlace, packingStintMs } from './packing.js';
import { readerOf } from './reader.js';
import { checkFinite, type Weights } from './weights.js';

/**
 * Fills a plan's constant memory. src/plan/pack.ts says what with; kernels do the same for what makes up the most of it, a panel at a time: its outputs'
 * weights are copied to scratch memory, which a cache holds, and written to their places from there.
 */

/** Scratch memory: sums that are 0 if all weights are finite; factors of at most 16 outputs; their weights. */
const factorsAt = 16;
const weightsAt = factorsAt + 16 * 8;

/** The largest panel's weights, and the factors of its outputs. */
export function scratchBytes({ weights }: Plan): number {
  return [...weights.values()].reduce((most, packing) => {
    if (packing.kind === 'panels' && isPlain(packing)) return Math.max(most, weightsAt + packing.spans.columns * depthOf(packing) * 4);
    return packing.kind === 'winograd' ? Math.max(most, weightsAt + packing.columns * packing.inputs * 36) : most;
  }, 0);
}

/** Packs tensor by tensor. @throws WeightsError for values that are not finite in float32, and as `Reader.take` */
export async function packAll(plan: Pick<Plan, 'weights'>, weights: Weights, place: PackingPlace): Promise<void> {
  const reader = readerOf(plan, weights);
  const breathe = turnEvery(packingStintMs);
  for (const [name, packing] of plan.weights) {
    const tensors = await reader.take(parametersOf(packing));
    const at = place.addresses.get(name) as number;
    const fast = isFast(packing, tensors);
    if (isFurther(packing)) {
      const { packFurther } = await import('./further.js');
      packFurther(packing, tensors, new DataView(place.memory.buffer, at, packing.size * 4));
      await breathe();
      continue;
    }
    for (const [parameter, values] of tensors)
      if (!fast || parameter !== packing.weight) checkFinite(parameter, values, packing.kind === 'laidOut');
    if (!fast) {
      const block = [place.memory.buffer, at, packingSize(packing)] as const;
      pack(packing, tensors, { f32: new Float32Array(...block), i32: new Int32Array(...block) });
    } else if (packing.kind === 'panels') await packPanels(packing, tensors, at, place, breathe);
    else await packFilters(packing, tensors, at, place, breathe);
    await breathe();
  }
}

/** Whether there is a kernel for it. */
const isFast = (packing: Packing, tensors: ReadonlyMap<string, Tensor>): packing is PanelPacking | WinogradPacking =>
  ((packing.kind === 'panels' && isPlain(packing)) || packing.kind === 'winograd') &&
  tensors.get(packing.weight)?.data instanceof Float32Array;

/** Whether each panel's columns read all channels of one group. What does not is narrow, and soon packed. */
const isPlain = ({ spans, filter: [channels], transposed }: PanelPacking): boolean =>
  spans.kind === 'dense' && spans.length === channels && !transposed;

/** Weights of one output. */
const depthOf = ({ filter: [channels, P, Q], taps }: PanelPacking): number => channels * (taps?.length ?? P * Q);

async function packPanels(
  packing: PanelPacking,
  tensors: ReadonlyMap<string, Tensor>,
  address: number,
  place: PackingPlace,
  breathe: ReturnType<typeof turnEvery>,
): Promise<void> {
  const { outputs, spans, biasLast, weight } = packing;
  const [channels, P, Q] = packing.filter;
  const depth = depthOf(packing);
  const { factor, shift } = fold(packing, outputs, tensors);
  const all = (tensors.get(weight) as Tensor).data as Float32Array;
  const chosen = packing.taps === undefined ? all : chosenTaps(all, P * Q, packing.taps);
  const stage = staging(place, chosen, factor, depth);
  for (const [panel, first] of spans.outputs.entries()) {
    const { at, width } = panelAt(packing, panel);
    const y = address + at * 4;
    stage(first, width);
    const bias = rowOf(place, y, width);
    if (biasLast) {
      bias.fill(0);
      fillRow(rowOf(place, y + (1 + depth) * width * 4, width), shift, first);
    } else fillRow(bias, shift, first);
    place.kernels.foldPanel(...staged(place), y + width * 4, place.scratch, width, channels, depth / channels, 0, channels);
    if (!sumIsZero(place)) checkFinite(weight, tensors.get(weight) as Tensor);
    await breathe();
  }
}

/** Some taps of each filter of `cells`. */
function chosenTaps(weights: Float32Array, cells: number, taps: readonly number[]): Float32Array {
  const chosen = new Float32Array((weights.length / cells) * taps.length);
  for (let at = 0, to = 0; at < weights.length; at += cells)
    for (let i = 0; i < taps.length; i++) chosen[to++] = weights[at + (taps[i] as number)] as number;
  return chosen;
}

async function packFilters(
  packing: WinogradPacking,
  tensors: ReadonlyMap<string, Tensor>,
  address: number,
  place: PackingPlace,
  breathe: ReturnType<typeof turnEvery>,
): Promise<void> {
  const { m, weight, norm, outputs, inputs, columns } = packing;
  const { factor } = fold({ norm, bias: undefined }, outputs, tensors);
  const stage = staging(place, (tensors.get(weight) as Tensor).data as Float32Array, factor, inputs * 9);
  const point = panelsSize(outputs, inputs) * 4;
  const floats = new Float32Array(place.memory.buffer);
  const padded = panelsSize(outputs, 0);
  for (let first = 0; first < outputs; first += columns) {
    const width = Math.min(columns, padded - first);
    const y = address + first * (1 + inputs) * 4;
    stage(first, width);
    for (let k = 0; k < (m + 2) ** 2; k++) floats.fill(0, (y + k * point) / 4, (y + k * point) / 4 + width); // no biases
    place.kernels.foldFilters(...staged(place), y + width * 4, place.scratch, point, width, inputs, m, 0, inputs);
    if (!sumIsZero(place)) checkFinite(weight, tensors.get(weight) as Tensor);
    await breathe();
  }
}

/** Copies the weights and factors of `width` outputs from `first` on to scratch; of those past the last, zeros. */
function staging({ memory, scratch }: PackingPlace, weights: Float32Array, factors: Float64Array, depth: number) {
  return (first: number, width: number): void => {
    const last = Math.min(first + width, factors.length);
    const w = new Float32Array(memory.buffer, scratch + weightsAt, width * depth);
    w.set(weights.subarray(first * depth, last * depth));
    w.fill(0, (last - first) * depth);
    const f = new Float64Array(memory.buffer, scratch + factorsAt, width);
    f.set(factors.subarray(first, last));
    f.fill(0, last - first);
  };
}

/** Where the kernels find what is staged. */
const staged = ({ scratch }: PackingPlace): [weights: number, factors: number] => [scratch + weightsAt, scratch + factorsAt];

/** 0 times anything but a number is NaN. */
const sumIsZero = ({ memory, scratch }: PackingPlace): boolean => new Float32Array(memory.buffer, scratch, 4).every((sum) => sum === 0);

const rowOf = ({ memory }: PackingPlace, at: number, width: number): Float32Array => new Float32Array(memory.buffer, at, width);

function fillRow(row: Float32Array, values: Float64Array, first: number): void {
  row.fill(0);
  row.set(values.subarray(first, first + row.length));
}

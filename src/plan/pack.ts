import { PlanError } from '../errors.js';
import { parameterOf } from '../graph/evaluate.js';
import { sizeOf, type Tensor } from '../tensor.js';
import { foldNorm } from './fold.js';
import { denseLayout, isBordered, layoutBytes, pixelBytes } from './layout.js';
import type {
  FurtherPacking,
  NormNames,
  OrderPacking,
  Packing,
  PanelPlacesPacking,
  Panels,
  TablePacking,
  WinogradPacking,
} from './packing.js';
import { blockRows, blocksOf } from './plan.js';
import { filterTransform } from './winograd.js';

type Weights = ReadonlyMap<string, Tensor>;

/** Size of a packing's block, in units of 4 bytes. */
export function packingSize(packing: Packing): number {
  switch (packing.kind) {
    case 'panels':
      return panelsEnd(packing);
    case 'order':
      return panelsEnd(packing.panels);
    case 'values':
      return pixelBytes(sizeOf(packing.shape)) / 4;
    case 'places':
      return pixelBytes(weightsOf(packing.panels)) / 4;
    case 'winograd':
      return (packing.m + 2) ** 2 * panelsSize(packing.outputs, packing.inputs);
    case 'table':
      return blocksOf(packing.output[0] * packing.output[1]) * packing.taps[0] * packing.taps[1] * blockRows;
    case 'laidOut':
      return layoutBytes(denseLayout(packing.shape)) / 4;
    case 'int32':
    case 'float32':
      return packing.values.length;
    default:
      return packing.size;
  }
}

/** What src/plan/packFurther.ts packs. */
export const isFurther = (packing: Packing): packing is FurtherPacking =>
  packing.kind === 'bytePanels' || packing.kind === 'integers' || packing.kind === 'scaledPanels' || packing.kind === 'placesOf';

/** The parameters that a packing is made from. */
export function parametersOf(packing: Packing): readonly string[] {
  const { weight, norm, bias, scales, parameter } = packing as {
    readonly weight?: string;
    readonly scales?: string;
    readonly norm?: NormNames;
    readonly bias?: string;
    readonly parameter?: string;
  };
  const names = [weight, bias, scales, parameter, ...(norm ? [norm.gamma, norm.beta, norm.mean, norm.variance] : [])];
  return names.filter((name) => name !== undefined);
}

/** What the packing of a parameter that may change is called. */
export const residentName = (parameter: string): string => `value of ${parameter}`;

/** Fills `block`, packingSize units at the given address, with what the packing says. Weights are rounded once, after folding in float64. */
export function pack(packing: Packing, weights: Weights, block: { readonly f32: Float32Array; readonly i32: Int32Array }): void {
  if (packing.kind === 'panels')
    packPanels(packing, (weights.get(packing.weight) as Tensor).data, fold(packing, packing.outputs, weights), block.f32);
  else if (packing.kind === 'order') block.i32.set(orderOf(packing));
  else if (packing.kind === 'places') block.i32.set(placesOf(packing));
  else if (packing.kind === 'values') block.f32.set((weights.get(packing.parameter) as Tensor).data);
  else if (packing.kind === 'laidOut') packLaidOut(weights.get(packing.parameter) as Tensor, block.f32);
  else if (packing.kind === 'winograd') packWinograd(packing, weights, block.f32);
  else if (packing.kind === 'table') packTable(packing, block.i32);
  else if (packing.kind === 'int32') block.i32.set(packing.values);
  else if (packing.kind === 'float32') block.f32.set(packing.values);
  else if (packing.kind === 'zeros') block.f32.fill(0);
  else if (packing.kind === 'constant') block.f32.fill(packing.value);
  else if (isFurther(packing)) throw new PlanError(`${packing.kind} are packed by packFurther.ts`);
  else block.f32.set(fold(packing, packing.channels, weights)[packing.kind]);
}

/** Floats of all panels of a product over `depth` terms: a bias and `depth` weights an output, outputs padded as pixels are. */
export const panelsSize = (outputs: number, depth: number): number => (pixelBytes(outputs) / 4) * (1 + depth);

/** Where a panel starts, how many columns it has, and where it ends. Of 16 columns, 8 are left where the pixel ends after them. */
export function panelAt(panels: Panels, panel: number): { readonly at: number; readonly width: number; readonly end: number } {
  const { outputs, spans, biasLast = false } = panels;
  const floats = 1 + tapsOf(panels).length * spans.length + Number(biasLast);
  const at = panel * spans.columns * floats;
  const width = Math.min(spans.columns, pixelBytes(outputs) / 4 - (spans.outputs[panel] as number));
  return { at, width, end: at + width * floats };
}

const tapsOf = ({ filter: [, P, Q], taps }: Panels): readonly number[] => taps ?? Array.from({ length: P * Q }, (_, pq) => pq);

const panelsEnd = (panels: Panels): number => panelAt(panels, panels.spans.outputs.length - 1).end;

const weightsOf = ({ outputs, filter: [Cg, P, Q] }: Panels): number => outputs * Cg * P * Q;

function packPanels(
  panels: Panels,
  w: Tensor['data'],
  { factor, shift }: ReturnType<typeof foldNorm>,
  block: Float32Array | Float64Array,
): void {
  const {
    outputs,
    filter: [Cg, P, Q],
    groups,
    spans: { length, kind, ...spans },
    transposed,
    biasLast,
  } = panels;
  const Og = outputs / groups;
  const taps = tapsOf(panels);
  const biasRow = biasLast ? 1 + taps.length * length : 0;
  const apart = transposed ? Og : 1; // from an output's weights of one channel to those of the next, in filters
  block.fill(0);
  spans.outputs.forEach((first, panel) => {
    const { at, width } = panelAt(panels, panel);
    const start = spans.starts[panel] as number;
    const columns = Array.from({ length: Math.min(width, outputs - first) }, (_, column) => {
      const o = first + column;
      const own = kind === 'depthwise' ? column : kind === 'fours' && column >= 4 ? 4 : 0; // where the column's channels start in the panel's
      block[at + biasRow * width + column] = shift[o] as number;
      const group = Math.floor(o / Og);
      const from = transposed ? group * Cg * Og + (o % Og) : o * Cg; // its first filter
      return { o, from, channel: start + own - group * Cg }; // the run's first channel within o's group
    });
    // columns innermost: they lie side by side in the panel, and far apart in the checkpoint whichever way it is read
    for (let l = 0; l < length; l++)
      taps.forEach((pq, tap) => {
        for (let column = 0, to = at + (1 + tap * length + l) * width; column < columns.length; column++) {
          const { o, from, channel } = columns[column] as (typeof columns)[number];
          const c = channel + l;
          if (c >= 0 && c < Cg) block[to + column] = (w[(from + c * apart) * P * Q + pq] as number) * (factor[o] as number);
        }
      });
  });
}

/** Packs numbers in place of weights: i + 1 of weight i and −1 − o of bias o, so that 0 is left for pads. Less 1, they are what OrderPacking says. */
function orderOf({ panels, biased }: OrderPacking): Int32Array {
  const { outputs } = panels;
  const indices = Float64Array.from({ length: weightsOf(panels) }, (_, i) => i + 1);
  const shift = Float64Array.from({ length: outputs }, (_, o) => (biased ? -1 - o : 0));
  const block = new Float64Array(panelsEnd(panels));
  packPanels(panels, indices, { factor: new Float64Array(outputs).fill(1), shift }, block);
  return Int32Array.from(block, (index) => index - 1);
}

function placesOf({ panels }: PanelPlacesPacking): Int32Array {
  const places = new Int32Array(pixelBytes(weightsOf(panels)) / 4).fill(-1);
  orderOf({ kind: 'order', panels, biased: false }).forEach((weight, at) => {
    if (weight >= 0) places[weight] = at * 4;
  });
  return places;
}

/** Where output o's bias is, and how far from there to its first weight and from one weight to the next: the width of its panel. */
function columnOf(o: number, outputs: number, columns: number, depth: number): { readonly at: number; readonly width: number } {
  const first = o - (o % columns);
  const width = Math.min(columns, pixelBytes(outputs) / 4 - first);
  return { at: first * (1 + depth) + (o % columns), width };
}

function packWinograd(packing: WinogradPacking, weights: Weights, block: Float32Array): void {
  const { m, outputs, inputs, columns } = packing;
  const w = (weights.get(packing.weight) as Tensor).data;
  const { factor } = fold({ norm: packing.norm, bias: undefined }, outputs, weights);
  const size = panelsSize(outputs, inputs);
  const points = new Float64Array((m + 2) ** 2);
  block.fill(0);
  for (let o = 0; o < outputs; o++) {
    const { at, width } = columnOf(o, outputs, columns, inputs);
    for (let c = 0; c < inputs; c++) {
      filterTransform(m, w, (o * inputs + c) * 9, points);
      for (let point = 0; point < points.length; point++)
        block[point * size + at + (1 + c) * width] = (points[point] as number) * (factor[o] as number);
    }
  }
}

interface Foldable {
  readonly norm: NormNames | undefined;
  readonly bias: string | undefined;
}

/** Batch norm and bias of a packing, one factor and one shift for each of its channels. */
export function fold({ norm, bias }: Foldable, channels: number, weights: Weights): ReturnType<typeof foldNorm> {
  const vector = (name: string): Tensor => parameterOf(weights, name, [channels]);
  const tensors = norm && {
    gamma: vector(norm.gamma),
    beta: vector(norm.beta),
    mean: vector(norm.mean),
    variance: vector(norm.variance),
    eps: norm.eps,
  };
  return foldNorm(channels, tensors, bias === undefined ? undefined : vector(bias));
}

/** As a value of its shape lies in memory. */
function packLaidOut({ shape, data }: Tensor, block: Float32Array): void {
  const { images, channels, height, width, pixel } = denseLayout(shape);
  block.fill(0);
  let at = 0;
  for (let n = 0; n < images; n++)
    for (let c = 0; c < channels; c++)
      for (let hw = 0; hw < height * width; hw++) block[((n * height * width + hw) * pixel) / 4 + c] = data[at++] as number;
}

/** See TablePacking. A tap outside the image is −1, unless the layout has a border there, where the offset points into it. */
function packTable({ layout, output: [I, J], taps: [P, Q], times = 1, transposed, ...window }: TablePacking, block: Int32Array): void {
  const { height, width, origin, line, pixel } = layout;
  const bordered = isBordered(layout);
  const rows = I * J;
  const cellOf = (i: number, p: number, axis: 0 | 1): number => {
    const [stride, offset] = [window.stride[axis], p * window.dilation[axis] - window.before[axis]];
    return transposed ? (i - offset) / stride : i * stride + offset;
  };
  let at = 0;
  for (let b = 0; b < blocksOf(rows); b++)
    for (let p = 0; p < P; p++)
      for (let q = 0; q < Q; q++)
        for (let r = 0; r < blockRows; r++) {
          const row = Math.min(b * blockRows + r, rows - 1);
          const h = cellOf(Math.floor(row / J), p % (P / times), 0);
          const w = cellOf(row % J, q, 1);
          const inside = h >= 0 && h < height && w >= 0 && w < width && Number.isInteger(h) && Number.isInteger(w);
          block[at++] = inside || bordered ? origin + h * line + w * pixel : -1;
        }
}

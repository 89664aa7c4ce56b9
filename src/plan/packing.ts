import type { Pair, RearrangeAttrs } from '../ops/op.js';
import type { IntegerWeights, Quantisation } from '../ops/quantised/quantisation.js';
import type { Shape } from '../tensor.js';
import type { Layout } from './layout.js';

/** How a block of constant memory is made from tensors; sizes in floats or int32, all 4 bytes. */
export type Packing =
  | PanelPacking
  | WinogradPacking
  | NormPacking
  | TablePacking
  | OrderPacking
  | PanelPlacesPacking
  | FurtherPacking
  | { readonly kind: 'values'; readonly parameter: string; readonly shape: Shape }
  | { readonly kind: 'int32'; readonly values: readonly number[] }
  | { readonly kind: 'laidOut'; readonly parameter: string; readonly shape: Shape }
  | { readonly kind: 'float32'; readonly values: readonly number[] }
  | { readonly kind: 'zeros'; readonly size: number }
  | { readonly kind: 'constant'; readonly value: number; readonly size: number };

/** What only plans of imported and of quantised networks have. */
export type FurtherPacking = IntegerLayerPacking | RearrangePacking;

/** Integer weights less their zero points, as int32: output by output, tap by tap, the channels of a group padded with zeros to a multiple of 4. */
export interface IntegersPacking {
  readonly kind: 'integers';
  readonly weight: string;
  readonly dtype: 'uint8' | 'int8';
  readonly zeroPoints: readonly number[];
  readonly outputs: number;
  /** Channels of a group, filter rows, filter columns. */
  readonly filter: readonly [number, number, number];
  readonly size: number;
}

/** A fully connected layer of floats, its weights int8, for scaled8 of kernels/quantised/scaled.ts: `size` words. */
export interface ScaledPanelsPacking {
  readonly kind: 'scaledPanels';
  readonly weight: string;
  readonly scales: string;
  readonly bias: string | undefined;
  readonly outputs: number;
  /** Channels, rows and columns of what it reads; and floats of a pixel there, if there are several pixels. */
  readonly filter: readonly [number, number, number];
  readonly length: number;
  readonly size: number;
}

export interface NormNames {
  readonly gamma: string;
  readonly beta: string;
  readonly mean: string;
  readonly variance: string;
  readonly eps: number;
}

/** Panels of output channels (`spans.columns` wide, the last maybe 8), each its bias (or zeros) and then, for every tap and channel of the run, its weights; batch norm folded in. */
export interface PanelPacking extends Panels {
  readonly kind: 'panels';
  readonly weight: string;
  readonly bias: string | undefined;
  readonly norm: NormNames | undefined;
}

/** Which weight goes where in panels. */
export interface Panels {
  readonly outputs: number;
  /** Channels of a group, filter rows, filter columns. */
  readonly filter: readonly [number, number, number];
  readonly groups: number;
  readonly spans: Spans;
  /** Outputs are the channels of a group, and the channels its outputs, in the tensor. @defaultValue false */
  readonly transposed?: boolean;
  /** The taps that are there, by their places in the filter. @defaultValue all, in order */
  readonly taps?: readonly number[];
  /** The biases are the sums' last terms, behind the weights, and zeros are where they would be. @defaultValue false */
  readonly biasLast?: boolean;
}

/**
 * Panels of `columns` outputs from `outputs[panel]`, in ascending order; each reads `length` input channels from `starts[panel]`. All columns the same
 * (`dense`); columns 4–7 the `length` after those (`fours`); or each column its own (`depthwise`).
 */
export interface Spans {
  readonly columns: 8 | 16;
  readonly outputs: readonly number[];
  readonly starts: readonly number[];
  readonly length: number;
  readonly kind: (typeof panelKinds)[number];
}

/** For kernels that pack weights which change: of each float of the panels, the index of its weight, or its filter, −1 for 0, −2 − i for bias i. */
export interface OrderPacking {
  readonly kind: 'order';
  readonly panels: Panels;
  readonly biased: boolean;
}

/** The reverse: where in the panels each weight is, in bytes; −1 for the pads behind them. */
export interface PanelPlacesPacking {
  readonly kind: 'places';
  readonly panels: Panels;
}

/** Which weight of a product of bytes goes where; see `conv8` of kernels/quantised/conv.ts. */
export type BytePanels = Pick<Panels, 'outputs' | 'filter' | 'groups' | 'spans'>;

export type IntegerLayerPacking = BytePanelsPacking | IntegersPacking | ScaledPanelsPacking;

/** Panels of bytes, as src/plan/quantised/panels.ts has them: `size` words. */
export interface BytePanelsPacking {
  readonly kind: 'bytePanels';
  readonly weight: string;
  /** int32. */
  readonly bias: string | undefined;
  /** The weights' scales, one an output; undefined where sums are the result. */
  readonly scales: string | undefined;
  readonly x: Quantisation | undefined;
  readonly w: IntegerWeights;
  readonly y: Quantisation | undefined;
  /** The byte that stands for x's zero point. */
  readonly zero: number;
  /** Bytes of a pixel, where a filter's row is one tap: then the panels have the row's bytes for channels. */
  readonly pixel?: number;
  readonly panels: BytePanels;
  readonly size: number;
}

/** The kernels know a kind by its place here. */
export const panelKinds = ['dense', 'fours', 'depthwise'] as const;

/** Where the numbers of a rearranged value come from: of each pixel and of each channel, or of each number. Bytes from x's start, or −1. */
export interface RearrangePacking {
  readonly kind: 'placesOf';
  readonly attrs: RearrangeAttrs;
  /** The shape of x. */
  readonly from: Shape;
  readonly part: 'rows' | 'columns' | 'each';
  readonly size: number;
}

/** Panels for each of the (m+2)² points of F(m×m, 3×3): G g Gᵀ, batch norm's factor folded in, biases 0. */
export interface WinogradPacking {
  readonly kind: 'winograd';
  readonly m: 2 | 4;
  readonly weight: string;
  readonly norm: NormNames | undefined;
  readonly outputs: number;
  readonly inputs: number;
  readonly columns: 8 | 16;
}

/** The factors or the shifts of a batch norm and a bias, one per channel, padded with zeros to `size`. */
export interface NormPacking {
  readonly kind: 'factor' | 'shift';
  readonly norm: NormNames | undefined;
  readonly bias: string | undefined;
  readonly channels: number;
  readonly size: number;
}

/** conv's gather table: for each block of 60 output pixels, tap and pixel, the offset in bytes of the tap's first channel, or −1. */
export interface TablePacking {
  readonly kind: 'table';
  readonly layout: Layout;
  readonly output: Pair;
  readonly taps: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** [top, left] padding. */
  readonly before: Pair;
  /** So many times the filter's rows over again. @defaultValue 1 */
  readonly times?: number;
  /** The taps that a pixel was one of, not those that it has: from a convolution's image to its result. @defaultValue false */
  readonly transposed?: boolean;
}

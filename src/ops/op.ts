import type { Shape, Tensor } from '../tensor.js';
import type { CombinationName, FunctionName, ReductionName } from './functionNames.js';
import type { AxisQuantisation, IntegerDtype, Integers, IntegerWeights, Quantisation } from './quantised/quantisation.js';

/** [vertical, horizontal]. */
export type Pair = readonly [number, number];
/** [top, right, bottom, left]; four-sided, since "SAME" padding is asymmetric. */
export type Box = readonly [number, number, number, number];

export interface Conv2dAttrs {
  readonly stride: Pair;
  readonly padding: Box;
  readonly dilation: Pair;
  readonly groups: number;
}

export interface PoolAttrs {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Box;
  readonly rounding: 'floor' | 'ceil';
}

/** `window` divides by the cells of the window inside the padded plane (PyTorch's count_include_pad), `inside` by those inside the image. */
export interface AvgPoolAttrs extends PoolAttrs {
  readonly divisor: 'window' | 'inside';
}

export interface RoiAlignAttrs {
  /** Bins of a region, [P, Q]. */
  readonly output: Pair;
  /** Of each map: its cells per pixel of the image. */
  readonly scales: readonly number[];
  /** Samples of a bin along each axis; 0: as many as the bin has cells, rounded up. */
  readonly samplingRatio: number;
  /** Whether pixels' centres are at halves: half a cell is taken off, and a region may be smaller than a cell. */
  readonly aligned: boolean;
}

/** Of each cell of a line of the result: which cells of x it is made of, each with its weight. */
export type Taps = readonly (readonly (readonly [cell: number, weight: number])[])[];

/** Which numbers go where: the result's axis k is axis `order[k]` of `view`, a way to write x's shape, and takes its `cells`; null takes all in order, −1 is outside. */
export interface RearrangeAttrs {
  readonly view: Shape;
  readonly order: readonly number[];
  readonly cells: readonly (readonly number[] | null)[];
  /** Of the result: another way to write what is left of the axes. */
  readonly shape: Shape;
  /** What is put where nothing of x is. */
  readonly outside: number;
}

/** No attributes. */
export type None = Readonly<Record<never, never>>;

/** The ops that networks are made of, with their attributes. A new line here makes every table over it incomplete, which is a compile error. */
export interface InferenceAttrs {
  input: { readonly name: string; readonly shape: Shape };
  /** `dtype` where its values are integers. @defaultValue floats */
  param: { readonly name: string; readonly shape: Shape; readonly trainable: boolean; readonly dtype?: IntegerDtype };
  conv2d: Conv2dAttrs;
  batchNorm: { readonly eps: number };
  linear: None;
  relu: None;
  relu6: None;
  sigmoid: None;
  hardSigmoid: None;
  hardSwish: None;
  silu: None;
  tanh: None;
  softmax: None;
  add: None;
  multiply: None;
  scale: None;
  scaleBy: { readonly factor: number };
  concat: None;
  channelShuffle: { readonly groups: number };
  channelSlice: { readonly begin: number; readonly channels: number };
  globalAvgPool: None;
  globalMaxPool: None;
  maxPool2d: PoolAttrs;
  avgPool2d: AvgPoolAttrs;
  adaptiveAvgPool2d: { readonly output: Pair };
  upsampleNearest: { readonly output: Pair };
  roiAlign: RoiAlignAttrs;
  roiPool: { readonly output: Pair; readonly scale: number };
  convTranspose2d: Conv2dAttrs & { readonly plane: Pair };
  matMul: None;
  resample: { readonly rows: Taps; readonly columns: Taps };
  rearrange: RearrangeAttrs;
  apply: { readonly function: FunctionName; readonly a: number; readonly b: number };
  combine: { readonly combination: CombinationName };
  reduce: { readonly reduction: ReductionName; readonly axes: readonly number[] };
}

/** The ops that only networks from files of others have. */
export type ImportedOp = 'convTranspose2d' | 'matMul' | 'resample' | 'rearrange' | 'apply' | 'combine' | 'reduce';

/** The ops that only detectors have. */
export type DetectionOp = 'upsampleNearest' | 'roiAlign' | 'roiPool';

/** Functions of one value, applied to each. */
export type PointwiseOp = 'relu' | 'relu6' | 'sigmoid' | 'hardSigmoid' | 'hardSwish' | 'silu' | 'tanh';
export const pointwiseOps: readonly PointwiseOp[] = ['relu', 'relu6', 'sigmoid', 'hardSigmoid', 'hardSwish', 'silu', 'tanh'];

/**
 * The ops that training adds: batch statistics, losses, and what the `vjp`s of all ops emit. Ordinary ops, but a reading need not know them:
 * one that does not refuses a graph that has one (UnsupportedError). Operands are those of the op whose gradient it is, then `dy`.
 */
export interface TrainingAttrs {
  /** A constant in the shape of its operand. */
  fill: { readonly value: number };
  mean: None;
  /** The cotangent of any mean: `axes` are those of `shape` that the mean kept. */
  meanGrad: { readonly shape: Shape; readonly axes: readonly number[] };
  channelSum: None;
  channelMean: None;
  channelVariance: None;
  channelVarianceGrad: None;
  movingAverage: { readonly momentum: number; readonly correction: number };
  dropout: { readonly rate: number };
  fakeQuantise: { readonly y: Quantisation };
  fakeQuantiseGrad: { readonly y: Quantisation };
  crossEntropy: None;
  crossEntropyGrad: None;
  softmaxGrad: None;
  pointwiseGrad: { readonly of: PointwiseOp };
  planeDot: None;
  conv2dGradInput: Conv2dAttrs & { readonly plane: Pair };
  conv2dGradWeight: Conv2dAttrs & { readonly kernel: Pair };
  linearGradInput: { readonly shape: Shape };
  linearGradWeight: { readonly shape: Shape };
  batchNormGradInput: InferenceAttrs['batchNorm'];
  batchNormGradScale: InferenceAttrs['batchNorm'];
  batchNormGradMean: InferenceAttrs['batchNorm'];
  batchNormGradVariance: InferenceAttrs['batchNorm'];
  maxPool2dGrad: PoolAttrs;
  globalMaxPoolGrad: None;
  avgPool2dGrad: AvgPoolAttrs & { readonly plane: Pair };
  adaptiveAvgPool2dGrad: { readonly plane: Pair };
}

/** A table's function, and both ends of it. */
export interface QuantisedPointwiseAttrs {
  readonly x: Quantisation;
  readonly y: Quantisation;
  readonly of: PointwiseOp | 'identity';
}

/** What a layer of 8-bit integers reads and writes; without y it writes floats. */
export interface QuantisedLayerAttrs {
  readonly x: Quantisation;
  readonly w: IntegerWeights;
  readonly y?: Quantisation;
}

/** What a layer reads whose sums are its result. x's zero point may be an operand, behind w. */
export interface IntegerLayerAttrs {
  readonly xDtype: 'uint8' | 'int8';
  readonly xZeroPoint?: number;
  readonly w: IntegerWeights;
}

/**
 * The ops that quantised graphs add (src/ops/quantised). As of those of training, a reading need not know them. An attribute that is called as an operand says
 * what its integers stand for, `y` what the result's do.
 */
export interface QuantisedAttrs {
  quantise: { readonly y: Quantisation };
  dequantise: { readonly x: Quantisation };
  quantiseAxis: { readonly along: AxisQuantisation };
  dequantiseAxis: { readonly along: AxisQuantisation };
  quantisedConv2d: Conv2dAttrs & QuantisedLayerAttrs;
  quantisedLinear: QuantisedLayerAttrs;
  quantisedAdd: { readonly a: Quantisation; readonly b: Quantisation; readonly y: Quantisation };
  quantisedScale: { readonly u: Quantisation; readonly residual?: Quantisation; readonly y: Quantisation };
  quantisedPointwise: QuantisedPointwiseAttrs;
  quantisedGlobalAvgPool: { readonly u: Quantisation };
  integerConv2d: Conv2dAttrs & IntegerLayerAttrs;
  integerLinear: IntegerLayerAttrs;
  dynamicScale: None;
  dynamicZeroPoint: None;
  quantiseBy: None;
  scaledLinear: None;
}

export interface OpAttrs extends InferenceAttrs, TrainingAttrs, QuantisedAttrs {}

export type InferenceOp = keyof InferenceAttrs;
export type OpName = keyof OpAttrs;
/** All but the leaves, whose values come from outside. */
export type ComputedOp = Exclude<OpName, 'input' | 'param'>;

/** A node's index in its graph. */
export type NodeId = number;

/** A union with one member per op, so that a switch on `op` narrows `attrs`. Always one output, always one shape. */
export type Node<K extends OpName = OpName> = {
  [P in K]: {
    readonly id: NodeId;
    readonly op: P;
    readonly inputs: readonly NodeId[];
    readonly attrs: OpAttrs[P];
    readonly shape: Shape;
    /** Of a value that holds integers. @defaultValue floats */
    readonly integers?: Integers;
  };
}[K];

/** What model code passes around: a node under construction. */
export interface Value {
  readonly graph: Emitter;
  readonly id: NodeId;
  readonly shape: Shape;
  /** Of a value that holds integers. @defaultValue floats */
  readonly integers?: Integers | undefined;
}

/** How the batch norms of a network's body differ from those of the network itself. */
export interface Norms {
  /** In place of the network's own. */
  readonly eps?: number;
  /** Scale and shift are no parameters to be learned (torchvision's FrozenBatchNorm2d). @defaultValue false */
  readonly frozen?: boolean;
}

/** What model code writes to: `src/graph/build.ts`, and of a body `src/models/body.ts`, which passes it on. */
export interface Emitter {
  /** @defaultValue the network's own batch norms */
  readonly norms?: Norms | undefined;
  /** Appends a node. @throws ShapeError if the inputs do not fit the op. */
  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value;
  /** Remembers that the module at `path` of the published definition returns `value`; said again, that it runs again. */
  module(path: string, value: Value): void;
  /** The same of a gate, which a caller may ask for as an output. */
  gate(path: string, value: Value): void;
  /** Remembers `value` as a stage's output, which a caller may ask for as an output. */
  feature(name: string, value: Value): void;
  /** Moves the parameters below `prefix` to the end of the checkpoint's order: PyTorch lists them where registered, not where used. */
  registerLast(prefix: string): void;
}

/** One use of an op, to be differentiated: y = op(inputs), and the cotangent dy of y. */
export interface Use<K extends OpName> {
  readonly attrs: OpAttrs[K];
  readonly inputs: readonly Value[];
  readonly y: Value;
  readonly dy: Value;
}

/**
 * An op is one file: the record below, which every graph asks for, and beside it what fewer programs read, its formula (`forward`) and its gradient (`vjp`).
 * So a program that only infers holds neither.
 */
export interface OpDef<K extends OpName> {
  /** The output's shape. @throws ShapeError if the inputs do not fit. */
  infer(inputs: readonly Shape[], attrs: OpAttrs[K]): Shape;
  /** Which integers the output holds, undefined for floats. @throws ShapeError for operands that hold others than the op takes. @defaultValue floats of floats */
  integers?(inputs: readonly (Integers | undefined)[], attrs: OpAttrs[K]): Integers | undefined;
  /** Multiply-adds, by the convention of the field: convolutions and linear layers only. */
  macs(inputs: readonly Shape[], output: Shape, attrs: OpAttrs[K]): number;
}

/** The reference: loops in the order of the formula, sums in float64, one rounding to the inputs' precision. */
export type Forward<K extends OpName> = (inputs: readonly Tensor[], attrs: OpAttrs[K]) => Tensor;

/** Emits the nodes of each input's cotangent, null where there is none. */
export type Vjp<K extends OpName> = (use: Use<K>) => readonly (Value | null)[];

export type OpTable = { readonly [K in OpName]: OpDef<K> };

export const noMacs = (): number => 0;

import { InputError, ShapeError } from '../errors.js';
import { checkKnown, type Keys } from '../graph/known.js';
import type { AvgPoolAttrs, Box, Emitter, Pair, PoolAttrs, Value } from '../ops/op.js';
import { isShape, kindOf, type Shape, shown, sizeOf } from '../tensor.js';

/**
 * What a network is built from: functions from Value to Value that name their parameters as the checkpoint does. They emit nodes and compute nothing:
 * `build` hands the first value to model code.
 *
 * All throw InputError for what is no value under construction, no name or no config; ShapeError for values that do not fit; PlanError for a parameter of a
 * name that another has, and values of two graphs.
 */

/** @throws InputError for what is neither a number nor two */
function pair(value: number | Pair, what = 'config'): Pair {
  if (typeof value === 'number') return [value, value];
  if (!Array.isArray(value) || value.length !== 2)
    throw new InputError(`${what}: expected a number or [vertical, horizontal], not ${shown(value)}`);
  return value as unknown as Pair;
}

/** What x's nodes are emitted to. */
function graphOf(x: Value): Emitter {
  if (typeof (x as Partial<Value> | null | undefined)?.graph?.emit !== 'function' || !isShape(x.shape))
    throw new InputError(`a layer takes a value of a graph under construction, which build hands to model code, not ${kindOf(x)}`);
  return x.graph;
}

/** @throws InputError for a name that is none */
export function checkName(name: unknown): void {
  if (typeof name !== 'string') throw new InputError(`layers and modules are called by texts, not ${kindOf(name)}`);
}

/** @throws InputError naming the layer, for what is no config of it, and for a count that is none */
export function checkConfig<T extends object>(name: string, config: T, known: Keys<T>, counts: readonly (keyof T)[] = []): void {
  checkKnown(name, config, known);
  for (const key of counts) checkCount(`${name}: ${String(key)}`, config[key]);
}

function checkCount(what: string, count: unknown): void {
  if (!Number.isSafeInteger(count) || (count as number) < 1) throw new InputError(`${what} is a whole number from 1, not ${shown(count)}`);
}

const around = ([vertical, horizontal]: Pair): Box => [vertical, horizontal, vertical, horizontal];

/** C of x, [N, C, ...]. @throws InputError for what is no value; ShapeError for a value without channels */
export function channels(x: Value): number {
  graphOf(x);
  const [, C] = x.shape;
  if (C === undefined) throw new ShapeError('a value with channels is [N, C, ...]', { x: x.shape });
  return C;
}

/** Paths of modules of the published definition, one or several. */
export type Paths = string | readonly string[];

/** x, as what the modules at these paths return. Says nothing to the network; who compares it with another program's asks (docs/compare.md). */
export function named(x: Value, ...paths: readonly Paths[]): Value {
  for (const path of paths.flat()) {
    checkName(path);
    graphOf(x).module(path, x);
  }
  return x;
}

/** x, as the output of a stage: `featureInfo` tells of it, and callers may ask for it. Of several paths the last one counts, the outermost. */
export function feature(x: Value, paths: Paths): Value {
  const name = [paths].flat().at(-1) as string;
  checkName(name);
  graphOf(x).feature(name, x);
  return x;
}

/** The same paths below a module. */
export const inside = (module: string, paths: Paths): readonly string[] => [paths].flat().map((path) => `${module}.${path}`);

function param(x: Value, name: string, shape: Shape, trainable = true): Value {
  return graphOf(x).emit('param', [], { name, shape, trainable });
}

/** A further input of the graph that x is of. */
export function input(x: Value, name: string, shape: Shape): Value {
  checkName(name);
  return graphOf(x).emit('input', [], { name, shape });
}

export interface ConvConfig {
  readonly out: number;
  readonly kernel: number | Pair;
  readonly stride?: number;
  /**
   * Zero cells on each side, or TensorFlow's `same`: as many as leave ⌈extent / stride⌉, an odd one at the bottom and right.
   * @defaultValue (kernel − 1) / 2, what keeps the plane's size at stride 1
   */
  readonly padding?: number | Pair | 'same';
  readonly groups?: number;
  /** Whether the layer adds `name.bias`. @defaultValue false */
  readonly bias?: boolean;
}

const convKeys: Keys<ConvConfig> = { out: true, kernel: true, stride: true, padding: true, groups: true, bias: true };

/** Convolution of x [N, C, H, W] to [N, out, I, J], weights at `name.weight` [out, C / groups, P, Q]. */
export function conv(x: Value, name: string, config: ConvConfig): Value {
  return convEach([x], name, config)[0] as Value;
}

/** One convolution of several values, which share its weights: the head of a pyramid reads all maps. */
export function convEach(values: readonly Value[], name: string, config: ConvConfig): readonly Value[] {
  checkName(name);
  checkConfig(name, config, convKeys, ['out']);
  if (!Array.isArray(values) || values.length === 0) throw new InputError(`convEach takes a list of values, not ${shown(values)}`);
  const { out, kernel, stride = 1, padding, groups = 1, bias = false } = config;
  const [P, Q] = pair(kernel, `${name}: kernel`);
  const first = values[0] as Value;
  const C = channels(first);
  checkCount(`${name}: groups`, groups);
  if (C % groups !== 0) throw new InputError(`${name}: ${C} channels are no ${groups} groups`);
  if (padding === undefined && (P % 2 === 0 || Q % 2 === 0))
    throw new InputError(`${name}: a kernel of ${P}x${Q} needs padding, a number or 'same'`);
  const layer = [param(first, `${name}.weight`, [out, C / groups, P, Q])];
  if (bias) layer.push(param(first, `${name}.bias`, [out]));
  return values.map((x: Value) => {
    graphOf(x);
    const box = padding === 'same' ? same(x, [P, Q], stride) : around(pair(padding ?? [(P - 1) / 2, (Q - 1) / 2]));
    return named(x.graph.emit('conv2d', [x, ...layer], { stride: [stride, stride], padding: box, dilation: [1, 1], groups }), name);
  });
}

function same(x: Value, kernel: Pair, stride: number): Box {
  const total = (axis: 0 | 1): number => {
    const extent = x.shape[2 + axis] as number;
    return Math.max((Math.ceil(extent / stride) - 1) * stride + kernel[axis] - extent, 0);
  };
  const [vertical, horizontal] = [total(0), total(1)];
  return [Math.floor(vertical / 2), Math.ceil(horizontal / 2), Math.ceil(vertical / 2), Math.floor(horizontal / 2)];
}

/** Inference-mode batch norm of x [N, C, ...] over `name.weight`, `.bias`, `.running_mean`, `.running_var`; `normed` are the modules that return its value. */
export function bn(x: Value, name: string, eps = 1e-5, normed: Paths = name): Value {
  checkName(name);
  const C = [channels(x)];
  const { eps: ofAll = eps, frozen = false } = graphOf(x).norms ?? {};
  const gamma = param(x, `${name}.weight`, C, !frozen);
  const beta = param(x, `${name}.bias`, C, !frozen);
  const mean = param(x, `${name}.running_mean`, C, false);
  const variance = param(x, `${name}.running_var`, C, false);
  return named(x.graph.emit('batchNorm', [x, gamma, beta, mean, variance], { eps: ofAll }), normed);
}

/** max(x, 0) of each value; the others below too are of each value. */
export const relu = (x: Value): Value => graphOf(x).emit('relu', [x], {});
export const relu6 = (x: Value): Value => graphOf(x).emit('relu6', [x], {});
export const sigmoid = (x: Value): Value => graphOf(x).emit('sigmoid', [x], {});
export const hardSigmoid = (x: Value): Value => graphOf(x).emit('hardSigmoid', [x], {});
export const hardSwish = (x: Value): Value => graphOf(x).emit('hardSwish', [x], {});
export const silu = (x: Value): Value => graphOf(x).emit('silu', [x], {});
export const tanh = (x: Value): Value => graphOf(x).emit('tanh', [x], {});
/** a + b, of one shape. */
export const add = (a: Value, b: Value): Value => graphOf(a).emit('add', [a, b], {});
/** a · b, of one shape. */
export const multiply = (a: Value, b: Value): Value => graphOf(a).emit('multiply', [a, b], {});
/** u [N, C, H, W] times s [N, C]: each plane by a gate of its own. */
export const scale = (u: Value, s: Value): Value => graphOf(u).emit('scale', [u, s], {});
/** x times a number. */
export const scaleBy = (x: Value, factor: number): Value => graphOf(x).emit('scaleBy', [x], { factor });
/** Along channels. */
export function concat(values: readonly Value[]): Value {
  if (!Array.isArray(values) || values.length === 0) throw new InputError(`concat takes a list of values, not ${shown(values)}`);
  return graphOf(values[0] as Value).emit('concat', values, {});
}
/** Zhang 2018 (arXiv:1707.01083), fig. 1: channel g · C / groups + i becomes i · groups + g. */
export const channelShuffle = (x: Value, groups: number): Value => graphOf(x).emit('channelShuffle', [x], { groups });
/** The mean of each plane: [N, C, H, W] to [N, C]. */
export const globalAvgPool = (x: Value): Value => graphOf(x).emit('globalAvgPool', [x], {});
/** The largest value of each plane: [N, C, H, W] to [N, C]. */
export const globalMaxPool = (x: Value): Value => graphOf(x).emit('globalMaxPool', [x], {});
/** Means over windows that share the plane out to [height, width], as PyTorch's. */
export const adaptiveAvgPool2d = (x: Value, output: Pair): Value => graphOf(x).emit('adaptiveAvgPool2d', [x], { output });

/** Each value again and again, to [height, width]: what is at i, j is x's at ⌊i·H/height⌋, ⌊j·W/width⌋. */
export const upsampleNearest = (x: Value, output: Pair): Value => graphOf(x).emit('upsampleNearest', [x], { output });

export interface RoiAlignConfig {
  /** Bins of a region: a number, or [vertical, horizontal]. */
  readonly output: number | Pair;
  /** Of each map: its cells per pixel of the image. */
  readonly scales: readonly number[];
  /** Samples of a bin along each axis; 0: as many as the bin has cells, rounded up. @defaultValue 2 */
  readonly samplingRatio?: number;
  /** Whether half a cell is taken off, and regions may be smaller than a cell (torchvision's `aligned`). @defaultValue false */
  readonly aligned?: boolean;
}

/**
 * Bilinear means over the bins of regions of maps [N, C, H, W]: [R, C, ...output]. `rois` is [R, 6], rows of map, image, x1, y1, x2, y2: corners in pixels
 * of the image. Map −1 is a pad, which gives zeros. A session gives zeros too for a row that the reference refuses: of no such map or image, of corners
 * that are not finite or more than 2²⁰ cells away.
 */
export function roiAlign(maps: readonly Value[], rois: Value, config: RoiAlignConfig): Value {
  checkConfig('roiAlign', config, { output: true, scales: true, samplingRatio: true, aligned: true });
  if (!Array.isArray(maps)) throw new InputError(`roiAlign takes a list of maps, not ${shown(maps)}`);
  const { output, scales, samplingRatio = 2, aligned = false } = config;
  return graphOf(rois).emit('roiAlign', [...maps, rois], { output: pair(output), scales, samplingRatio, aligned });
}

export interface RoiPoolConfig {
  /** Bins of a region: a number, or [vertical, horizontal]. */
  readonly output: number | Pair;
  /** Cells of the map per pixel of the image. */
  readonly scale: number;
}

/** The largest values of the bins of regions of one map: [R, C, ...output]. `rois` as roiAlign's, of map 0. */
export function roiPool(x: Value, rois: Value, config: RoiPoolConfig): Value {
  checkConfig('roiPool', config, { output: true, scale: true });
  return graphOf(x).emit('roiPool', [x, rois], { output: pair(config.output), scale: config.scale });
}

export interface PoolConfig {
  readonly kernel: number | Pair;
  readonly stride: number;
  /** Cells on each side; they never are the maximum. @defaultValue 0 */
  readonly padding?: number | Pair;
  /** Of the output's extent: `ceil` has windows that reach beyond the plane (PyTorch's ceil_mode). @defaultValue 'floor' */
  readonly rounding?: PoolAttrs['rounding'];
}

const poolKeys: Keys<PoolConfig> = { kernel: true, stride: true, padding: true, rounding: true };

function poolAttrs(config: PoolConfig): PoolAttrs {
  const { kernel, stride, padding = 0, rounding = 'floor' } = config;
  return { kernel: pair(kernel), stride: pair(stride), padding: around(pair(padding)), rounding };
}

/** The largest value of each window. */
export function maxPool2d(x: Value, config: PoolConfig): Value {
  checkConfig('maxPool2d', config, poolKeys);
  return graphOf(x).emit('maxPool2d', [x], poolAttrs(config));
}

export interface AvgPoolConfig extends PoolConfig {
  /** What a sum is divided by: the cells of the `window`, padding among them (PyTorch's count_include_pad), or those `inside` the plane. @defaultValue 'window' */
  readonly divisor?: AvgPoolAttrs['divisor'];
}

/** The mean of each window. */
export function avgPool2d(x: Value, config: AvgPoolConfig): Value {
  checkConfig('avgPool2d', config, { ...poolKeys, divisor: true });
  return graphOf(x).emit('avgPool2d', [x], { ...poolAttrs(config), divisor: config.divisor ?? 'window' });
}

export interface LinearConfig {
  /** How the checkpoint stores the weights: [O, C·H·W], or as a 1×1 convolution [O, C, 1, 1]. @defaultValue `matrix` */
  readonly weight?: 'matrix' | 'conv1x1';
  /** @defaultValue true */
  readonly bias?: boolean;
}

export const linearKeys: Keys<LinearConfig> = { weight: true, bias: true };

/** Fully connected layer over all of an image's values: of a vector [N, C], or of planes [N, C, H, W]. */
export function linear(x: Value, name: string, out: number, config: LinearConfig = {}): Value {
  checkName(name);
  checkCount(`${name}: out`, out);
  checkConfig(name, config, linearKeys);
  const { weight = 'matrix', bias = true } = config;
  graphOf(x);
  const shape = weight === 'matrix' ? [out, sizeOf(x.shape.slice(1))] : [out, channels(x), 1, 1];
  const operands = [x, param(x, `${name}.weight`, shape)];
  return named(graphOf(x).emit('linear', bias ? [...operands, param(x, `${name}.bias`, [out])] : operands, {}), name);
}

/** A layer without parameters. */
export type Activation = (x: Value) => Value;

import { showShape, UnsupportedError } from '../errors.js';
import type { Box, Value } from '../ops/op.js';
import { type Integers, type Quantisation, rangeOf } from '../ops/quantised/quantisation.js';
import { type Shape, sameShape, sizeOf } from '../tensor.js';
import type { Constant } from './tensor.js';

/** What a name stands for while a graph is made: a constant, or a value of our graph. */
export type Known = Fixed | Live;

export interface Fixed {
  readonly name: string;
  readonly constant: Constant;
}

/**
 * ONNX's shape of a value of ours. The numbers and their order are the same, whatever both shapes: Flatten, Reshape, Squeeze and Unsqueeze change `shape`
 * alone, and what ONNX writes as [N, C, 1, 1] after a global pool is our [N, C].
 */
export interface Live {
  readonly value: Value;
  readonly shape: Shape;
  /** Zeros round the plane that are not there yet: a convolution takes them as its padding. `shape` counts them. */
  readonly border?: Box;
  /** What an Expand made it of. */
  readonly repeats?: Live;
}

export const isFixed = (known: Known): known is Fixed => 'constant' in known;

/** Why a node cannot be expressed. Never seen outside: the walk collects them. */
export class Inexpressible extends UnsupportedError {
  /** Of its output, where it is known all the same: what follows can be judged by it. */
  readonly shape: Shape | undefined;
  constructor(reason: string, shape?: Shape) {
    super(reason);
    this.shape = shape;
  }
}

export function cannot(reason: string, shape?: Shape): never {
  throw new Inexpressible(reason, shape);
}

export const live = (value: Value, shape: Shape = value.shape): Live => ({ value, shape });

/** How a value of any rank is written in our graph: as [N, C] or [N, C, H, W]. */
export function ourShape(shape: Shape): Shape {
  const [a = 1, b = 1, c = 1, ...rest] = shape;
  if (shape.length === 2 || shape.length === 4) return shape;
  return shape.length < 2 ? [1, sizeOf(shape)] : [a, b, c, sizeOf(rest)];
}

/** What a rearrangement takes of the axes of x: all that is not said stays. */
export interface Moves {
  /** Another way to write x's shape, of as many extents. @defaultValue x's */
  readonly view?: Shape;
  /** @defaultValue the axes as they come */
  readonly order?: readonly number[];
  /** By the axes of the result. @defaultValue all cells, in order */
  readonly cells?: readonly (readonly number[] | null)[];
  /** @defaultValue 0 */
  readonly outside?: number;
}

/** A cell of an axis, or −1 where there is none. */
export const cellAt = (place: number, extent: number): number => (place >= 0 && place < extent ? place : -1);

/** How many cells all rearrangements and resizings of a graph may name: a file may ask for any. */
const mostCells = 2 ** 22;
const spent = new WeakMap<Value['graph'], number>();

/** Counts cells before there is a list of them. @throws Inexpressible for too many */
export function spendCells({ value }: Live, count: number): void {
  const all = (spent.get(value.graph) ?? 0) + count;
  if (!(all <= mostCells)) cannot(`rearranged values name more than ${mostCells} cells`);
  spent.set(value.graph, all);
}

/** Numbers in another order, written as `shape`. */
export function rearranged(x: Live, moves: Moves, shape: Shape, ours: Shape = ourShape(shape)): Live {
  if (sizeOf(shape) === 0) cannot(`a value of shape ${showShape(shape)} is empty`);
  const { value, shape: written } = settled(x);
  const { view = written, outside = 0 } = moves;
  const { order = view.map((_, axis) => axis), cells = view.map(() => null) } = moves;
  const move = (from: Value): Value => value.graph.emit('rearrange', [from], { view, order, cells, shape: ours, outside });
  return live(value.integers ? integersMoved(value, value.integers, move) : move(value), shape);
}

/** Integers of 8 bits are floats while they are moved: exact ones. */
function integersMoved(value: Value, { dtype, range }: Integers, move: (from: Value) => Value): Value {
  if (dtype === 'int32') return cannot('int32 are known only where they become floats');
  const x: Quantisation = { dtype, scale: 1, zeroPoint: 0, range };
  const moved = move(value.graph.emit('dequantise', [value], { x }));
  return value.graph.emit('quantise', [moved], { y: { ...x, range: rangeOf[dtype] } });
}

/** With its border, if it has one. */
export function settled(x: Live): Live {
  const { value, shape, border } = x;
  if (border === undefined) return x;
  const [top, , , left] = border;
  const from = (before: number, extent: number, all: number): readonly number[] =>
    Array.from({ length: all }, (_, i) => (i < before || i >= before + extent ? -1 : i - before));
  const [, , H, W] = value.shape as readonly [number, number, number, number];
  spendCells(x, (shape[2] as number) + (shape[3] as number));
  const cells = [null, null, from(top, H, shape[2] as number), from(left, W, shape[3] as number)];
  return rearranged({ value, shape: value.shape }, { cells }, shape);
}

/** The numbers written as `shape` in our graph. */
export function shaped(x: Live, shape: Shape): Value {
  const { value } = settled(x);
  return sameShape(value.shape, shape) ? value : rearranged(live(value), {}, shape, shape).value;
}

/** The value as planes, as ONNX has it. */
export function planes(x: Live): Value {
  if (x.shape.length !== 4) cannot(`it takes [N, C, H, W], and this is ${showShape(x.shape)}`);
  return shaped(x, x.shape);
}

/** Whether it is a number per channel: [N, C], [N, C, 1, 1] and the like. */
export const isVector = ({ value: { shape: ours }, shape }: Live): boolean =>
  shape.length >= 2 && shape[0] === ours[0] && sizeOf(shape.slice(2)) === 1 && sizeOf(ours.slice(2)) === 1;

/** The value as [N, C], however it is written. */
export function vector(given: Live): Value {
  const { value, shape } = given;
  if (shape.length < 2 || sizeOf(shape.slice(2)) !== 1) cannot(`it takes [N, C] or [N, C, 1, 1], and this is ${showShape(shape)}`);
  return isVector(given) && value.shape.length === 4 && !value.integers
    ? value.graph.emit('globalAvgPool', [value], {})
    : shaped(given, shape.slice(0, 2));
}

/** The value as it is if its shape is ONNX's or it is a number per channel, else as our graph writes it. */
export function plain(given: Live): Value {
  const x = settled(given);
  if (sameShape(x.value.shape, x.shape)) return x.value;
  return isVector(x) ? vector(x) : shaped(x, ourShape(x.shape));
}

/** What a fully connected layer reads: [N, C], or planes that ONNX has flattened to [N, C·H·W]; other axes than the last are rows. */
export function rows(x: Live): Value {
  const { shape, value } = x;
  if (shape.length === 0) cannot('a number is no row');
  if (x.border === undefined && shape.length === 2 && shape[0] === value.shape[0]) return value;
  const C = shape.at(-1) as number;
  return shaped(x, [sizeOf(shape) / C, C]);
}

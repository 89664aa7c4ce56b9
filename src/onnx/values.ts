import { showShape, UnsupportedError } from '../errors.js';
import type { Box, Value } from '../ops/op.js';
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

/** The value if its shape is what ONNX has, of four extents. */
export function planes({ value, shape, border }: Live): Value {
  if (border !== undefined) cannot('a Pad is expressed as the padding of a Conv that follows it, and of nothing else');
  if (shape.length !== 4) cannot(`it takes [N, C, H, W], and this is ${showShape(shape)}`);
  if (!sameShape(value.shape, shape)) cannot(`${showShape(value.shape)} written as ${showShape(shape)} is no layout of ours`);
  return value;
}

/** Whether it is a number per channel: [N, C], [N, C, 1, 1] and the like. */
export const isVector = ({ value: { shape: ours }, shape }: Live): boolean =>
  shape.length >= 2 && shape[0] === ours[0] && sizeOf(shape.slice(2)) === 1 && sizeOf(ours.slice(2)) === 1;

/** The value as [N, C]. */
export function vector(given: Live): Value {
  if (!isVector(given)) cannot(`it takes [N, C] or [N, C, 1, 1], and this is ${showShape(given.shape)}`);
  const { value } = given;
  return value.shape.length === 2 ? value : value.graph.emit('globalAvgPool', [value], {});
}

/** The value as it is if its shape is ONNX's, else as [N, C]. */
export function plain(given: Live): Value {
  if (given.border !== undefined) return planes(given);
  return sameShape(given.value.shape, given.shape) ? given.value : vector(given);
}

/** What a fully connected layer reads: [N, C], or planes that ONNX has flattened to [N, C·H·W]. */
export function rows({ value, shape, border }: Live): Value {
  if (border === undefined && shape.length === 2 && shape[0] === value.shape[0]) return value;
  return cannot(`it takes [N, C], and this is ${showShape(shape)}`);
}

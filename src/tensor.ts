import { ShapeError } from './errors.js';

/** Extents, outermost first. Activations are [N, C, H, W] or [N, C]; convolution weights [O, C/G, P, Q]. */
export type Shape = readonly number[];

/**
 * Values in row-major order. Float32 is what networks run in; the reference also runs in Float64,
 * for oracles whose own error must not matter.
 */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
}

export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

/**
 * A tensor over `data`, copied to float32 unless it already is a typed float array.
 *
 * @throws ShapeError if the shape holds a negative or fractional extent, or does not match the number of values.
 */
export function tensor(shape: Shape, data: Float32Array | Float64Array | readonly number[]): Tensor {
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    throw new ShapeError('tensor: extents must be whole numbers', { shape });
  if (sizeOf(shape) !== data.length) throw new ShapeError(`tensor of ${data.length} values`, { shape });
  const typed = data instanceof Float32Array || data instanceof Float64Array ? data : Float32Array.from(data);
  return { shape: [...shape], data: typed };
}

/** Zeros of the given shape in the precision of `like`. */
export function zerosLike(like: Tensor, shape: Shape): Tensor {
  const size = sizeOf(shape);
  return { shape, data: like.data instanceof Float64Array ? new Float64Array(size) : new Float32Array(size) };
}

/** Sums in float64, rounded once, to the precision of `like`. */
export function rounded(like: Tensor, shape: Shape, sums: ArrayLike<number>): Tensor {
  const y = zerosLike(like, shape);
  y.data.set(sums);
  return y;
}

/** f applied to each value, in x's precision. */
export function map(x: Tensor, f: (value: number) => number): Tensor {
  const y = zerosLike(x, x.shape);
  for (let i = 0; i < x.data.length; i++) y.data[i] = f(x.data[i] as number);
  return y;
}

/** The same values as float64 (exact), so that what follows neither rounds to float32 nor overflows there. */
export const widen = (x: Tensor): Tensor => ({ shape: x.shape, data: Float64Array.from(x.data) });

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((extent, i) => extent === b[i]);

/** The four extents of an [N, C, H, W] shape. @throws ShapeError for any other rank. */
export function dims4(shape: Shape): readonly [number, number, number, number] {
  if (shape.length !== 4) throw new ShapeError('expected four extents', { shape });
  return shape as unknown as readonly [number, number, number, number];
}

/** The two extents of an [N, C] shape. @throws ShapeError for any other rank. */
export function dims2(shape: Shape): readonly [number, number] {
  if (shape.length !== 2) throw new ShapeError('expected two extents', { shape });
  return shape as unknown as readonly [number, number];
}

/** x[n, c, h, w], and 0 outside the plane, so that zero padding needs no branch. Indexes `shape` directly: destructuring costs 4x here. */
export function at4(x: Tensor, n: number, c: number, h: number, w: number): number {
  const H = x.shape[2] as number;
  const W = x.shape[3] as number;
  if (h < 0 || h >= H || w < 0 || w >= W) return 0;
  return x.data[((n * (x.shape[1] as number) + c) * H + h) * W + w] as number;
}

/** The single value of a list that must hold exactly `count`, typed as a tuple for destructuring. */
export function operands<const N extends 1 | 2 | 3 | 4 | 5, T>(op: string, inputs: readonly T[], count: N): Tuple<T, N> {
  if (inputs.length !== count) throw new ShapeError(`${op} takes ${count} operands, not ${inputs.length}`, {});
  return inputs as unknown as Tuple<T, N>;
}
type Tuple<T, N extends number> = N extends 1
  ? readonly [T]
  : N extends 2
    ? readonly [T, T]
    : N extends 3
      ? readonly [T, T, T]
      : N extends 4
        ? readonly [T, T, T, T]
        : readonly [T, T, T, T, T];

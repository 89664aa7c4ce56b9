import { InputError, ShapeError, showShape } from './errors.js';

/** Extents, outermost first. Activations are [N, C, H, W] or [N, C]; convolution weights [O, C/G, P, Q]. */
export type Shape = readonly number[];

/**
 * Values in row-major order. Float32 is what networks run in; the reference also runs in Float64,
 * for oracles whose own error must not matter. The integers of quantised graphs are held as floats too, exactly: those of 8 bits in either, int32 in Float64.
 */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
}

/** A tensor whose values are elsewhere, in a file for one, until they are read. */
export interface ReadableTensor {
  readonly shape: Shape;
  /** @param into memory that the values may be put in, if they fit: they are there until it is used again */
  read(into?: Uint8Array): Promise<Tensor>;
}

/** Whole numbers of a byte each, which stay so in memory: `data` are the floats that hold them, made when they are asked for, and kept no longer than somebody has them. */
export interface ByteTensor extends Tensor {
  readonly bytes: Int8Array;
}

export function byteTensor(shape: Shape, bytes: Int8Array): ByteTensor {
  let made: WeakRef<Float32Array> | undefined;
  return {
    shape,
    bytes,
    get data() {
      const floats = made?.deref() ?? new Float32Array(bytes);
      made = new WeakRef(floats);
      return floats;
    },
  };
}

/** The bytes that a tensor is made of, if it is. */
export function bytesIn(tensor: object): Int8Array | undefined {
  const { bytes } = tensor as Partial<ByteTensor>;
  return bytes instanceof Int8Array ? bytes : undefined;
}

export const isReadable = (given: Tensor | ReadableTensor | undefined): given is ReadableTensor =>
  typeof (given as Partial<ReadableTensor> | undefined)?.read === 'function';

export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

/** Whether a value of a type that nobody checked is a shape. */
export const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);

/** What a value of a type that nobody checked is, for messages: `Int8Array`, `null`, `string`. Of a promise it says what is missing. */
export function kindOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return kind === 'Promise' ? 'Promise: await it' : kind;
}

/** Of a text that would be taken for another value, as a number or null, or that would not be seen, as blanks. */
const looksOtherwise = /^\s*$|^[\d.+-]|^(true|false|null|undefined)$/;

/** A value of a type that nobody checked, in a message: numbers and texts as they are, unless a text looks like no text; of objects the kind. */
export function shown(value: unknown): string {
  if (Array.isArray(value))
    return `[${value
      .slice(0, 8)
      .map((item) => (Array.isArray(item) ? 'a list' : shown(item)))
      .join(', ')}]`;
  if (typeof value === 'string' && looksOtherwise.test(value)) return `'${value}'`;
  return typeof value === 'object' && value !== null ? kindOf(value) : String(value);
}

/** Floats by their own account, not by class: they may come from another realm, as those of a frame do. */
const isFloats = (data: unknown): boolean => ArrayBuffer.isView(data) && /^Float(32|64)Array$/.test(kindOf(data));

/** Why a value of a type that nobody checked is no tensor, to follow its name; undefined of a tensor. Its data may be others' to detach, so ask each time. */
export function flawOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('shape' in value || 'data' in value)) return `is no tensor but ${kindOf(value)}`;
  const { shape } = value as Partial<Tensor>;
  if (!isShape(shape)) return 'has no shape, a list of whole numbers';
  if (bytesIn(value)?.length === sizeOf(shape)) return undefined; // without floats made of them
  const { data } = value as Partial<Tensor>;
  if (!isFloats(data)) return `holds ${kindOf(data)}, not Float32Array or Float64Array`;
  const { length, buffer } = data as Tensor['data'];
  if (length === sizeOf(shape)) return undefined;
  return `of shape ${showShape(shape)} holds ${length} values${buffer.byteLength === 0 ? ', its buffer being empty or detached' : ''}`;
}

/**
 * A tensor over `data`, copied to float32 unless it already is a typed float array.
 *
 * @throws ShapeError if the shape holds a negative or fractional extent, or does not match the number of values; InputError for other data.
 */
export function tensor(shape: Shape, data: Float32Array | Float64Array | readonly number[]): Tensor {
  if (!Array.isArray(shape)) throw new InputError(`tensor(shape, data): a shape is a list of whole numbers, not ${shown(shape)}`);
  if (!isShape(shape)) throw new ShapeError('tensor: extents must be whole numbers', { shape });
  if (!isFloats(data) && !(Array.isArray(data) && data.every((value) => typeof value === 'number')))
    throw new InputError(`tensor(shape, data): data are Float32Array, Float64Array or a flat list of numbers, not ${shown(data)}`);
  if (sizeOf(shape) !== data.length) throw new ShapeError(`tensor of ${data.length} values`, { shape });
  return { shape: [...shape], data: isFloats(data) ? (data as Tensor['data']) : Float32Array.from(data) };
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

/** The nearest whole number, of two equally near ones the even one: `torch.round`, IEEE 754's default, and ONNX's in every quantising operator. */
export function halfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
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

/** The operands of an op that takes exactly `count`, typed as a tuple for destructuring. @throws ShapeError for another number of them */
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

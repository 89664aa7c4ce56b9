import { InputError, ShapeError, WeightsError } from '../../errors.js';
import { halfToEven, type Shape, type Tensor } from '../../tensor.js';

/** What a value's numbers are, where they are no floats. */
export type IntegerDtype = 'uint8' | 'int8' | 'int32';

/** What is known of a value that holds integers: all of them lie in `range`, [lowest, highest], both included. */
export interface Integers {
  readonly dtype: IntegerDtype;
  readonly range: readonly [lowest: number, highest: number];
}

/**
 * How 8-bit integers q stand for real numbers: scale · (q − zeroPoint), for a whole tensor. The integers lie in `range`, [lowest, highest], which may be less
 * than the dtype has: a ReLU is a range that begins at the zero point, and kernels choose their products by it.
 */
export interface Quantisation {
  readonly dtype: 'uint8' | 'int8';
  /** Positive, and a float32. */
  readonly scale: number;
  readonly zeroPoint: number;
  readonly range: readonly [lowest: number, highest: number];
}

/** The same along an axis: a scale and a zero point each, or one for all. int32 stand for sums. */
export interface AxisQuantisation {
  readonly dtype: IntegerDtype;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

/** Weights that are integers; their scales are an operand. */
export interface IntegerWeights {
  readonly dtype: 'uint8' | 'int8';
  /** One for all, or one an output channel. */
  readonly zeroPoints: readonly number[];
}

/** [lowest, highest] of a dtype. */
export const rangeOf = {
  uint8: [0, 255],
  int8: [-128, 127],
  int32: [-(2 ** 31), 2 ** 31 - 1],
} as const satisfies Readonly<Record<IntegerDtype, readonly [lowest: number, highest: number]>>;

export const isIntegerDtype = (value: unknown): value is IntegerDtype => typeof value === 'string' && Object.hasOwn(rangeOf, value);

/** All integers of a dtype. */
export const allOf = (dtype: IntegerDtype): Integers => ({ dtype, range: rangeOf[dtype] });

export const integersOf = ({ dtype, range }: Quantisation): Integers => ({ dtype, range });

/** @throws ShapeError unless a value's integers are those that its reader takes: of that dtype, and none outside that range */
export function expectIntegers(op: string, what: string, expected: Integers | undefined, found: Integers | undefined): void {
  if (expected === undefined && found === undefined) return;
  const shown = (of: Integers | undefined): string => (of === undefined ? 'floats' : `${of.dtype} of ${of.range.join(' to ')}`);
  const isWithin =
    expected?.dtype === found?.dtype &&
    (found as Integers).range[0] >= (expected as Integers).range[0] &&
    (found as Integers).range[1] <= (expected as Integers).range[1];
  if (!isWithin) throw new ShapeError(`${op}: ${what} is ${shown(found)}, expected ${shown(expected)}`, {});
}

/** What an operand is, of operands that may be less than the op takes: then `infer` says so. */
export const expectEach =
  (op: string, names: readonly string[], expected: readonly (Integers | undefined)[]) =>
  (inputs: readonly (Integers | undefined)[]): void => {
    for (const [i, found] of inputs.entries()) expectIntegers(op, names[i] ?? `operand ${i}`, expected[i], found);
  };

/** Of ops that only choose among the values of their operands, or move them: as their operands, which are alike. */
export function chosenIntegers(op: string, inputs: readonly (Integers | undefined)[]): Integers | undefined {
  const [first, ...others] = inputs;
  if (first === undefined) {
    for (const other of others) expectIntegers(op, 'an operand', undefined, other);
    return undefined;
  }
  if (first.dtype === 'int32') throw new ShapeError(`${op}: a value is int32, and only its dequantisation is known`, {});
  for (const other of others) expectIntegers(op, 'an operand', allOf(first.dtype), other);
  const all = inputs as readonly Integers[];
  return { dtype: first.dtype, range: [Math.min(...all.map(({ range }) => range[0])), Math.max(...all.map(({ range }) => range[1]))] };
}

/** Whether a value of a type that nobody checked is a Quantisation. */
export function isQuantisation(value: unknown): value is Quantisation {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, scale, zeroPoint, range } = value as Partial<Quantisation>;
  if (!isIntegerDtype(dtype) || (dtype as IntegerDtype) === 'int32' || !isScale(scale)) return false;
  const [least, most] = rangeOf[dtype];
  const isWhole = (number: unknown): number is number =>
    Number.isInteger(number) && (number as number) >= least && (number as number) <= most;
  return isWhole(zeroPoint) && Array.isArray(range) && range.length === 2 && range.every(isWhole) && range[0] <= range[1];
}

/** A positive float32 that is finite. */
export const isScale = (value: unknown): value is number =>
  typeof value === 'number' && value > 0 && Number.isFinite(value) && Math.fround(value) === value;

/** Whether a value of a type that nobody checked is an AxisQuantisation. */
export function isAxisQuantisation(value: unknown): value is AxisQuantisation {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, scales, zeroPoints, axis } = value as Partial<AxisQuantisation>;
  if (!isIntegerDtype(dtype) || !Number.isInteger(axis) || (axis as number) < 0) return false;
  return Array.isArray(scales) && scales.length > 0 && scales.every(isScale) && areZeroPoints(dtype, zeroPoints);
}

/** Whether a value of a type that nobody checked is IntegerWeights. */
export function isIntegerWeights(value: unknown): value is IntegerWeights {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, zeroPoints } = value as Partial<IntegerWeights>;
  return (dtype === 'uint8' || dtype === 'int8') && areZeroPoints(dtype, zeroPoints);
}

function areZeroPoints(dtype: IntegerDtype, value: unknown): boolean {
  const [least, most] = rangeOf[dtype];
  return Array.isArray(value) && value.length > 0 && value.every((point) => Number.isInteger(point) && point >= least && point <= most);
}

/**
 * What a sum of integer products is multiplied by, for each output channel: x.scale · scales[o] / y.scale, rounded once to float32; without y, where results
 * are floats, x.scale · scales[o].
 *
 * @throws WeightsError for a scale that is no positive number, or a multiplier that is none in float32
 */
export function multipliersOf(x: Quantisation, scales: ArrayLike<number>, y?: Quantisation): Float32Array {
  return Float32Array.from(scales, (scale, o) => {
    const multiplier = Math.fround((x.scale * scale) / (y?.scale ?? 1));
    if (!(scale > 0 && multiplier > 0 && multiplier < Infinity))
      throw new WeightsError(`output channel ${o}: a weight scale of ${scale} gives no multiplier`);
    return multiplier;
  });
}

/**
 * The one rounding of every quantising op: to the nearest whole number, ties to the even one, then the zero point is added, then the range clips.
 *
 * @param scaled in units of y's scale, a float32: kernels have it from float32 operations, which each op names
 * @throws InputError for NaN, which no integer stands for
 */
export function requantised(
  op: string,
  scaled: number,
  { zeroPoint, range: [lowest, highest] }: Pick<Quantisation, 'zeroPoint' | 'range'>,
): number {
  if (Number.isNaN(scaled)) throw new InputError(`${op}: NaN is no integer`);
  return Math.min(Math.max(halfToEven(scaled) + zeroPoint, lowest), highest);
}

/** x as 8-bit integers: x, rounded to float32, is divided by the scale in float32. */
export const quantisedValue = (op: string, x: number, y: Quantisation): number => requantised(op, Math.fround(Math.fround(x) / y.scale), y);

/** What an integer stands for, in float32: one rounding. */
export const realValue = (q: number, { scale, zeroPoint }: Quantisation): number => Math.fround((q - zeroPoint) * scale);

/** 8-bit integers, as floats. */
export const bytes = (shape: Shape, size: number): { readonly shape: Shape; readonly data: Float32Array } => ({
  shape,
  data: new Float32Array(size),
});

/** @throws WeightsError for a number that is none of those integers */
export function checkIntegers(tensor: string, { data, shape }: Tensor, { dtype, range: [lowest, highest] }: Integers): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (!(Number.isInteger(value) && value >= lowest && value <= highest))
      throw new WeightsError(`tensor ${tensor} is ${dtype} and holds ${value} at index ${i}`, { tensor, shapes: { shape } });
  }
}

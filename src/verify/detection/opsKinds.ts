import type { Size } from '../../detect/boxes.js';
import { InputError } from '../../errors.js';
import { anyText, type Kind, listOf, record, wholeFrom } from '../../io/schema.js';
import { type Shape, sizeOf } from '../../tensor.js';

/** What a file of detection operators holds at its places. Sizes are limited, so that no file makes tensors out of proportion to itself. */

/** More boxes than a network proposes; a suppression of so many takes a second. */
const mostRows = 2 ** 14;
/** Of one generated tensor, or of a batch: 32 MiB in float64. */
export const mostValues = 2 ** 22;
export const mostSide = 2 ** 14;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const numbers: Kind<Float64Array> = {
  what: 'a list of numbers',
  read(value, path) {
    if (!Array.isArray(value)) throw new InputError(`${path} must be ${this.what}`);
    const wrong = value.findIndex((entry) => !isNumber(entry));
    if (wrong >= 0) throw new InputError(`${path}[${wrong}] must be a number`);
    return Float64Array.from(value);
  },
};

/** Rows of one length, 4 unless it may be any, as one. */
export const rowsOf = (width?: number): Kind<Float64Array> => ({
  what: `a list of at most ${mostRows} rows of ${width ?? 'equally many'} numbers`,
  read(value, path) {
    if (!Array.isArray(value) || value.length > mostRows) throw new InputError(`${path} must be ${this.what}`);
    const expected = width ?? (Array.isArray(value[0]) ? value[0].length : 1);
    const wrong = value.findIndex((row) => !Array.isArray(row) || row.length !== expected || !row.every(isNumber));
    if (wrong >= 0) throw new InputError(`${path}[${wrong}] must be a row of ${expected} numbers`);
    return Float64Array.from((value as readonly (readonly number[])[]).flat());
  },
});

export const rows = rowsOf(4);
export const whole = wholeFrom(0);
export const wholes: Kind<Int32Array> = {
  what: 'a list of whole numbers',
  read: (value, path) => Int32Array.from(listOf(wholeFrom(0, 2 ** 31 - 1)).read(value, path)),
};
export const scoresOfRows: Kind<Float64Array> = {
  what: `a list of at most ${mostRows} numbers`,
  read(value, path) {
    if (Array.isArray(value) && value.length > mostRows) throw new InputError(`${path} must be ${this.what}, not of ${value.length}`);
    return numbers.read(value, path);
  },
};

export const size = listOf(wholeFrom(1, mostSide), 2) as Kind<readonly number[]> as Kind<Size>;
export const newSize = listOf(wholeFrom(0, mostSide), 2) as Kind<readonly number[]> as Kind<Size>;

/** A generated tensor's extents. */
export const shapeOf = (rank: number): Kind<Shape> => ({
  what: `${rank} extents of at most ${mostValues} values together`,
  read(value, path) {
    const shape = listOf(wholeFrom(1, mostValues), rank).read(value, path);
    if (sizeOf(shape) > mostValues) throw new InputError(`${path} must be ${this.what}, not ${JSON.stringify(shape)}`);
    return shape;
  },
});

/** An object of any keys, at most a hundred, each of the same kind. */
export const mapOf = <T>(kind: Kind<T>): Kind<ReadonlyMap<string, T>> => ({
  what: `an object of at most 100 keys, each ${kind.what}`,
  read(value, path) {
    const entries = Object.entries(record.read(value, path));
    if (entries.length > 100) throw new InputError(`${path} must be ${this.what}, not of ${entries.length}`);
    return new Map(entries.map(([key, entry]) => [key, kind.read(entry, `${path}.${key}`)]));
  },
});

/** Text that says one thing, as the number in it. */
export const numberIn = (pattern: RegExp, what: string): Kind<number> => ({
  what,
  read(value, path) {
    const found = pattern.exec(anyText.read(value, path))?.[1];
    if (found === undefined) throw new InputError(`${path} must be ${what}, not ${JSON.stringify(value).slice(0, 80)}`);
    return Number(found);
  },
});

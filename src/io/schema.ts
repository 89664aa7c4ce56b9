import { InputError } from '../errors.js';
import { nearest } from '../graph/nearest.js';

/** What JSON may hold at some place, as data that checks it and gives it its type. */
export interface Kind<T> {
  /** Ends the sentence "KEY must be …". */
  readonly what: string;
  /** The value, defaults filled in. @throws InputError naming `path`, what was expected there and what was found. */
  read(value: unknown, path: string): T;
  /** What stands for a key that is absent; without it the key is required. */
  readonly absent?: { readonly value: T };
}

export type Read<K> = K extends Kind<infer T> ? T : never;

/** What is checked in one go, by a question. */
export const plain = <T>(what: string, is: (value: unknown) => boolean): Kind<T> => ({
  what,
  read(value, path) {
    if (!is(value)) throw new InputError(`${path} must be ${what}, not ${show(value)}`);
    return value as T;
  },
});

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const text = plain<string>('text', (value) => typeof value === 'string' && value !== '');
/** Text that may be empty. */
export const anyText = plain<string>('text', (value) => typeof value === 'string');
export const flag = plain<boolean>('true or false', (value) => typeof value === 'boolean');
export const record = plain<Readonly<Record<string, unknown>>>('an object', isRecord);
export const wholeFrom = (least: number, most = Number.MAX_SAFE_INTEGER): Kind<number> =>
  plain(
    `a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
/** JSON's numbers may be beyond what there is, as 1e999 is. */
export const number = plain<number>('a number', isNumber);
/** Of a measurement: what is beyond is none, and cannot be drawn. */
const largest = 1e15;
export const measured = plain<number>(`a number from -${largest} to ${largest}`, (value) => isNumber(value) && Math.abs(value) <= largest);
export const positive = plain<number>('a number above 0', (value) => isNumber(value) && value > 0);
export const atLeast = (least: number): Kind<number> => plain(`a number from ${least}`, (value) => isNumber(value) && value >= least);
/** From 0, which may be meant, to less than 1, or to 1 itself. */
export const share = plain<number>('a number from 0 to 1', (value) => isNumber(value) && value >= 0 && value <= 1);
export const shareBelow1 = plain<number>('a number from 0 to less than 1', (value) => isNumber(value) && value >= 0 && value < 1);
export const oneOf = <const T extends string>(...values: readonly T[]): Kind<T> =>
  plain(values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`, (value) => values.includes(value as T));

export const listOf = <T>(kind: Kind<T>, length?: number): Kind<readonly T[]> => {
  const what = `a list of ${length ?? 'values, each'} ${kind.what}`;
  return {
    what,
    read(value, path) {
      if (!Array.isArray(value) || (length !== undefined && value.length !== length))
        throw new InputError(`${path} must be ${what}, not ${show(value)}`);
      return value.map((entry, i) => kind.read(entry, `${path}[${i}]`));
    },
  };
};

/** One a channel. */
export const three = (kind: Kind<number>): Kind<readonly [number, number, number]> =>
  listOf(kind, 3) as Kind<readonly number[]> as Kind<readonly [number, number, number]>;

/** Both ends, the lower one first. */
export const range = (kind: Kind<number>): Kind<readonly [number, number]> => ({
  what: `two of ${kind.what}, the smaller one first`,
  read(value, path) {
    const [from, to] = listOf(kind, 2).read(value, path) as readonly [number, number];
    if (from > to) throw new InputError(`${path} must be ${this.what}, not ${show(value)}`);
    return [from, to];
  },
});

/** Or null. */
export const nullable = <T>(kind: Kind<T>): Kind<T | null> => {
  const what = `${kind.what}, or null`;
  return { what, read: (value, path) => (value === null ? null : kind.read(value, path)) };
};

/** A key that may be left out. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined>;
export function optional<T>(kind: Kind<T>, value: T): Kind<T>;
export function optional<T>(kind: Kind<T>, value?: T): Kind<T | undefined> {
  return { ...kind, absent: { value } };
}

type Fields = Readonly<Record<string, Kind<unknown>>>;
export type ReadFields<F extends Fields> = { readonly [K in keyof F]: Read<F[K]> };

/** An object of these keys and no others. */
export const object = <F extends Fields>(fields: F): Kind<ReadFields<F>> => ({
  what: `an object of ${Object.keys(fields).join(', ')}`,
  read(value, path) {
    const whole = path || 'a configuration';
    if (!isRecord(value)) throw new InputError(`${whole} must be ${this.what}, not ${show(value)}`);
    const known = Object.keys(fields);
    const unknown = Object.keys(value).find((key) => !known.includes(key));
    if (unknown !== undefined)
      throw new InputError(`${below(path, clipped(unknown))} is no key${nearest(unknown, known)}; ${whole} has ${known.join(', ')}`);
    return readFields(fields, value, path);
  },
});

/** An object of these keys at least; others are left out. */
export const objectWith = <F extends Fields>(fields: F): Kind<ReadFields<F>> => ({
  what: `an object of ${Object.keys(fields).join(', ')}`,
  read(value, path) {
    if (!isRecord(value)) throw new InputError(`${path || 'the whole'} must be ${this.what}, not ${show(value)}`);
    return readFields(fields, value, path);
  },
});

function readFields<F extends Fields>(fields: F, value: Readonly<Record<string, unknown>>, path: string): ReadFields<F> {
  const entries = Object.entries(fields).map(([key, kind]) => {
    const found = Object.hasOwn(value, key) ? value[key] : undefined; // every object has a constructor
    if (found !== undefined) return [key, kind.read(found, below(path, key))];
    if (kind.absent) return [key, kind.absent.value];
    throw missing(below(path, key), kind);
  });
  return Object.fromEntries(entries) as ReadFields<F>;
}

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** An object whose `name` says which keys it has. */
export const named = <V extends Readonly<Record<string, Fields>>>(
  variants: V,
): Kind<{ [N in keyof V & string]: { readonly name: N } & ReadFields<V[N]> }[keyof V & string]> => {
  const names = Object.keys(variants);
  return {
    what: `an object whose name is one of ${names.join(', ')}`,
    read(value, path) {
      if (!isRecord(value)) throw new InputError(`${path} must be ${this.what}, not ${show(value)}`);
      if (!Object.hasOwn(value, 'name')) throw missing(`${path}.name`, oneOf(...names));
      const name = oneOf(...names).read(value.name, `${path}.name`);
      return object({ name: oneOf(name), ...variants[name] }).read(value, path) as never;
    },
  };
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const missing = (path: string, { what }: Kind<unknown>): InputError => new InputError(`${path} is missing: it must be ${what}`);

/** Briefly: it may be of any kind, size and depth. */
function show(value: unknown): string {
  if (isRecord(value)) return 'an object';
  if (Array.isArray(value) && value.some((entry) => typeof entry === 'object' && entry !== null)) return `a list of ${value.length}`;
  if (Array.isArray(value)) return clipped(`[${value.slice(0, 61).map(showPlain).join(',')}]`);
  return clipped(showPlain(typeof value === 'string' ? value.slice(0, 61) : value));
}

/** JSON has neither NaN nor infinities, and would call them null. */
const showPlain = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

const clipped = (words: string): string => (words.length > 60 ? `${words.slice(0, 59)}…` : words);

import { WeightsError } from '../errors.js';
import { type Budget, heap } from './budget.js';

/** What pickles are made of, as they are read here. */

/** What the caller makes of a name, or of calling it. */
export interface Named {
  readonly kind: string;
}

/** Lists and tuples are arrays, dictionaries are maps. */
export type PickleValue = number | bigint | string | boolean | null | PickleValue[] | Map<PickleValue, PickleValue> | Named;

/** What stands for an object that is of no use here: of some Python class, a set, bytes. */
export interface Inert extends Named {
  readonly kind: 'inert';
  /** What it is, or the function or class that would have made it: `argparse.Namespace`. */
  readonly what: string;
  /** What it holds as a dictionary, if it is one: classes may extend `dict`. */
  items?: Map<PickleValue, PickleValue>;
  /** The texts in it, if it is a set that holds any. */
  texts?: Set<string>;
  /** Its attributes by name, if it was given any. */
  attributes?: ReadonlyMap<PickleValue, PickleValue>;
  /** What else it was told to restore itself from. */
  state?: readonly PickleValue[];
  /** What the function was called with, where that says what it is. */
  readonly args?: readonly PickleValue[];
  /** If it is bytes: a view of the file. */
  readonly bytes?: Uint8Array;
}

export const inert = (what: string, more: Pick<Inert, 'args' | 'bytes'> = {}): Inert => ({ kind: 'inert', what, ...more });

export const isInert = (value: PickleValue | undefined): value is Inert =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'inert';

/** Puts the texts among `items` into a set, of which nothing else is needed. Counts what it takes. */
export function addTexts(set: Inert, items: readonly PickleValue[], budget: Budget): void {
  for (const item of items) {
    if (typeof item !== 'string' || set.texts?.has(item)) continue;
    budget.spend(heap.entry + (set.texts ? 0 : heap.dict), 'pickle');
    set.texts = (set.texts ?? new Set()).add(item);
  }
}

/** The dictionary that a value is, if it is one. */
export const dictOf = (value: PickleValue | undefined): ReadonlyMap<PickleValue, PickleValue> | undefined =>
  value instanceof Map ? value : isInert(value) ? value.items : undefined;

/** Bytes that a pickle holds. */
export interface PickledBytes {
  readonly length: number;
  readonly read: () => Uint8Array;
}

/**
 * The bytes that a value is, if it is such. Protocol 2 has none: Python 3 writes them as text, a character each, which `_codecs.encode` turns back, and no
 * bytes as a call of `bytes`. Python 2's text is bytes.
 */
export function bytesIn(value: PickleValue | undefined): PickledBytes | undefined {
  if (isInert(value) && value.bytes !== undefined) {
    const { bytes } = value;
    return { length: bytes.length, read: () => bytes };
  }
  const [text] = isInert(value) && value.what === 'bytes' ? (value.args ?? ['']) : [value];
  return typeof text === 'string' ? { length: text.length, read: () => latin1(text) } : undefined;
}

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new WeightsError(`pickle: expected bytes, found a text with character ${code}`);
    bytes[i] = code;
  }
  return bytes;
}

/** What the caller makes of the names in a pickle. */
export interface PickleNames {
  /** `module.name`, as in `collections.OrderedDict`. */
  global(name: string): Named;
  /** A global called. */
  call(global: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** An object that the pickle refers to but does not hold. */
  persistent(id: PickleValue): PickleValue;
}

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
  /** Its attributes by name, if it was given any. */
  attributes?: ReadonlyMap<PickleValue, PickleValue>;
}

export const inert = (what: string): Inert => ({ kind: 'inert', what });

export const isInert = (value: PickleValue | undefined): value is Inert =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'inert';

/** The dictionary that a value is, if it is one. */
export const dictOf = (value: PickleValue | undefined): ReadonlyMap<PickleValue, PickleValue> | undefined =>
  value instanceof Map ? value : isInert(value) ? value.items : undefined;

/** What the caller makes of the names in a pickle. */
export interface PickleNames {
  /** `module.name`, as in `collections.OrderedDict`. */
  global(name: string): Named;
  /** A global called. */
  call(global: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** An object that the pickle refers to but does not hold. */
  persistent(id: PickleValue): PickleValue;
}

import { InputError } from '../errors.js';
import { kindOf } from '../tensor.js';
import { nearest } from './nearest.js';

/** The names of an object's keys: a type says which, so that none is missing here. */
export type Keys<T> = { readonly [K in keyof T]-?: true };

/**
 * A misspelt option would be left out in silence, and something else computed.
 *
 * @param who takes them, for the message: `compile`
 * @throws InputError for what is no object, and for a key that is not known, with those that are near
 */
export function checkKnown(who: string, given: unknown, known: Readonly<Record<string, true>>): void {
  const names = Object.keys(known);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new InputError(`${who} takes options, { ${names.join(', ')} }, not ${kindOf(given)}`);
  const strange = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  if (strange !== undefined) throw new InputError(`${who}: unknown option ${strange.slice(0, 80)}${nearest(strange, names)}`);
}

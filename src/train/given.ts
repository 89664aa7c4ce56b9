import { InputError, naming } from '../errors.js';
import type { Kind } from '../io/schema.js';
import { flawOf, kindOf, shown } from '../tensor.js';
import type { Tensors, ToStep } from './optimiser.js';

/** What callers hand in whose types nobody checked. A step runs thousands of times: shapes are looked at, values are not. */

/** Options with their defaults filled in. @throws InputError naming who takes them, which one is wrong, what it must be and what it is */
export const optionsOf = <T>(who: string, kind: Kind<T>, given: unknown): T => naming(who, () => kind.read(given, 'options'));

/** A value that is an argument of its own. @throws as `optionsOf` */
export const argumentOf = <T>(who: string, called: string, kind: Kind<T>, given: unknown): T => naming(who, () => kind.read(given, called));

function isMap(value: unknown): value is Tensors {
  const { get, entries, values, [Symbol.iterator]: each } = (value ?? {}) as Partial<Tensors>;
  return [get, entries, values, each].every((method) => typeof method === 'function');
}

/** @throws InputError for what is no Map */
export function checkMap(who: string, called: string, given: unknown): void {
  if (!isMap(given)) throw new InputError(`${who}: ${called} must be a Map of tensors by name, not ${kindOf(given)}`);
}

/** @throws InputError for what is no Map, or holds what is no tensor */
export function checkTensorMap(who: string, called: string, given: Tensors): void {
  checkMap(who, called, given);
  for (const [name, tensor] of given) {
    if (typeof name !== 'string') throw new InputError(`${who}: ${called} must be by name, not by ${kindOf(name)}`);
    const flaw = flawOf(tensor);
    if (flaw !== undefined) throw new InputError(`${who}: ${called}: tensor ${shown(name)} ${flaw}`);
  }
}

/**
 * What an optimiser is given. The weights of a gradient are looked at where they are read.
 *
 * @param checkState of what is no state of this optimiser
 * @throws InputError naming what is wrong
 */
export function checkStep<State>(who: string, given: ToStep<State>, checkState: (state: State) => void): void {
  if (kindOf(given) !== 'Object') throw new InputError(`${who} takes { weights, gradients, state }, not ${kindOf(given)}`);
  checkMap(who, 'weights', given.weights);
  checkTensorMap(who, 'gradients', given.gradients);
  if (given.state !== undefined) checkState(given.state);
}

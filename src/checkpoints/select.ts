import { InputError } from '../errors.js';
import type { StateDict, TensorFile } from '../io/tensorFile.js';
import { dictsOf, statesOf } from './state.js';

/**
 * A file as if it held nothing but what lies under a name: keys and modules joined by dots, as `takenFrom` of what is recognised says them.
 *
 * @throws InputError naming what there is, if nothing does.
 */
export function selectState(file: TensorFile, name: string): TensorFile {
  const dicts = dictsOf(file);
  const within = dicts.filter(({ path }) => path === name || path.startsWith(`${name}.`));
  const states = within.length > 0 ? within : dicts.flatMap((dict) => partOf(dict, name));
  const [first] = states;
  if (first === undefined) {
    const names = statesOf(file).map(({ takenFrom }) => takenFrom);
    throw new InputError(`expected a state of the file, found ${name.slice(0, 80)}; there ${known(names.filter((known) => known !== ''))}`);
  }
  return { ...file, tensors: first.tensors, states };
}

/** The tensors of a dictionary below a module. */
function partOf({ path, tensors, others, beside, layers = new Map() }: StateDict, name: string): readonly StateDict[] {
  const modules = path === '' ? name : name.startsWith(`${path}.`) ? name.slice(path.length + 1) : undefined;
  if (modules === undefined) return [];
  const isBelow = ([key]: readonly [string, unknown]): boolean => key.startsWith(`${modules}.`);
  const below = <T>(entries: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...entries].filter(isBelow).map(([key, value]) => [key.slice(modules.length + 1), value]));
  const part = below(tensors);
  if (part.size === 0) return [];
  const all = [...[...tensors.keys()].map((key) => [key, 'a tensor'] as const), ...others];
  const outside = new Map([...all.filter((entry) => !isBelow(entry)), ...beside]);
  return [{ path: name, tensors: part, others: below(others), beside: outside, layers: below(layers) }];
}

const known = (names: readonly string[]): string => (names.length === 0 ? 'is none that has a name' : `is ${names.join(', ')}`);

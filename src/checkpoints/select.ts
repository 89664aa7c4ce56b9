import { InputError } from '../errors.js';
import type { StateDict, TensorFile } from '../io/tensorFile.js';
import { statesOf } from './state.js';

/**
 * A file as if it held nothing but what lies under a name: keys and modules joined by dots, as `takenFrom` of what is recognised says them.
 *
 * @throws InputError naming what there is, if nothing does.
 */
export function selectState(file: TensorFile, name: string): TensorFile {
  const dicts: readonly StateDict[] = file.states ?? [{ path: '', tensors: file.tensors, others: new Map(), beside: new Map() }];
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
function partOf({ path, tensors, others, beside }: StateDict, name: string): readonly StateDict[] {
  const modules = path === '' ? name : name.startsWith(`${path}.`) ? name.slice(path.length + 1) : undefined;
  if (modules === undefined) return [];
  const below = <T>(entries: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...entries].flatMap(([key, value]) => (key.startsWith(`${modules}.`) ? [[key.slice(modules.length + 1), value]] : [])));
  const part = below(tensors);
  return part.size === 0 ? [] : [{ path: name, tensors: part, others: below(others), beside }];
}

const known = (names: readonly string[]): string => (names.length === 0 ? 'is none that has a name' : `is ${names.join(', ')}`);

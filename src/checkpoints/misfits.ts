import { showShape } from '../errors.js';
import type { Shape } from '../tensor.js';
import { holdsSame } from './holdsSame.js';

/** How a file's tensors differ from those that a network expects. */

/** Anything with a shape, by name, and what its values are stored as, where that is known. */
export type Shapes = ReadonlyMap<string, Shaped>;

export interface Shaped {
  readonly shape: Shape;
  readonly dtype?: string;
}

/** A tensor that is expected, and is not found or has another shape. */
export interface Misfit {
  readonly name: string;
  readonly expected: Shape;
  readonly found: Shape | undefined;
}

interface Misshapen extends Misfit {
  readonly found: Shape;
}

/** All that differs, by kind. */
export interface Differing {
  /** Names that the network has and the file has not. */
  readonly missing: readonly string[];
  readonly misshapen: readonly Misshapen[];
  /** Names that the file has and the network has not. */
  readonly extra: readonly string[];
  /** Of those, the ones beside the network's module: what each does. */
  readonly around?: ReadonlyMap<string, string>;
}

/** In the network's order. */
export const misfitsOf = (expected: ReadonlyMap<string, Shape>, tensors: Shapes): readonly Misfit[] =>
  [...expected].flatMap(([name, shape]) => {
    const found = tensors.get(name)?.shape;
    return found !== undefined && holdsSame(shape, found) ? [] : [{ name, expected: shape, found }];
  });

/** Names that only the file has. */
export const othersIn = (tensors: Shapes, expected: ReadonlyMap<string, Shape>): readonly string[] =>
  [...tensors.keys()].filter((name) => !expected.has(name));

/** The misfits by kind. */
export function compareTensors(expected: ReadonlyMap<string, Shape>, tensors: Shapes): Pick<Differing, 'missing' | 'misshapen'> {
  const misfits = misfitsOf(expected, tensors);
  return {
    missing: misfits.flatMap(({ name, found }) => (found === undefined ? [name] : [])),
    misshapen: misfits.filter((misfit): misfit is Misshapen => misfit.found !== undefined),
  };
}

/** How far a file is from a network. */
export const differences = ({ missing, extra, misshapen }: Differing): number => missing.length + extra.length + misshapen.length;

/** What is said of a tensor that the network has and the file has not, or has something else `instead`. */
const missingText = (name: string, instead: string | undefined): string =>
  instead === undefined ? `${name} is missing` : `${name} is no tensor that can be read, but ${instead}`;

export const misfitText = ({ name, expected, found }: Misfit, instead?: string): string =>
  found === undefined ? missingText(name, instead) : `${name} is ${showShape(found)}, not ${showShape(expected)}`;

/** What is said of a tensor that the file has and its `owner` has not. */
export function extraText(name: string, owner: Owner, around?: Differing['around']): string {
  const what = around?.get(name);
  return what === undefined ? `${name} is not the ${owner}'s` : `${name}, ${what}`;
}

type Owner = 'network' | 'detector';

/** How many differ, and the first of each kind. `owner` is what the others are not of; `unreadable` is what the file has instead of some. */
export function differencesText(
  { missing, misshapen, extra, around }: Differing,
  owner: Owner,
  unreadable: ReadonlyMap<string, string> = new Map(),
): string {
  const first = [
    ...missing.slice(0, 3).map((name) => missingText(name, unreadable.get(name))),
    ...misshapen.slice(0, 3).map((misfit) => misfitText(misfit)),
    ...extra.slice(0, 3).map((name) => extraText(name, owner, around)),
  ];
  return `${missing.length} missing, ${misshapen.length} misshapen, ${extra.length} extra (${first.join('; ')})`;
}

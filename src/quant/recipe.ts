import { InputError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { NodeId } from '../ops/op.js';
import { isQuantisation, type Quantisation, rangeOf } from '../ops/quantised/quantisation.js';
import { kindOf } from '../tensor.js';

/** How a network of the zoo is quantised: plain data, which a file of its weights carries. */
export interface QuantisedRecipe {
  /** What the integers of each value stand for, by the value's key: [scale, zero point, lowest, highest] in uint8. */
  readonly values: Readonly<Record<string, readonly [scale: number, zeroPoint: number, lowest: number, highest: number]>>;
  /** Layers that stay as they are, by the names of their weights without `.weight`. */
  readonly float: readonly string[];
}

/** Why a value of a type that nobody checked is no recipe; undefined of one. */
export function flawOfRecipe(value: unknown): string | undefined {
  if (kindOf(value) !== 'Object') return `is ${kindOf(value)}, not an object of values and float`;
  const { values, float, ...others } = value as Partial<QuantisedRecipe>;
  const [strange] = Object.keys(others);
  if (strange !== undefined) return `has ${strange.slice(0, 80)}, which is not known`;
  if (!Array.isArray(float) || !float.every((name) => typeof name === 'string')) return 'has no list of the layers that stay floats';
  if (kindOf(values) !== 'Object') return 'says of no value what its integers stand for';
  const [wrong] = Object.entries(values as QuantisedRecipe['values']).filter(([, entry]) => !isEntry(entry));
  return wrong && `says of ${wrong[0].slice(0, 80)} no scale, zero point, lowest and highest integer`;
}

const isEntry = (entry: unknown): boolean => Array.isArray(entry) && entry.length === 4 && isQuantisation(quantisationOf(entry as never));

const quantisationOf = ([scale, zeroPoint, lowest, highest]: QuantisedRecipe['values'][string]): Quantisation => ({
  dtype: 'uint8',
  scale,
  zeroPoint,
  range: [lowest, highest],
});

/** The keys of a graph's values: the op and which of its kind it is, the same whatever the batch, the picture's size and the outputs. */
export function keysOf({ nodes }: Graph): readonly string[] {
  const counts = new Map<string, number>();
  return nodes.map(({ op }) => {
    const count = (counts.get(op) ?? 0) + 1;
    counts.set(op, count);
    return `${op}.${count}`;
  });
}

/** What a recipe says of a value. `wide`: nothing multiplies its integers, so that they may have all of uint8. */
export type Lookup = (id: NodeId, wide: boolean) => Quantisation;

/** @throws InputError for a value that the recipe does not know: it is another network's, or variant's */
export function lookupIn(graph: Graph, recipe: QuantisedRecipe): Lookup {
  const keys = keysOf(graph);
  return (id) => {
    const key = keys[id] as string;
    const found = quantisationIn(recipe, key);
    if (found === undefined) throw new InputError(`quantised: nothing is said of the value ${key}: it is of another network`);
    return found;
  };
}

/** What a recipe says of the value of a key; undefined if nothing. */
export function quantisationIn({ values }: QuantisedRecipe, key: string): Quantisation | undefined {
  const entry = Object.hasOwn(values, key) ? values[key] : undefined;
  return entry && quantisationOf(entry);
}

/** Of a value that lies from `low` to `high`, which 0 is made part of, so that it stays exact. Activations have 7 bits: `range` says why. */
export function quantisationFor(low: number, high: number, wide: boolean): Quantisation {
  const [from, to] = [Math.min(low, 0), Math.max(high, 0)];
  const range = wide ? rangeOf.uint8 : activationRange;
  const [lowest, highest] = range;
  // a value that is always 0 may have any scale
  const scale = to > from ? Math.max(Math.fround((to - from) / (highest - lowest)), 2 ** -100) : 1;
  const zeroPoint = Math.min(Math.max(Math.round(lowest - from / scale), lowest), highest);
  return { dtype: 'uint8', scale, zeroPoint, range };
}

/**
 * Of values that are multiplied. Engines disagree on relaxed products of 8 bits by 8: x86 takes the second operand as unsigned and saturates pairs at 16 bits,
 * Arm takes it as signed. From 0 to 127 all agree, and no pair of products leaves 16 bits.
 */
export const activationRange = [0, 127] as const;

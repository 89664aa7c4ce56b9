import { type Shape, sizeOf } from '../tensor.js';
import type { Shaped } from './misfits.js';
import { isTrainers } from './trainers.js';

/** What lies beside a network's module, by its path: the modules that it shares with the network, and whether nothing beside the network is built on it. */
export type Around<T> = ReadonlyMap<string, T & { readonly within: string; readonly apart: boolean }>;

/** What a network's classifier reads and gives. */
export interface Ends {
  /** Extents of the classifier's weights but the first. */
  readonly features: Shape;
  readonly classes: number;
}

/** Channels of a picture. */
const channels = 3;

/**
 * Which of the tensors around a network's module are a part of what the file computes. Such a tensor takes the pictures, the features or the logits by its shape, and
 * no word tells that only a trainer needs it. The network alone would give another answer than the file's own.
 *
 * @param classifier paths of the tensors that are the network's classifier
 * @returns what each does, by its path
 */
export function partsAround<T extends Shaped>(
  around: Around<T>,
  ends: Ends,
  classifier: readonly string[] = [],
): ReadonlyMap<string, string> {
  const others = modulesWithStem(around);
  const parts = new Map<string, string>();
  for (const [path, tensor] of around) {
    const { within, apart } = tensor;
    if (apart || classifier.includes(path) || others.has(moduleBelow(path, within)) || isTrainers(path.slice(within.length), tensor))
      continue;
    const matrix = path.endsWith('bias') ? around.get(path.replace(/bias$/, 'weight')) : undefined;
    if (matrix !== undefined && extentsOf(matrix.shape) > 1) continue; // what the layer takes, its weights tell
    const what = whatTakes(tensor.shape, path.endsWith('weight'), ends);
    if (what !== undefined) parts.set(path, what);
  }
  return parts;
}

/** The module below `within` that a name lies in; empty if it lies in none. */
export const moduleBelow = (name: string, within: string): string => name.slice(0, name.indexOf('.', within.length) + 1);

/** Modules that read pictures themselves: each is another network. */
function modulesWithStem<T extends Shaped>(around: Around<T>): ReadonlySet<string> {
  const modules = [...around].map(([path, { shape, within }]) =>
    shape.length === 4 && shape[1] === channels ? moduleBelow(path, within) : '',
  );
  return new Set(modules.filter((module) => module !== ''));
}

const extentsOf = (shape: Shape): number => shape.filter((extent) => extent !== 1).length;

/** What a layer of such a parameter takes; undefined if neither end of the network. `isWeight`: its outputs come first, as in PyTorch's layers. */
function whatTakes(shape: Shape, isWeight: boolean, { features, classes }: Ends): string | undefined {
  const size = sizeOf(shape);
  const width = sizeOf(features);
  if (size === 1) return 'beside the network, is one number, which features or logits may be scaled by';
  const [first = 0, second = 0] = shape;
  const read = shape.length === 1 || (shape.length > 2 && second === 1) ? [first] : isWeight ? [second] : [second, first];
  const isVector = extentsOf(shape) === 1;
  if (read.includes(width) || (isVector && size === width)) return `beside the network, takes the ${width} features`;
  const isLinear = size === first * Math.max(second, 1);
  if ((isLinear && read.includes(classes)) || (isVector && size === classes)) return `beside the network, takes the ${classes} logits`;
  return isVector && size === channels ? `beside the network, takes ${channels} channels, as a picture has` : undefined;
}

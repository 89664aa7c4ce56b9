import { plain } from '../io/schema.js';
import { map } from '../tensor.js';
import { argumentOf, checkTensorMap } from './given.js';
import type { Tensors } from './optimiser.js';

/** Infinity, which clips nothing, is among them. */
const norms = plain<number>('a number from 0', (value) => typeof value === 'number' && value >= 0);

/** The Euclidean norm of all the tensors' values together. @throws InputError for what is no Map of tensors */
export function globalNorm(tensors: Tensors): number {
  checkTensorMap('globalNorm', 'tensors', tensors);
  return normOf(tensors);
}

/**
 * The gradients, scaled down to the norm `most` if theirs is larger (Pascanu 2013, arXiv:1211.5063, alg. 1).
 *
 * @throws InputError for what is no Map of tensors, or no norm
 */
export function clipByNorm(gradients: Tensors, most: number): Tensors {
  checkTensorMap('clipByNorm', 'gradients', gradients);
  argumentOf('clipByNorm', 'most', norms, most);
  const norm = normOf(gradients);
  if (!(norm > most)) return gradients;
  return new Map([...gradients].map(([name, g]) => [name, map(g, (value) => value * (most / norm))]));
}

function normOf(tensors: Tensors): number {
  let squares = 0;
  for (const { data } of tensors.values()) for (const value of data) squares += value ** 2;
  return Math.sqrt(squares);
}

import { map } from '../tensor.js';
import type { Tensors } from './optimiser.js';

/** The Euclidean norm of all the tensors' values together. */
export function globalNorm(tensors: Tensors): number {
  let squares = 0;
  for (const { data } of tensors.values()) for (const value of data) squares += value ** 2;
  return Math.sqrt(squares);
}

/** The gradients, scaled down to the norm `most` if theirs is larger (Pascanu 2013, arXiv:1211.5063, alg. 1). */
export function clipByNorm(gradients: Tensors, most: number): Tensors {
  const norm = globalNorm(gradients);
  if (!(norm > most)) return gradients;
  return new Map([...gradients].map(([name, g]) => [name, map(g, (value) => value * (most / norm))]));
}

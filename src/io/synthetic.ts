import { InputError } from '../errors.js';
import { parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { isShape, type Shape, sizeOf, type Tensor } from '../tensor.js';

/**
 * Generator `uniform-v1` (assets/conformance/README.md): weights made from their names, so that expected outputs need no weights file
 * and can be checked in any language. All integer arithmetic is modulo 2^32.
 */

/** FNV-1a of the text's UTF-8 bytes. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h;
}

/** murmur3's finaliser: every bit of x sways every bit of the result. */
export function fmix32(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** A tensor's values are offset + r·a·b, for r uniform in [−1, 1). */
interface Spread {
  readonly offset: number;
  readonly a: number;
  readonly b: number;
}

function spreadOf(name: string, shape: Shape, gain: number): Spread {
  if (name === 'input') return { offset: 0, a: 1, b: 1 };
  if (name.endsWith('running_mean')) return { offset: 0, a: 0.1, b: 1 };
  if (name.endsWith('running_var')) return { offset: 1, a: 0.5, b: 1 };
  if (shape.length >= 2) return { offset: 0, a: gain, b: Math.sqrt(3 / sizeOf(shape.slice(1))) };
  return { offset: name.endsWith('weight') ? 1 : 0, a: 0.1, b: 1 };
}

/**
 * The tensor called `name` under `seed`: an image if that is `input`, else a weight, bias or statistic, told by its name and rank.
 * Each value is computed in float64 and rounded once, to float32.
 *
 * @param gain scales weights of rank 2 and more; at 1 they keep a layer's variance, before ReLU.
 */
export function syntheticTensor(name: string, shape: Shape, seed: number, gain = 1): Tensor {
  if (typeof name !== 'string' || !isShape(shape) || !Number.isFinite(seed) || !Number.isFinite(gain))
    throw new InputError('a synthetic tensor is made of a name, a shape of whole numbers, a seed and a gain');
  return spreadTensor(name, shape, seed, spreadOf(name, shape, gain));
}

/** The tensor called `name` under `seed` with values uniform in [−1, 1), whatever its name and rank: r itself, exact in float32. */
export function uniformTensor(name: string, shape: Shape, seed: number): Tensor {
  if (typeof name !== 'string' || !isShape(shape) || !Number.isFinite(seed))
    throw new InputError('a uniform tensor is made of a name, a shape of whole numbers and a seed');
  return spreadTensor(name, shape, seed, { offset: 0, a: 1, b: 1 });
}

function spreadTensor(name: string, shape: Shape, seed: number, { offset, a, b }: Spread): Tensor {
  const data = new Float32Array(sizeOf(shape));
  const h = hash(`${name}#${seed}`);
  for (let i = 0; i < data.length; i++) {
    const r = (fmix32(h + Math.imul(i, 0x9e3779b9)) >>> 8) * 2 ** -23 - 1;
    data[i] = offset + r * a * b;
  }
  return { shape, data };
}

export interface SyntheticOptions {
  readonly seed: number;
  /** Scales convolution and linear weights. @defaultValue 1 */
  readonly gain?: number;
}

/** A value for every parameter of the graph, by name, in the checkpoint's order. */
export function syntheticWeights(graph: Graph, options: SyntheticOptions): ReadonlyMap<string, Tensor> {
  if (typeof options !== 'object' || options === null) throw new InputError('synthetic weights need options: { seed }');
  const { seed, gain = 1 } = options;
  return new Map(parameters(graph).map(({ name, shape }) => [name, syntheticTensor(name, shape, seed, gain)]));
}

import { readFileSync } from 'node:fs';
import { parameters } from '../../../src/graph/count.js';
import type { Graph } from '../../../src/graph/graph.js';
import { imagenetClasses } from '../../../src/pretrained/imagenetClasses.js';
import { type Shape, sizeOf, type Tensor } from '../../../src/tensor.js';
import type { CaffeLayer } from './caffe.js';
import { valuesOf } from './published.js';

/** The authors' release as a file each: the layers of fixtures/caffe/, with the blobs that make a network of given weights. */

interface Layers {
  readonly conv: Readonly<Record<string, readonly number[]>>;
  readonly bn: Readonly<Record<string, number>>;
  readonly fc: Readonly<Record<string, readonly number[]>>;
}

export const caffeRelease: Readonly<Record<string, Layers>> = JSON.parse(
  readFileSync(new URL('../../fixtures/caffe/layers.json', import.meta.url), 'utf8'),
).models;

/** Row r of Caffe's classifier is the class that the development kit numbers r + 1; here by sorted synsets. */
const devkitIds = imagenetClasses
  .trim()
  .split('\n')
  .map((line) => Number(line.split('\t')[1]));

/**
 * The layers of a network, and the weights that it should turn out to have. Which layer is which parameter is told by order alone: both list layers as
 * the network runs them, and batch norms likewise.
 */
export function releaseOf(
  { conv, bn, fc }: Layers,
  graph: Graph,
): { readonly layers: readonly CaffeLayer[]; readonly weights: ReadonlyMap<string, Tensor> } {
  const weights = new Map(parameters(graph).map(({ name, shape }) => [name, valuesOf(name, shape)]));
  const names = [...weights.keys()];
  const norms = names.filter((name) => name.endsWith('.running_mean')).map((name) => name.slice(0, -'.running_mean'.length));
  const layersOf = names
    .filter((name) => name.endsWith('.weight'))
    .map((name) => name.slice(0, -'.weight'.length))
    .filter((name) => !norms.includes(name));
  const value = (name: string): Tensor => weights.get(name) as Tensor;
  const optional = (name: string): readonly Tensor[] => (weights.has(name) ? [value(name)] : []);

  const layers: CaffeLayer[] = [];
  for (const [i, [name, [out, inside, P, Q, , , , bias]]] of Object.entries(conv).entries()) {
    const path = layersOf[i] as string;
    const blobs = [value(`${path}.weight`), ...optional(`${path}.bias`)].map((blob) => ({ ...blob, data: blob.data.slice() }));
    const shape = [out, inside, P, Q] as Shape;
    if (blobs.length !== 1 + (bias as number) || sizeOf(shape) !== blobs[0]?.data.length) throw new Error(`${name} is not ${path}`);
    layers.push({ name, type: 'Convolution', blobs: [{ ...(blobs[0] as Tensor), shape }, ...blobs.slice(1)] });
  }
  const stem = layers[0]?.blobs[0] as Tensor;
  layers[0] = { ...(layers[0] as CaffeLayer), blobs: [{ shape: stem.shape, data: bgr(stem) }] };

  for (const [i, [name, C]] of Object.entries(bn).entries()) {
    const path = norms[i] as string;
    if (value(`${path}.bias`).data.length !== C) throw new Error(`${name} is not ${path}`);
    const factor = factors[i % factors.length] as number;
    const times = (part: string) => value(`${path}.${part}`).data.map((number) => number * (factor === 0 ? 1 : factor));
    const blobs = [times('running_mean'), times('running_var')].map((data) => ({ shape: [C], data }));
    layers.push({ name, type: 'BatchNorm', blobs: [...blobs, { shape: [1], data: Float32Array.of(factor) }] });
    layers.push({ name: `${name}/scale`, type: 'Scale', blobs: [value(`${path}.weight`), value(`${path}.bias`)] });
  }
  for (const name of Object.keys(fc))
    layers.push({
      name,
      type: 'InnerProduct',
      blobs: [inDevkitOrder(value('last_linear.weight')), inDevkitOrder(value('last_linear.bias'))],
    });
  return { layers, weights };
}

/** Powers of two, so that dividing by them gives back every bit; Caffe takes 0 as 1. */
const factors = [1, 0, 4, 1024];

/** Blue first. */
function bgr({ shape: [O = 0, C = 0, P = 0, Q = 0], data }: Tensor): Float32Array {
  const result = new Float32Array(data.length);
  for (let o = 0; o < O; o++)
    for (let c = 0; c < C; c++)
      for (let i = 0; i < P * Q; i++) result[(o * C + (C - 1 - c)) * P * Q + i] = data[(o * C + c) * P * Q + i] as number;
  return result;
}

function inDevkitOrder({ shape, data }: Tensor): Tensor {
  const length = data.length / devkitIds.length;
  const result = data.slice();
  devkitIds.forEach((id, row) => {
    result.set(data.subarray(row * length, (row + 1) * length), (id - 1) * length);
  });
  return { shape, data: result };
}

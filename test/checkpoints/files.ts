import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { adopt, openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { bytesOf } from '../support/files/bytes.js';
import type { Pickled } from '../support/files/pickle.js';
import { orderedDict, type TorchItem, torchLegacy, torchZip, type Wrap, whole } from '../support/files/torch.js';

/** Files of one small network, wherever in them it lies, and what is to be taken of them. */

export const id = 'senet/se_resnet8_cifar10';
export const graph = createModel(id);
export const plain = syntheticWeights(graph, { seed: 1 });
export const average = syntheticWeights(graph, { seed: 2 });
export type Tensors = ReadonlyMap<string, Tensor>;

export const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor]));
export const scalar = seeded([1], 5);
export const items = (tensors: Tensors): readonly TorchItem[] =>
  [...tensors].map(([name, { shape, data }]) => ({ name, type: 'Float', shape, bytes: () => bytesOf(data as Float32Array) }));

/** A trainer's file of several dictionaries of tensors, and of other entries. */
export function trainers(
  dicts: Readonly<Record<string, Tensors>>,
  others: readonly (readonly [Pickled, Pickled])[] = [],
  form: 'zip' | 'legacy' = 'zip',
): Uint8Array {
  const all = items(new Map(Object.entries(dicts).flatMap(([key, tensors]) => [...prefixed(`${key}/`, tensors)])));
  const split: Wrap = (dict) => {
    const entries = (dict as { readonly items: readonly (readonly [string, Pickled])[] }).items;
    const below = (key: string): (readonly [string, Pickled])[] =>
      entries.filter(([name]) => name.startsWith(`${key}/`)).map(([name, value]) => [name.slice(key.length + 1), value]);
    const keys = Object.keys(dicts);
    return { dict: [...keys.flatMap((key) => (key === '' ? below(key) : [[key, orderedDict(below(key))] as const])), ...others] };
  };
  return whole(form === 'zip' ? torchZip(all, split) : torchLegacy(all, split));
}

/** Names, shapes and values, in a form whose differences are soon told. */
export const digest = (tensors: Tensors): readonly string[] =>
  [...tensors].map(([name, { shape, data }]) => `${name} ${shape} ${createHash('sha256').update(bytesOf(data)).digest('hex')}`);

/** Both take the same weights, whoever asks. */
export async function expectTaken(bytes: Uint8Array, takenFrom: string, weights: Tensors, state?: string) {
  const checkpoint = await openCheckpoint(bytes, { ...(state !== undefined && { state }) });
  const recognised = await recognise(checkpoint, id);
  expect([recognised.model, recognised.takenFrom]).toEqual([id, takenFrom]);
  expect(digest(recognised.weights)).toEqual(digest(weights));
  const adopted = await adopt(checkpoint, graph);
  expect([adopted.takenFrom, digest(adopted.weights)]).toEqual([takenFrom, digest(weights)]);
  return recognised;
}

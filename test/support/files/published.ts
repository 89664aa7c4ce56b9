import { readdirSync, readFileSync } from 'node:fs';
import { safetensorsHeader } from '../../../src/io/safetensors.js';
import { syntheticTensor } from '../../../src/io/synthetic.js';
import type { Shape } from '../../../src/tensor.js';
import { bytesOf } from './bytes.js';
import { type TorchItem, torchLegacy, torchZip, whole } from './torch.js';
import { zip } from './zip.js';

/** Files as the libraries publish them: the names, shapes and formats of each network in fixtures/checkpoints/, with generated values. */

/** What its list says of a network. A bn entry p: C stands for five tensors, of which the last is a counter. */
export interface Published {
  readonly id: string;
  /** The list's file. */
  readonly list: string;
  readonly bn: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, Shape>>;
}

const folder = new URL('../../fixtures/checkpoints/', import.meta.url);

export const published: readonly Published[] = readdirSync(folder).flatMap((list) => {
  const { source, models } = JSON.parse(readFileSync(new URL(list, folder), 'utf8')) as {
    readonly source: string;
    readonly models: Readonly<Record<string, Omit<Published, 'id' | 'list'>>>;
  };
  return Object.entries(models).map(([name, row]) => ({ ...row, id: `${source}/${name}`, list }));
});

const seed = 11;
export const valuesOf = (name: string, shape: Shape) => syntheticTensor(name, shape, seed);

/** All tensors of a network; `head` replaces the rows of the classifier. */
export function itemsOf({ bn, tensors }: Pick<Published, 'bn' | 'tensors'>): readonly TorchItem[] {
  const floats = (name: string, shape: Shape): TorchItem => ({
    name,
    type: 'Float',
    shape,
    bytes: () => bytesOf(valuesOf(name, shape).data),
  });
  return [
    ...Object.entries(tensors).map(([name, shape]) => floats(name, shape)),
    ...Object.entries(bn).flatMap(([prefix, C]) => [
      ...['weight', 'bias', 'running_mean', 'running_var'].map((part) => floats(`${prefix}.${part}`, [C])),
      { name: `${prefix}.num_batches_tracked`, type: 'Long' as const, shape: [], bytes: () => bytesOf(BigInt64Array.of(1000n)) },
    ]),
  ];
}

export const fileFormats = ['safetensors', 'pth', 'legacy pth', 'zip of a pth', 'zip of a legacy pth'] as const;
export type FileFormat = (typeof fileFormats)[number];

/** The formats in which a source publishes (docs/spec/checkpoints.md §1). */
export function formatsOf({ list }: Pick<Published, 'list'>): readonly FileFormat[] {
  if (list.startsWith('pytorchcv')) return ['zip of a legacy pth', 'zip of a pth'];
  if (list.startsWith('torchvision')) return ['pth', 'legacy pth'];
  if (list.startsWith('timm_legacy') || list.startsWith('cadene') || list.startsWith('moskomule')) return ['legacy pth'];
  return ['safetensors'];
}

export function* partsOf(items: readonly TorchItem[], format: FileFormat): Generator<Uint8Array> {
  if (format === 'safetensors') yield* safetensors(items);
  else if (format === 'pth') yield* torchZip(items);
  else if (format === 'legacy pth') yield* torchLegacy(items);
  else yield* zip([{ name: 'network-0123-4567abcd.pth', bytes: () => whole((format === 'zip of a pth' ? torchZip : torchLegacy)(items)) }]);
}

function* safetensors(items: readonly TorchItem[]): Generator<Uint8Array> {
  const tensors = items.filter(({ type }) => type === 'Float');
  yield safetensorsHeader(new Map(tensors.map(({ name, shape }) => [name, shape])), { metadata: { format: 'pt' } });
  for (const { bytes } of tensors) yield bytes();
}

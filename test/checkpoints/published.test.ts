import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../../src/checkpoints/index.js';
import type { Loaded } from '../../src/classifier/network.js';
import { InputError } from '../../src/errors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { createModel, findModel } from '../../src/models/index.js';
import { loadWeightsFile, withCheckpoint } from '../../src/node/weightsFile.js';
import { devkitIds } from '../../src/pretrained/labels.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { bytesOf } from '../support/files/bytes.js';
import { caffeModel } from '../support/files/caffe.js';
import { caffeRelease, releaseOf } from '../support/files/caffeRelease.js';
import { formatsOf, itemsOf, partsOf, published, valuesOf } from '../support/files/published.js';
import { long, some } from '../support/length.js';

/**
 * Every network that the lists of published checkpoints name: a file of that family, with those names and shapes, in the formats that the family uses, is
 * recognised and loaded to the bit, and the network runs on it.
 */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(parts: Iterable<Uint8Array>): Promise<string> {
  const file = join(folder, 'file');
  const stream = Readable.from(parts).pipe(createWriteStream(file));
  await once(stream, 'finish');
  return file;
}

/** Without a name, the file is taken for its network, or for one that is the same, or said to fit several that are not. */
async function recognised(file: string, id: string): Promise<void> {
  try {
    const { model, same } = await withCheckpoint(file, (checkpoint) => identify(checkpoint));
    expect([model, ...same]).toContain(id);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toContain(id);
  }
}

function expectBits(found: Tensor | undefined, expected: Tensor, name: string): void {
  expect(found?.shape, name).toEqual(expected.shape);
  expect(Buffer.compare(bytesOf((found as Tensor).data), bytesOf(expected.data)), name).toBe(0);
}

/** As small an image as the network takes, for the sake of time. */
const sizes: Readonly<Record<string, number>> = { inceptionresnetv2: 80, inception_resnet_v2: 80 };

async function runs(id: string, { classes, weights }: Loaded): Promise<void> {
  const size = sizes[id.slice(id.indexOf('/') + 1)] ?? Math.min(findModel(id).size, 64);
  const graph = createModel(id, { classes, size });
  using session = await compile(graph, weights, { kernels: 'strict', algorithms: 'direct' });
  const logits = session.run(syntheticTensor('input', [1, 3, size, size], 1)).get('logits')?.data as Float32Array;
  expect(logits.length).toBe(classes);
  expect(logits.every(Number.isFinite)).toBe(true);
  expect(new Set(logits).size).toBeGreaterThan(classes / 2);
}

const timeout = 120_000;

/** A plain run takes some of the smaller ones, of every format. */
const millions = ({ tensors }: (typeof published)[number]): number =>
  Object.values(tensors).reduce((sum, shape) => sum + sizeOf(shape), 0) / 1e6;
const rows = long
  ? published
  : some(
      published.filter((row) => millions(row) < 12),
      6,
    );

describe.each(rows)('$id', (row) => {
  const { id } = row;
  test.each(formatsOf(row))('%s', { timeout }, async (format) => {
    const items = itemsOf(row);
    const file = await write(partsOf(items, format));
    await recognised(file, id);
    const loaded = await loadWeightsFile(file, id);
    expect(loaded.model).toBe(id);
    const floats = items.filter(({ type }) => type === 'Float');
    expect(new Set(loaded.weights.keys())).toEqual(new Set(floats.map(({ name }) => name)));
    for (const { name, shape } of floats) expectBits(loaded.weights.get(name), valuesOf(name, shape), name);
    if (format === formatsOf(row)[0]) await runs(id, loaded);
  });
});

test('cadene/inceptionresnetv2: the published file, with a background class more', { timeout }, async () => {
  const id = 'cadene/inceptionresnetv2';
  const row = published.find((network) => network.id === id) as (typeof published)[number];
  const tensors = { ...row.tensors, 'last_linear.weight': [1001, 1536], 'last_linear.bias': [1001] };
  const loaded = await loadWeightsFile(await write(partsOf(itemsOf({ ...row, tensors }), 'legacy pth')));
  expect([loaded.model, loaded.classes]).toEqual([id, 1000]);
  for (const [name, shape] of Object.entries(tensors).slice(-2)) {
    const { data } = valuesOf(name, shape);
    expectBits(loaded.weights.get(name), { shape: [1000, ...shape.slice(1)], data: data.slice(data.length / 1001) }, name);
  }
});

const releases = Object.keys(caffeRelease).flatMap((name) => (['layer', 'v1'] as const).map((form) => [name, form] as const));
/** Each form once. */
const few: typeof releases = [
  ['SE-BN-Inception', 'layer'],
  ['SE-ResNet-50', 'v1'],
];
test.each(long ? releases : few)('caffe/%s: caffemodel, form %s', { timeout }, async (name, form) => {
  const id = `caffe/${name}`;
  const { layers, weights } = releaseOf(caffeRelease[name] as (typeof caffeRelease)[string], createModel(id));
  const file = await write(caffeModel(name, layers, form));
  const loaded = await loadWeightsFile(file);
  expect(loaded.model).toBe(id);
  expect([...loaded.weights.keys()]).toEqual([...weights.keys()]);
  for (const [parameter, expected] of weights) expectBits(loaded.weights.get(parameter), expected, parameter);
  if (form === 'layer') await runs(id, loaded);
});

/** ILSVRC2012_val_00000001 to 3, in Caffe's order and in the others' (docs/spec/checkpoints.md §5.2). */
test("Caffe's classes 489, 360 and 170 are 65, 970 and 230 elsewhere", async () => {
  const ids = await devkitIds();
  expect([489, 360, 170].map((row) => ids.indexOf(row + 1))).toEqual([65, 970, 230]);
  expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
});

import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { SenetError } from '../src/errors.js';
import * as senet from '../src/index.js';
import { decodeImage } from '../src/io/image.js';

/** What beginners hand in: the error says what was meant. Types would catch most of it, so nothing is checked here. */
const graph = senet.createModel('legacy_seresnet18', { size: 32, classes: 2 });
const weights = senet.syntheticWeights(graph, { seed: 1 });
const image = senet.syntheticTensor('input', [1, 3, 32, 32], 1);
const pixels = { width: 2, height: 2, data: new Uint8Array(12) };
const options = { resize: 2, filter: 'bilinear', crop: 2 } as const;
const preset = senet.listPretrained()[0]?.preset;
const bytes = senet.saveSafetensors(weights);
let png: Uint8Array;
let jpeg: Uint8Array;
let session: senet.Session;
let checkpoint: senet.Checkpoint;
beforeAll(async () => {
  png = new Uint8Array(await readFile(new URL('../assets/images/chelsea.png', import.meta.url)));
  jpeg = new Uint8Array(await readFile(new URL('../assets/images/rocket.jpg', import.meta.url)));
  session = await senet.compile(graph, weights, { tile: '4x8' });
  checkpoint = await senet.openCheckpoint(bytes);
  return () => session.dispose();
});

type Loose = (...args: readonly unknown[]) => unknown;
const loose: Readonly<Record<string, Loose>> = { ...(senet as unknown as Record<string, Loose>), decodeImage: decodeImage as Loose };
const run: Loose = (input) => session.run(input as senet.Tensor);

/** A name of `senet`, or what is called; its arguments; and what the error says. */
const mistakes: readonly (readonly [string | Loose, () => readonly unknown[], string])[] = [
  // a promise
  [run, () => [Promise.resolve(image)], 'not Promise: await it'],
  ['preprocess', () => [decodeImage(png), options], 'not Promise: await it'],
  ['preprocessAsync', () => [decodeImage(png), options], 'not Promise: await it'],
  ['normalise', () => [decodeImage(png)], 'not Promise: await it'],
  ['resize', () => [decodeImage(png), 2, 2, 'bilinear'], 'not Promise: await it'],
  ['resizeShorter', () => [decodeImage(png), 2, 'bilinear'], 'not Promise: await it'],
  ['centreCrop', () => [decodeImage(png), 2], 'not Promise: await it'],
  ['decodeImage', () => [readFile('/dev/null')], 'found Promise: await it'],
  ['compile', () => [graph, Promise.resolve(weights)], 'not Promise: await it'],
  ['compile', () => [Promise.resolve(graph), weights], 'not Promise: await it'],
  ['planOf', () => [Promise.resolve(graph)], 'not Promise: await it'],
  ['reference', () => [Promise.resolve(weights), { input: image }], 'not Promise: await it'],
  ['reference', () => [weights, Promise.resolve({ input: image })], 'not Promise: await it'],
  ['evaluate', () => [graph, Promise.resolve(senet.reference(weights, { input: image }))], 'not Promise: await it'],
  ['recognise', () => [senet.openCheckpoint(bytes)], 'not Promise: await it'],
  ['identify', () => [senet.openCheckpoint(bytes)], 'not Promise: await it'],
  ['openCheckpoint', () => [Promise.resolve(bytes)], 'found Promise: await it'],
  ['openShards', () => [Promise.resolve(bytes), () => checkpoint], 'found Promise: await it'],
  ['loadSafetensors', () => [Promise.resolve(bytes)], 'found Promise: await it'],
  ['saveSafetensors', () => [Promise.resolve(weights)], 'not Promise: await it'],
  ['parseLabels', () => [Promise.resolve('cat')], 'not Promise: await it'],
  ['count', () => [Promise.resolve(graph)], 'not Promise: await it'],
  ['syntheticWeights', () => [Promise.resolve(graph), { seed: 1 }], 'not Promise: await it'],
  ['tensor', () => [[1], Promise.resolve([1])], 'not Promise: await it'],
  ['createModel', () => [Promise.resolve('resnet18')], 'not Promise: await it'],
  // a file's bytes, or its name, for what is in it
  ['preprocess', () => [png], 'the bytes of a PNG: decodeImage(bytes) first'],
  ['preprocess', () => [jpeg, options], 'the bytes of a JPEG: decodeImage(bytes) first'],
  ['normalise', () => [jpeg], 'the bytes of a JPEG: decodeImage(bytes) first'],
  ['preprocess', () => ['cat.jpg', options], 'string: read the file, then decodeImage(bytes)'],
  [run, () => [png], 'the bytes of a PNG: decodeImage(bytes), then preprocess'],
  [run, () => ['cat.jpg'], 'string: read the file'],
  ['decodeImage', () => ['cat.jpg'], 'a name is not opened here'],
  ['decodeImage', () => [pixels], 'pixels: they are decoded already'],
  ['openCheckpoint', () => ['weights.pth'], 'a name is not opened here'],
  ['openCheckpoint', () => [checkpoint], 'a checkpoint: it is open already'],
  ['recognise', () => [bytes], 'bytes: openCheckpoint(bytes) first, and await it'],
  ['recognise', () => ['weights.pth'], 'string: read the file, then openCheckpoint(bytes)'],
  ['compile', () => [graph, bytes], 'recognise(await openCheckpoint(bytes)) reads them'],
  // values without a shape, and shapes of other things
  [run, () => [image.data], 'floats: tensor([1, 3, 32, 32], data)'],
  [run, () => [{ input: image.data }], 'floats: tensor([1, 3, 32, 32], data)'],
  [run, () => [pixels], 'pixels: preprocess(pixels, options)'],
  [run, () => [new Map([['input', image]])], 'Map: Object.fromEntries(inputs)'],
  ['reference', () => [weights, image], 'a tensor: { input: tensor }'],
  ['reference', () => [weights, new Map([['input', image]])], 'Map: Object.fromEntries(inputs)'],
  [
    (g, r) => senet.evaluate(g as senet.Graph, r as never),
    () => [graph, senet.reference(weights, { input: image.data as never })],
    'floats: tensor([1, 3, 32, 32], data)',
  ],
  ['evaluate', () => [graph, weights], 'Map: reference(weights, { input })'],
  ['tensor', () => [image.data, [1, 3, 32, 32]], 'tensor(shape, data)'],
  ['preprocess', () => [image, options], 'a tensor: of pixels already'],
  ['preprocess', () => [{ width: 2, height: 2, data: new Uint8Array(16) }, options], 'four a pixel: leave out every fourth'],
  ['preprocess', () => [pixels, preset], 'a preset: preprocessOptions(preset)'],
  // a function, a list or a part for the whole
  ['compile', () => [graph, async () => weights], 'a function: call it, and await what it returns'],
  ['compile', () => [graph, Object.fromEntries(weights)], 'new Map(Object.entries(weights))'],
  ['compile', () => [graph, { model: '', graph, weights }], 'pass its `weights`'],
  ['compile', () => [{ model: '', graph, weights }, weights], 'pass its `graph`'],
  ['compile', () => [graph, senet.identify(checkpoint, 'legacy_seresnet18')], 'recognise(checkpoint) reads the weights too'],
  ['compile', () => [graph, checkpoint], 'recognise(checkpoint) reads its weights'],
  ['compile', () => ['resnet18', weights], "createModel('seresnet50') is a graph"],
  ['compile', () => [weights, graph], 'the graph comes before the weights'],
  ['count', () => [senet.findModel('resnet18')], 'createModel(model.id) is its graph'],
  ['createModel', () => [senet.findModel('resnet18')], 'pass its `id`'],
  ['saveSafetensors', () => [Object.fromEntries(weights)], 'new Map(Object.entries(tensors))'],
];

test.each(mistakes.map(([call, args, says]) => [typeof call === 'string' ? call : 'call', says, call, args] as const))(
  '%s: %s',
  async (_, says, call, args) => {
    const called = async (): Promise<unknown> => (typeof call === 'string' ? (loose[call] as Loose) : call)(...args());
    const error = await called().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SenetError);
    expect((error as Error).message).toContain(says);
  },
);

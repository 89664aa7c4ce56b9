import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type Classifier,
  createClassifier,
  InputError,
  PlanError,
  type Source,
  saveSafetensors,
  tensor,
  WeightsError,
  type WorkerClassifier,
} from '../../../src/index.js';
import { decodeImage } from '../../../src/io/image.js';
import { syntheticWeights } from '../../../src/io/synthetic.js';
import { createModel } from '../../../src/models/index.js';
import { some } from '../../support/length.js';

const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(new URL(`../../../assets/images/${name}`, import.meta.url)));

let cat: Uint8Array<ArrayBuffer>;
let moose: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  [cat, moose] = await Promise.all([read('chelsea.png'), read('moose.webp')]);
});
afterEach(() => void vi.unstubAllGlobals());

const graph = createModel('se_shufflenet_g3_w1', { classes: 3 });
const named = syntheticWeights(graph, { seed: 1, gain: 1 });
const weights = saveSafetensors(named) as Uint8Array<ArrayBuffer>;
const labels = ['one', 'two', 'three'];

const answered = (): never => expect.fail('an error was expected');

/** A Blob that counts how often it is read. */
class Counted extends Blob {
  reads = 0;
  override slice(begin?: number, end?: number): Blob {
    this.reads++;
    return super.slice(begin, end);
  }
}

describe.each(some([2, 1], 2))('with %i threads', (threads) => {
  test('network, session and answers are those of the plain one, to the bit', async () => {
    using plain = await createClassifier({ gates: true, threads });
    using inWorker = await createClassifier({ gates: true, threads, worker: true });
    const { weights: _, ...network } = plain.network;
    expect(inWorker.network).toEqual(network);
    const { kernels, threadsNote, pairedVectors, weightBytes } = plain.session;
    expect(inWorker.session).toMatchObject({ kernels, threads, threadsNote, pairedVectors, weightBytes });
    expect(await inWorker.classify(cat)).toEqual(await plain.classify(cat));
    expect(Buffer.compare(await inWorker.session.save(), await plain.session.save())).toBe(0);
  });
});

test('an image is prepared once, and run with the gates that are chosen', async () => {
  using plain = await createClassifier({ excitations: true });
  using inWorker = await createClassifier({ excitations: true, worker: true });
  const image = await inWorker.prepare(cat);
  expect(image).toEqual(await plain.prepare(cat));
  const answer = await inWorker.run(image);
  expect(answer).toEqual(await plain.run(image));
  const gates = new Map([...answer.gates].map(([name, values]) => [name, values.map(() => 1)]));
  expect(await inWorker.run(image, { gates })).toEqual(await plain.run(image, { gates }));
  await expect(inWorker.run(image, { gates: new Map([['fc', [1]]]) })).rejects.toThrow(InputError);
  await expect(inWorker.run({ shape: [1, 3, 8, 8], data: new Float32Array(192) })).rejects.toThrow('[1, 3, 32, 32]');
});

test('nothing is compiled or run on the calling thread', async () => {
  const { Memory } = WebAssembly;
  vi.stubGlobal('WebAssembly', { ...Object.fromEntries(Object.entries(WebAssembly)), Memory: undefined, validate: WebAssembly.validate });
  await expect(createClassifier()).rejects.toThrow();
  using inWorker = await createClassifier({ worker: true });
  expect((await inWorker.classify(cat)).top[0]).toMatchObject({ label: 'cat' });
  expect(Memory).toBeDefined();
});

describe('pictures', () => {
  let plain: Classifier;
  let inWorker: WorkerClassifier;
  beforeAll(async () => {
    plain = await createClassifier();
    inWorker = await createClassifier({ worker: true });
  });
  afterAll(() => {
    plain.dispose();
    inWorker.dispose();
  });

  test('are taken as the plain one takes them, and stay usable', async () => {
    const pixels = await decodeImage(cat);
    const rgba = new Uint8ClampedArray(4 * pixels.width * pixels.height).fill(255);
    const within = new Uint8Array(cat.length + 2000).subarray(1000, 1000 + cat.length);
    within.set(cat);
    const { logits } = await plain.classify(cat);
    for (const picture of [cat, within, Buffer.from(cat), cat.buffer, new Blob([cat]), pixels, { ...pixels, data: rgba }]) {
      const expected = picture === pixels || !('data' in picture) ? logits : (await plain.classify(picture)).logits;
      expect((await inWorker.classify(picture)).logits).toEqual(expected);
      expect((await inWorker.classify(picture)).logits).toEqual(expected);
    }
    expect(cat.length).toBeGreaterThan(0);
  });

  test.each([
    undefined,
    'cat.png',
    new Float32Array(4),
    Promise.resolve(),
    () => 1,
    Symbol('cat'),
    { width: 2, height: 2, data: new Uint8Array(3) },
    { size: 3, slice: () => undefined },
    new Uint8Array(0),
  ])('%o is no picture here either, and stands in nobody’s way', async (picture) => {
    const { message } = await plain.classify(picture as never, { file: 'x.png' }).then(answered, (error: Error) => error);
    const [refused, whole] = await Promise.allSettled([inWorker.classify(picture as never, { file: 'x.png' }), inWorker.classify(cat)]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { name: 'InputError', message } });
    expect((refused as PromiseRejectedResult).reason).toBeInstanceOf(InputError);
    expect(whole).toMatchObject({ status: 'fulfilled', value: { top: [{ label: 'cat' }, {}, {}, {}, {}] } });
  });

  test('pixels that are a function are refused by name', async () => {
    const refused = inWorker.classify({ width: 2, height: 2, data: () => 1 } as never, { file: 'x.png' });
    await expect(refused).rejects.toThrow(new InputError('x.png: expected pixels, found function'));
  });
});

describe('a file of weights', () => {
  const options = { labels, size: 64, worker: true } as const;

  test('may be bytes, a buffer, a blob, a file or a source that the caller reads; bytes stay usable', async () => {
    using plain = await createClassifier({ ...options, worker: false, weights });
    const expected = await plain.classify(cat);
    const source: Source = { size: weights.length, read: async (begin, length) => weights.subarray(begin, begin + length) };
    const file = new File([weights], 'mine.safetensors');
    for (const given of some([weights, weights.buffer, file, new Blob([weights]), source], 2)) {
      using inWorker = await createClassifier({ ...options, weights: given });
      expect(await inWorker.classify(cat)).toEqual(expected);
      expect(inWorker.network.file).toBe(given === file ? 'mine.safetensors' : 'weights');
    }
    expect(weights.length).toBeGreaterThan(0);
  });

  test('is read by ranges: a source is never asked for all of it', async () => {
    const lengths: number[] = [];
    const read: Source['read'] = async (begin, length) => {
      lengths.push(length);
      return weights.subarray(begin, begin + length);
    };
    using inWorker = await createClassifier({ ...options, weights: { size: weights.length, read } });
    expect(inWorker.network.classes).toBe(3);
    expect(Math.max(...lengths)).toBeLessThan(weights.length / 2);
  });

  test('what reading it throws is what the caller gets, itself', async () => {
    const reason = Object.assign(new Error('the disk is gone'), { gone: () => 'a function, which no clone has' });
    const broken: Source = { size: weights.length, read: () => Promise.reject(reason) };
    await expect(createClassifier({ weights: broken })).rejects.toBe(reason);
    await expect(createClassifier({ ...options, weights: broken })).rejects.toBe(reason);
  });

  test('compiles from packed weights', async () => {
    using first = await createClassifier({ ...options, weights });
    const packed = await first.session.save();
    using again = await createClassifier({ ...options, weights, packed });
    expect(await again.classify(cat)).toEqual(await first.classify(cat));
  });

  const cut = weights.subarray(0, 1000);
  const strange = saveSafetensors(new Map([['output.weight', tensor([1, 2], [1, 2])]]));
  const wrong = saveSafetensors(new Map([...named, ['output.weight', tensor([3, 511], new Float32Array(3 * 511))]]));
  const refused: readonly (readonly [string, object])[] = [
    ['cut', { weights: cut }],
    ['strange', { weights: strange }],
    ['misshapen', { weights: wrong, model: 'se_shufflenet_g3_w1' }],
    ['a name', { weights: 'mine.pth' }],
    ['packed for something else', { weights, packed: cut }],
    ['too few labels', { weights, labels: ['one'] }],
    ['no number of classes to name', { top: 0 }],
    ['no network', { model: 'seresnet51' }],
  ];
  test.each(some(refused, 2))('%s: the error is that of the plain one, in class, message, fields and causes', async (_, given) => {
    const expected = await createClassifier(given as never).then(answered, (error: Error) => error);
    const error = await createClassifier({ ...given, worker: true } as never).then(answered, (error: Error) => error);
    expect(error).toEqual(expected); // name, message, cause and fields
    expect(error.constructor).toBe(expected.constructor);
    expect([InputError, WeightsError]).toContain(error.constructor);
  });
});

test('options that are no plain values are refused', async () => {
  await expect(createClassifier({ worker: true, labels: [() => 'cat'] as never })).rejects.toThrow(InputError);
  await expect(createClassifier({ worker: 1 } as never)).rejects.toThrow('worker is true or false, not 1');
});

describe('a signal', () => {
  test('ends the wait of the running and of the queued, which never begins; others go on', async () => {
    using inWorker = await createClassifier({ worker: true });
    const controller = new AbortController();
    const { signal } = controller;
    const queued = new Counted([moose]);
    const all = Promise.allSettled([inWorker.classify(cat, { signal }), inWorker.classify(queued, { signal }), inWorker.classify(cat)]);
    const reason = new Error('the visitor left');
    controller.abort(reason);
    const [first, second, third] = await all;
    expect(first).toEqual({ status: 'rejected', reason });
    expect(second).toEqual({ status: 'rejected', reason });
    expect(third).toMatchObject({ status: 'fulfilled', value: { top: [{ label: 'cat' }, {}, {}, {}, {}] } });
    expect(queued.reads).toBe(0);
    expect((await inWorker.classify(queued)).top).toHaveLength(5);
    expect(queued.reads).toBeGreaterThan(0);
    await expect(inWorker.classify(cat, { signal })).rejects.toBe(reason);
  });

  test.each([true, false])('ends the wait for the network (worker: %s)', async (worker) => {
    const controller = new AbortController();
    const reason = new Error('the visitor left');
    const opening = createClassifier({ worker, signal: controller.signal } as { worker: true });
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await expect(createClassifier({ worker, signal: controller.signal } as { worker: true })).rejects.toBe(reason);
  });
});

describe('dispose', () => {
  test('rejects what waits and what comes later, at once', async () => {
    const inWorker = await createClassifier({ worker: true });
    const all = Promise.allSettled([inWorker.classify(cat), inWorker.classify(cat), inWorker.session.save()]);
    inWorker.dispose();
    const reason = new PlanError('this session is disposed');
    expect(await all).toEqual([1, 2, 3].map(() => ({ status: 'rejected', reason })));
    await expect(inWorker.classify(cat)).rejects.toThrow(reason);
    inWorker.dispose();
  });

  const library = new URL('../../../dist/src/index.js', import.meta.url).href;
  const picture = fileURLToPath(new URL('../../../assets/images/chelsea.png', import.meta.url));
  const ends = [
    ['is disposed of while it runs', 'classifier.classify(cat).catch(({ message }) => console.log(message)); classifier.dispose();'],
    ['is disposed of', 'classifier.dispose();'],
    ['is forgotten', ''],
  ] as const;
  test.each(some(ends, 2))('a program whose classifier %s ends by itself', async (_, end) => {
    const program = `
      import { readFileSync } from 'node:fs';
      import { createClassifier } from '${library}';
      const cat = readFileSync('${picture}');
      const classifier = await createClassifier({ worker: true, threads: 2 });
      console.log((await classifier.classify(cat)).top[0].label);
      ${end}`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { timeout: 30_000 });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^cat\n(this session is disposed\n)?$/);
  });
});

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bounded, bounds } from '../../src/bound/bound.js';
import { evaluate } from '../../src/graph/evaluate.js';
import {
  compile,
  createClassifier,
  type DownloadProgress,
  excitations,
  type Gates,
  InputError,
  saveSafetensors,
  WeightsError,
  type WorkerClassifier,
} from '../../src/index.js';
import { decodeImage } from '../../src/io/image.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { senet } from '../cli/senet.js';
import { expectWithin } from '../support/expectWithin.js';

const asset = (name: string): string => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await readFile(asset(name)));

let cat: Uint8Array<ArrayBuffer>;
let moose: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  [cat, moose] = await Promise.all([read('images/chelsea.png'), read('images/moose.webp')]);
});

describe('wrong arguments end in an InputError that names them', () => {
  test.each<[string, object, string]>([
    ['an option that there is none of', { wieghts: 1 }, 'unknown option wieghts (did you mean weights'],
    ['a network of another kind', { model: 5 }, 'model is a text, not 5'],
    ['a state of another kind', { state: ['ema'] }, 'state is a text, not'],
    ['a signal that is none', { signal: 'now' }, 'signal is an AbortSignal, not now'],
    ['the controller of a signal', { signal: new AbortController() }, 'signal is an AbortSignal, not'],
    ['an address of another kind', { endpoint: 5, model: 'seresnet50.ra2_in1k' }, 'endpoint is a text, not 5'],
    [
      'a network without published weights',
      { model: 'senet/se_resnet8_cifar10' },
      'no weights are published for senet/se_resnet8_cifar10: hand a checkpoint in as weights',
    ],
    ['a listener that is none', { onProgress: 5 }, 'onProgress is a function, not 5'],
    ['a wish of another kind', { orient: 'yes' }, 'orient is true or false, not yes'],
  ])('%s', async (_, options, message) => {
    for (const worker of [false, true]) {
      const refused = createClassifier({ ...options, worker } as never);
      await expect(refused).rejects.toThrow(InputError);
      await expect(refused).rejects.toThrow(message);
    }
  });

  test('an address that is none', async () => {
    for (const worker of [false, true]) {
      const refused = createClassifier({ endpoint: 'x', model: 'seresnet50.ra2_in1k', worker } as never);
      // senet/node is loaded as it ships, and has a class of its own here
      await expect(refused).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringMatching(/^endpoint: expected an address, found x/),
      });
    }
  });

  test('a signal of a picture, and pictures that are none', async () => {
    using classifier = await createClassifier();
    for (const call of [classifier.classify, classifier.prepare])
      expect(() => call(cat, { signal: 3 } as never)).toThrow(new InputError('signal is an AbortSignal, not number'));
    for (const nothing of [undefined, null, 5, {}])
      await expect(classifier.classifyAll(nothing as never).next()).rejects.toThrow(
        'classifyAll takes pictures one after another, as a list, not',
      );
    expect((await classifier.classify(cat)).top[0]?.label).toBe('cat');
  });
});

describe('without options, the network that ships', () => {
  test('says what is on a picture, in the bits of the command', async () => {
    using classifier = await createClassifier();
    const { top, logits, gates } = await classifier.classify(cat);
    expect(top).toHaveLength(5);
    expect(top[0]).toMatchObject({ index: 3, label: 'cat' });
    expect(gates.size).toBe(0);
    const { stdout } = await senet('classify', asset('images/chelsea.png'), '--json');
    const [answer] = JSON.parse(stdout) as [{ top: unknown; logits: number[] }];
    expect(answer.top).toEqual(top);
    expect(Float32Array.from(answer.logits)).toEqual(logits);
  });

  test('takes bytes, blobs, canvas pixels and pixels alike', async () => {
    using classifier = await createClassifier({ top: 1 });
    const pixels = await decodeImage(cat);
    const rgba = new Uint8ClampedArray(4 * pixels.width * pixels.height);
    for (let i = 0; i < pixels.width * pixels.height; i++) rgba.set([...pixels.data.subarray(3 * i, 3 * i + 3), i % 256], 4 * i); // alpha says nothing
    const decoded = { ...pixels, data: Buffer.from(rgba) };
    const pictures = [cat, cat.buffer, new Blob([cat]), { ...pixels, data: rgba }, decoded, pixels];
    const { logits: expected } = await classifier.classify(cat);
    for (const picture of pictures) expect((await classifier.classify(picture)).logits).toEqual(expected);
  });

  test('tells the excitations of its blocks where asked', async () => {
    using classifier = await createClassifier({ gates: true });
    const { gates } = await classifier.classify(cat);
    expect([...gates.keys()]).toEqual([...classifier.session.plan.outputs].map(({ name }) => name).filter((name) => name !== 'logits'));
    expect(gates.size).toBe(9);
  });

  test('turns pictures upright, unless told not to', async () => {
    const { cases } = JSON.parse(await readFile(new URL('../fixtures/preprocess/orientation.json', import.meta.url), 'utf8'));
    const turned = Uint8Array.from(Buffer.from(cases[2].file, 'base64'));
    const [asItLies, upright] = [await decodeImage(turned), await decodeImage(turned, { orient: true })];
    expect([upright.width, upright.height]).toEqual([asItLies.height, asItLies.width]);
    using usual = await createClassifier();
    using told = await createClassifier({ orient: false });
    expect((await usual.classify(turned)).logits).toEqual((await usual.classify(upright)).logits);
    expect((await told.classify(turned)).logits).toEqual((await usual.classify(asItLies)).logits);
    expect((await told.classify(turned)).logits).not.toEqual((await usual.classify(turned)).logits);
  });
});

describe('a file of weights', () => {
  const graph = createModel('se_shufflenet_g3_w1', { classes: 3 });
  const weights = saveSafetensors(syntheticWeights(graph, { seed: 1, gain: 1 }));

  test('is recognised, from bytes and from a blob; labels and size are as asked', async () => {
    for (const given of [weights, new Blob([weights as Uint8Array<ArrayBuffer>])]) {
      using classifier = await createClassifier({ weights: given, labels: ['one', 'two', 'three'], size: 64 });
      expect(classifier.network).toMatchObject({ id: 'senet/se_shufflenet_g3_w1', classes: 3, preset: { size: 64 } });
      const { top } = await classifier.classify(cat);
      expect(top.map(({ label }) => label).sort()).toEqual(['one', 'three', 'two']);
    }
  });

  test('is called by its name in messages', async () => {
    const file = new File([weights.subarray(0, 1000) as Uint8Array<ArrayBuffer>], 'mine.safetensors');
    const refused = createClassifier({ weights: file });
    await expect(refused).rejects.toThrow(WeightsError);
    await expect(refused).rejects.toThrow(/^mine\.safetensors: /);
    const text = new File(['dear diary'], 'holiday.pth');
    await expect(createClassifier({ weights: text })).rejects.toThrow(/^holiday\.pth: expected safetensors, PyTorch/);
  });

  test.each([
    [{ labels: ['one'] }, 'expected 3 labels, one per class, found 1'],
    [{ labels: 'cat' }, 'labels are a list of names'],
    [{ size: 0 }, 'size is a whole number of pixels'],
    [{ crop: 2 }, 'crop is a share'],
    [{ interpolation: 'nearest' }, 'interpolation is bilinear or bicubic'],
    [{ top: 0 }, 'top is a whole number from 1'],
    [{ model: 'seresnet51' }, 'did you mean'],
    [{ weights: 'mine.pth' }, 'read the file first'],
  ])('%j is refused by name', async (options, message) => {
    const refused = createClassifier({ weights, ...options } as never);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
  });

  test.each([false, true])('tells how far it was read (in a worker: %s)', async (worker) => {
    const told: DownloadProgress[] = [];
    using classifier = await createClassifier({ weights, worker, onProgress: (progress) => told.push(progress) });
    expect(classifier.network.classes).toBe(3);
    const received = told.map((progress) => progress.received);
    expect(received.length).toBeGreaterThan(10);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(told.at(-1)).toEqual({ received: weights.length, total: weights.length });
  });

  test('gates of a network without SE blocks are refused', async () => {
    const plain = createModel('shufflenet_g3_w1', { classes: 3 });
    const bytes = saveSafetensors(syntheticWeights(plain, { seed: 1 }));
    await expect(createClassifier({ weights: bytes, model: 'pytorchcv/shufflenet_g3_w1', gates: true })).rejects.toThrow(
      'has no SE blocks',
    );
  });
});

describe('gates that are chosen', () => {
  /** Every gate of a picture, changed. */
  const changed = (gates: Gates, change: (value: number) => number): Gates =>
    new Map([...gates].map(([name, values]) => [name, Float32Array.from(values, change)]));

  test('an image that is prepared once is answered as its picture is; its own gates change nothing', async () => {
    using classifier = await createClassifier({ gates: true });
    const { logits, gates } = await classifier.classify(cat);
    const image = await classifier.prepare(cat);
    expect(image.shape).toEqual([1, 3, 32, 32]);
    expect((await classifier.run(image)).logits).toEqual(logits);
    const own = await classifier.run(image, { gates });
    expect(own.logits).toEqual(logits);
    expect([...own.gates]).toEqual([...gates]);
  });

  test('gates of one give the answer of a network without SE blocks; other gates other answers', async () => {
    const graph = createModel('senet/se_resnet8_cifar10', { gates: true });
    const synthetic = syntheticWeights(graph, { seed: 1, gain: 1 });
    using classifier = await createClassifier({ weights: saveSafetensors(synthetic), gates: true });
    const kept = new Map([...synthetic].filter(([name]) => !name.includes('.se.')));
    using host = await compile(createModel('senet/se_resnet8_cifar10', { se: false }), kept);
    const image = await classifier.prepare(cat);
    const { logits, gates } = await classifier.run(image);
    const ones = await classifier.run(image, { gates: changed(gates, () => 1) });
    expect(ones.logits).toEqual(host.run(image).get('logits')?.data);
    expect(ones.logits).not.toEqual(logits);
    const [first] = [...gates] as [[string, Float32Array]];
    const one = await classifier.run(image, { gates: new Map([[first[0], first[1].map(() => 0)]]) });
    expect(one.logits).not.toEqual(logits);
    expect([...one.gates.keys()].sort()).toEqual([...gates.keys()].sort());
    expect((await classifier.run(image)).logits).toEqual(logits);
  });

  test('are refused by name where the network does not have them so', async () => {
    using classifier = await createClassifier();
    const image = await classifier.prepare(cat);
    const run = (name: string, values: ArrayLike<number>) => classifier.run(image, { gates: new Map([[name, values]]) });
    await expect(run('layer9.se.gate', [1])).rejects.toThrow(InputError);
    await expect(run('layer9.se.gate', [1])).rejects.toThrow('found layer9.se.gate');
    await expect(run('logits', [1])).rejects.toThrow('found logits');
    await expect(run('layer1.0.se.gate', [1, 2])).rejects.toThrow('gates: layer1.0.se.gate has 32 channels, found 2 numbers');
  });
});

test('excitations are told as they were computed: each gate is within its bound of what its hidden units make', async () => {
  const graph = createModel('senet/se_resnet8_cifar10', { gates: true });
  const weights = syntheticWeights(graph, { seed: 1, gain: 1 });
  const bytes = saveSafetensors(weights);
  using classifier = await createClassifier({ weights: bytes, excitations: true });
  using plain = await createClassifier({ weights: bytes, gates: true });
  const { gates, excitations: told } = await classifier.classify(cat);
  const usual = await plain.classify(cat);
  expect(usual.excitations.size).toBe(0);
  expect([...usual.gates.keys()]).toEqual([...gates.keys()]);
  expect([...told.keys()]).toEqual([...gates.keys()]);

  const input = await classifier.prepare(cat);
  const nodes = new Map(
    excitations(graph).flatMap(({ name, squeezed, hidden }) => [[`${name} z`, squeezed] as const, [`${name} h`, hidden] as const]),
  );
  const exact = evaluate({ ...graph, outputs: nodes }, bounds(weights, { input }));
  for (const [name, { squeezed, hidden }] of told) {
    for (const [part, data] of [
      ['z', squeezed],
      ['h', hidden],
    ] as const) {
      const expected = exact.get(`${name} ${part}`) as Bounded;
      expectWithin({ shape: expected.value.shape, data }, expected, `${name} ${part}`);
    }
  }
});

describe.each([false, true])('many pictures (in a worker: %s)', (worker) => {
  let classifier: WorkerClassifier;
  beforeAll(async () => {
    classifier = await createClassifier({ worker });
  });
  afterAll(() => classifier.dispose());

  test('are answered in their order, whatever is asked meanwhile', async () => {
    using classifier = await createClassifier({ top: 1, worker });
    const expected = [(await classifier.classify(cat)).logits, (await classifier.classify(moose)).logits];
    const together = await Promise.all([classifier.classify(cat), classifier.classify(moose), classifier.classify(cat)]);
    expect(together.map(({ logits }) => logits)).toEqual([expected[0], expected[1], expected[0]]);
    const found: Float32Array[] = [];
    for await (const { logits } of classifier.classifyAll([cat, moose])) found.push(logits);
    expect(found).toEqual(expected);
  });

  test('are taken one at a time', async () => {
    let taken = 0;
    function* endless() {
      for (;;) {
        taken++;
        yield moose;
      }
    }
    let answers = 0;
    for await (const _ of classifier.classifyAll(endless())) if (++answers === 3) break;
    expect(taken).toBe(3);
  });

  test('one that cannot be read is named, and stands in nobody’s way', async () => {
    const [broken, whole] = await Promise.allSettled([
      classifier.classify(cat.subarray(0, 1000), { file: 'broken.png' }),
      classifier.classify(cat),
    ]);
    expect(broken).toMatchObject({ status: 'rejected', reason: { name: 'InputError', message: expect.stringContaining('broken.png') } });
    expect(whole).toMatchObject({ status: 'fulfilled', value: { top: [{ label: 'cat' }, {}, {}, {}, {}] } });
  });

  test.each([
    [undefined, 'expected a picture'],
    ['cat.png', 'read the file first'],
    [new Float32Array(4), 'expected a picture'],
    [Promise.resolve(), 'await it'],
    [new Response(), 'found Response: await response.blob()'],
    [[new Uint8Array(4)], 'found a list: classifyAll takes many'],
    [{ width: 2, height: 2, data: new Uint8Array(3) }, 'an image of 2×2 is 12 bytes'],
    [{ width: 2, height: 2, data: new Uint8ClampedArray(15) }, 'an image of 2×2 is 12 bytes'],
  ])('%o is no picture', async (picture, message) => {
    await expect(classifier.classify(picture as never)).rejects.toThrow(InputError);
    await expect(classifier.classify(picture as never)).rejects.toThrow(message);
  });
});

describe('a signal', () => {
  test('ends the wait of the running and of the queued, with its reason; others go on', async () => {
    using classifier = await createClassifier();
    const controller = new AbortController();
    const { signal } = controller;
    const all = Promise.allSettled([
      classifier.classify(cat, { signal }),
      classifier.classify(moose, { signal }),
      classifier.classify(cat),
    ]);
    const reason = new Error('the visitor left');
    controller.abort(reason);
    const [first, second, third] = await all;
    expect(first).toEqual({ status: 'rejected', reason });
    expect(second).toEqual({ status: 'rejected', reason });
    expect(third).toMatchObject({ status: 'fulfilled' });
    await expect(classifier.classify(cat, { signal })).rejects.toBe(reason);
  });
});

test('a classifier that is disposed of says so', async () => {
  const classifier = await createClassifier();
  classifier.dispose();
  await expect(classifier.classify(cat)).rejects.toThrow('this session is disposed');
});

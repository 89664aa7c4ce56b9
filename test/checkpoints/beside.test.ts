import { describe, expect, test } from 'vitest';
import { adopt, identify, openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { average, digest, expectTaken, graph, id, plain, prefixed, scalar, type Tensors } from './files.js';

/** What lies beside a network and is a part of what its file computes: without it the answer would be another's. */

const [classes, features] = (plain.get('fc.weight') as Tensor).shape as [number, number];
const linear = (name: string, outputs: number, inputs: number): Tensors =>
  new Map([
    [`${name}.weight`, seeded([outputs, inputs], 1)],
    [`${name}.bias`, seeded([outputs], 2)],
  ]);
const norm = (name: string, ...kinds: readonly string[]): Tensors =>
  new Map(kinds.map((kind) => [`${name}.${kind}`, seeded([features], 3)]));
const batchNorm = (name: string): Tensors => norm(name, 'weight', 'bias', 'running_mean', 'running_var');
const one = (name: string, shape: readonly number[] = [1]): Tensors => new Map([[name, seeded(shape, 4)]]);
const all = (...parts: readonly Tensors[]): Tensors => new Map(parts.flatMap((part) => [...part]));
const body: Tensors = new Map([...plain].filter(([name]) => !name.startsWith('fc.')));
const backbone = prefixed('backbone.', body);
const stemmed = (name: string): Tensors =>
  all(one(`${name}.conv.weight`, [8, 3, 3, 3]), norm(`${name}.bn`, 'weight'), linear(`${name}.fc`, 5, features));

describe('is refused by name', () => {
  test.each<[string, Tensors, RegExp]>([
    [
      'a layer that reads the one that would be the classifier',
      all(backbone, linear('fc1', 32, features), linear('fc2', 3, 32)),
      /its classifier called fc1: 0 missing, 0 misshapen, 1 extra \(fc2\.weight, beside the network, takes the 32 logits\)$/,
    ],
    ["MMPretrain's neck", all(backbone, linear('neck.fc', 32, features), linear('head.fc', 3, 32)), /called neck\.fc: .*head\.fc\.weight/],
    [
      'the same within the module',
      all(body, linear('embedding', 32, features), linear('logits', 3, 32)),
      /embedding\.weight is not the network's/,
    ],
    ['batch norm between features and classifier', all(backbone, batchNorm('bn'), linear('head', 3, features)), /bn\.weight, beside/],
    [
      'layer norm there',
      all(backbone, norm('norm', 'weight', 'bias'), linear('fc', 3, features)),
      /norm\.weight, beside .* takes the 64 features/,
    ],
    ['a convolution there', all(backbone, one('neck.weight', [features, features, 3, 3]), linear('fc', 3, features)), /neck\.weight/],
    ['one a channel', all(backbone, one('dw.weight', [features, 1, 3, 3]), linear('fc', 3, features)), /dw\.weight/],
    ['a matrix of no layer', all(backbone, one('projection', [features, 7]), linear('fc', 3, features)), /projection, beside/],
    [
      'a layer on the logits',
      all(prefixed('resnet.', plain), linear('fc', 3, classes)),
      /fc\.weight, .*10 logits\); --state resnet takes the network without that/,
    ],
    [
      'two of them',
      all(prefixed('model.', plain), linear('classifier.0', 32, classes), linear('classifier.2', 3, 32)),
      /classifier\.0\.weight/,
    ],
    [
      'another head than the network has',
      all(prefixed('backbone.', plain), linear('head', 3, features)),
      /head\.weight, .*; --state backbone/,
    ],
    ['a scale of each logit', all(prefixed('model.', plain), one('scale', [classes])), /scale, beside the network, takes the 10 logits/],
    ['a temperature', all(prefixed('model.', plain), one('temperature')), /temperature, beside the network, is one number/],
    ['one without extents', all(prefixed('model.', plain), one('logit_scale', [])), /logit_scale/],
    [
      'batch norm of the pictures',
      all(prefixed('model.', plain), one('bn0.weight', [3])),
      /bn0\.weight, .* takes 3 channels, as a picture has/,
    ],
    ['a pool with a power', all(prefixed('model.', plain), one('avg_pool.p')), /avg_pool\.p/],
    ...[
      'global_pool.p',
      'avgpool.p',
      'avg_pool.p',
      'relu.weight',
      'prelu.weight',
      'ca.fc1.weight',
      'sa.conv1.weight',
      'neck.weight',
      'out.weight',
    ].map((name): [string, Tensors, RegExp] => [
      `${name} within`,
      all(plain, one(name)),
      new RegExp(`1 extra \\(${name.replaceAll('.', '\\.')} is not`),
    ]),
  ])('%s', async (_, tensors, message) => {
    const checkpoint = await openCheckpoint(saveSafetensors(tensors));
    for (const name of [undefined, id]) {
      expect(() => identify(checkpoint, name)).toThrow(WeightsError);
      expect(() => identify(checkpoint, name)).toThrow(message);
    }
    await expect(adopt(checkpoint, graph)).rejects.toThrow(WeightsError);
  });

  test('by whoever takes the weights over; the network alone is taken by its module', async () => {
    const bytes = saveSafetensors(all(prefixed('net.resnet.', plain), linear('net.fc', 3, classes)));
    await expect(adopt(await openCheckpoint(bytes), graph)).rejects.toThrow('net.fc.weight, beside the network, takes the 10 logits');
    const { weights } = await recognise(await openCheckpoint(bytes, { state: 'net.resnet' }));
    expect(digest(weights)).toEqual(digest(plain));
  });
});

describe('is passed over', () => {
  const trainers: readonly (readonly [string, Tensors])[] = [
    ['what a loss weighs classes by', one('criterion.weight', [classes])],
    ['a loss with matrices', one('celoss.proj.weight', [7, features])],
    ['weights of classes', one('class_weights', [classes])],
    ['centres', one('center_loss.centers', [classes, features])],
    ["ArcFace's weights", one('arcface.weight', [classes, features])],
    ['a margin', one('ArcMarginProduct.weight', [classes, features])],
    ['a queue and its place', all(one('queue', [features, 256]), one('queue_ptr'))],
    ['a memory bank', one('memory_bank.features', [100, features])],
    ['a discriminator', linear('discriminator.0', 1, features)],
    ["a domain's adversary", linear('domain_classifier', 2, features)],
    ['an average of another network', one('ema_model.head.weight', [3, features])],
    ['measurements', one('best_acc')],
    ['where an average stands', all(one('initted'), one('step'))],
    ['what tells the device', one('dummy')],
    ['mean and deviation', all(one('mean', [1, 3, 1, 1]), one('std', [1, 3, 1, 1]))],
    ['nothing', one('empty', [0, features])],
  ];
  test.each(trainers)('%s, within the module and beside it', async (_, tensors) => {
    for (const prefix of ['', 'model.', 'net.model.']) {
      const own = prefix === 'net.model.' ? prefixed('net.', tensors) : tensors;
      const { ignored } = await expectTaken(saveSafetensors(all(prefixed(prefix, plain), own)), '', plain);
      expect([...ignored.keys()]).toEqual([...own.keys()]);
    }
  });

  test.each<[string, Tensors]>([
    ['what takes neither end of the network', linear('decoder', 7, 13)],
    ['a bias as long as the features, of a layer that does not read them', linear('decoder', features, 13)],
    ['a network that reads pictures itself', stemmed('segmenter')],
  ])('%s, beside it', async (_, tensors) => {
    const { ignored } = await expectTaken(saveSafetensors(all(prefixed('model.', plain), tensors)), '', plain);
    expect([...ignored.keys()]).toEqual([...tensors.keys()]);
  });

  test('whole numbers', async () => {
    const tensors = saveSafetensors(all(prefixed('model.', plain), one('place')));
    const { tensors: stored, ...checkpoint } = await openCheckpoint(tensors);
    const counted = new Map([...stored].map(([name, tensor]) => [name, name === 'place' ? { ...tensor, dtype: 'I64' } : tensor]));
    expect(identify({ ...checkpoint, tensors: counted }).model).toBe(id);
  });

  test('all that lies beside an average or a teacher: nothing is built on those', async () => {
    const tensors = all(prefixed('ema.', average), one('scale'));
    await expectTaken(saveSafetensors(tensors), 'ema', average);
  });

  test('another network within the one that is taken', async () => {
    const tensors = all(plain, prefixed('second.', average));
    const { alsoIn } = await expectTaken(saveSafetensors(tensors), '', plain);
    expect(alsoIn).toEqual(['second']);
  });
});

test('the classifier of a file has no bias of another layer', async () => {
  const tensors = all(backbone, linear('head', 3, features), new Map([['other.bias', scalar]]));
  const checkpoint = await openCheckpoint(saveSafetensors(tensors));
  expect(() => identify(checkpoint)).toThrow(/other\.bias, beside the network, is one number/);
});

import { describe, expect, test } from 'vitest';
import { tellsRoot } from '../../src/checkpoints/families.js';
import { adopt, identify, inspect, openCheckpoint } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, listModels } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { torchLegacy, torchZip, whole } from '../support/files/torch.js';
import { average, expectTaken, graph, id, items, plain, prefixed, scalar, type Tensors, trainers } from './files.js';

/** Where in a file a network lies, and what lies beside it. */

test.each(listModels().map(({ id }) => id))('%s: some name tells where it begins, and none tells of another place', (model) => {
  const roots = new Set(parameters(createModel(model)).map(({ name }) => tellsRoot(name)));
  roots.delete(undefined);
  expect([...roots]).toEqual(['']);
});

describe('tensors that are not the network', () => {
  const beside = (...names: readonly string[]): Tensors => new Map(names.map((name) => [name, scalar]));
  const counters = [...plain.keys()].filter((name) => name.endsWith('.weight')).map((name) => name.replace(/weight$/, 'total_ops'));
  test.each<[string, Tensors, readonly string[]]>([
    ["a loss's", new Map([...prefixed('model.', plain), ...beside('criterion.pos_weight')]), ['criterion.pos_weight']],
    ["a loss's beside bare names", new Map([...plain, ...beside('criterion.pos_weight')]), ['criterion.pos_weight']],
    [
      "a normalisation's",
      new Map([...beside('normalize.mean', 'normalize.std'), ...prefixed('net.', plain)]),
      ['normalize.mean', 'normalize.std'],
    ],
    ["a profiler's", new Map([...plain, ...beside('total_ops', 'total_params', ...counters)]), ['total_ops', 'total_params', ...counters]],
    ['in two modules', prefixed('module.model.', plain), []],
    ['compiled', prefixed('_orig_mod.', plain), []],
    [
      'parallel or compiled in part',
      new Map([...plain].map(([name, tensor]) => [name.replace(/^layer(\d)\./, 'layer$1.module._orig_mod.'), tensor])),
      [],
    ],
    ['counters of batch norm', new Map([...plain, ...beside('bn1.num_batches_tracked')]), []],
  ])('%s', async (_, tensors, ignored) => {
    for (const bytes of [saveSafetensors(tensors), whole(torchZip(items(tensors))), whole(torchLegacy(items(tensors)))]) {
      const found = await expectTaken(bytes, '', plain);
      expect(new Map(found.ignored)).toEqual(new Map(ignored.map((name) => [name, 'a tensor'])));
    }
  });

  const watchers = [
    'conv1.activation_post_process.scale',
    'layer1.0.conv1.weight_fake_quant.zero_point',
    'activation_post_process_0.min_val',
  ];
  test('what training for quantisation watches', async () => {
    const { ignored } = await expectTaken(saveSafetensors(new Map([...plain, ...beside(...watchers)])), '', plain);
    expect([...ignored.keys()].sort()).toEqual(watchers.toSorted());
  });

  test('that a network like it may have are too many', async () => {
    const extras = [
      'layer4.0.conv1.weight',
      'layer1.0.se.fc3.weight',
      'fc_aux.weight',
      'conv2.weight',
      'attn.weight',
      'layer1.0.criterion',
    ];
    for (const extra of extras) {
      const checkpoint = await openCheckpoint(saveSafetensors(new Map([...plain, ...beside(extra)])));
      expect(() => identify(checkpoint, id)).toThrow(`1 extra (${extra} is not the network's)`);
      await expect(adopt(checkpoint, graph)).rejects.toThrow(`${extra} is not the network's`);
    }
  });

  test.each(['resnet8_cifar10', 'resnet14_cifar10'])('SE blocks are never passed over: nothing with them is %s', async (host) => {
    const tensors = new Map(plain).set('layer1.0.se.extra', scalar);
    expect(inspect(await openCheckpoint(saveSafetensors(tensors)), `senet/${host}`).match).toBeUndefined();
    const bn = syntheticWeights(createModel('senet/se_bninception', { classes: 2 }), { seed: 1 });
    expect(inspect(await openCheckpoint(saveSafetensors(bn)), 'senet/bninception').match).toBeUndefined();
  });

  test('what is chosen by name leaves the rest, and names it', async () => {
    const { ignored } = await expectTaken(
      trainers({ state_dict: new Map([...prefixed('net.', plain), ...beside('loss.a')]) }, [['epoch', 1]]),
      'state_dict.net',
      plain,
      'state_dict.net',
    );
    expect([...ignored]).toEqual([
      ['loss.a', 'a tensor'],
      ['epoch', '1'],
    ]);
  });

  const [classes, features] = (plain.get('fc.weight') as Tensor).shape as [number, number];
  test.each([classes, features])(
    'a layer in another dictionary that reads %i numbers is named, unless the network is asked for',
    async (reads) => {
      const bytes = trainers({ backbone: plain, head: new Map([['0.weight', seeded([3, reads], 1)]]) });
      const checkpoint = await openCheckpoint(bytes);
      expect(() => identify(checkpoint)).toThrow(/head\.0\.weight, .*in another dictionary, .*; --state backbone takes/);
      await expectTaken(bytes, 'backbone', plain, 'backbone');
      const loss = trainers({ net: plain, center_loss: new Map([['weight', seeded([3, reads], 1)]]) });
      await expectTaken(loss, 'net', plain);
    },
  );

  test('a classifier in another dictionary is no part of the network, and named', async () => {
    const body = new Map([...plain].filter(([name]) => !name.startsWith('fc.')));
    const checkpoint = await openCheckpoint(trainers({ model: body, classifier: new Map([['weight', seeded([3, features], 1)]]) }));
    expect(() => identify(checkpoint)).toThrow(
      /fc\.weight is missing.*; classifier\.weight reads as many features, but lies in another dictionary/,
    );
  });

  test('of many folds each is a choice', async () => {
    const folds = Array.from({ length: 12 }, (_, i) => [`fold${i}`, plain] as const);
    const { alsoIn } = await expectTaken(trainers(Object.fromEntries(folds)), 'fold0', plain);
    expect(alsoIn).toEqual(folds.slice(1).map(([name]) => name));
  });

  test('one name twice, with a wrapper and without, is two places', async () => {
    const tensors = new Map([...prefixed('module.', average), ...plain]);
    const { alsoIn } = await expectTaken(saveSafetensors(tensors), '', plain);
    expect(alsoIn).toEqual(['module']);
  });

  test('a name of 10^5 modules is no work', async () => {
    const deep = 'a.'.repeat(50_000);
    const checkpoint = await openCheckpoint(whole(torchZip(items(beside(`${deep}x`, `${deep}y`)))));
    expect(() => identify(checkpoint)).toThrow(WeightsError);
  });
});

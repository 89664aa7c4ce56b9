import { describe, expect, test } from 'vitest';
import { identify, openCheckpoint } from '../../src/checkpoints/index.js';
import { whatWasTaken } from '../../src/classifier/network.js';
import { InputError, WeightsError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { seeded } from '../support/arbitraries.js';
import { average, expectTaken, id, plain, prefixed, scalar, type Tensors, trainers } from './files.js';

/** Files with several sets of weights: averages, teachers, backups. */

describe('averages', () => {
  const averaged = new Map([['n_averaged', scalar], ...prefixed('module.', average)]);
  test.each<[string, Uint8Array, string, string]>([
    ["torchvision's", trainers({ model_ema: averaged, model: plain }), 'model', 'model_ema'],
    ["timm's", trainers({ state_dict_ema: average, state_dict: plain }), 'state_dict', 'state_dict_ema'],
    [
      'a module of a module',
      trainers({ state_dict: new Map([...prefixed('ema.module.', average), ...prefixed('net.', plain)]) }),
      'state_dict.net',
      'state_dict.ema',
    ],
    ['safetensors', saveSafetensors(new Map([...prefixed('ema_model.', average), ...prefixed('model.', plain)])), 'model', 'ema_model'],
    ['beside bare names', saveSafetensors(new Map([...prefixed('ema.', average), ...plain])), '', 'ema'],
  ])('%s: the plain weights, unless the average is asked for', async (_, bytes, takenFrom, other) => {
    const { alsoIn } = await expectTaken(bytes, takenFrom, plain);
    expect(alsoIn).toEqual([other]);
    expect((await expectTaken(bytes, other, average, other)).alsoIn).toEqual([]);
    await expect(openCheckpoint(bytes, { state: 'modl' })).rejects.toThrow(InputError);
    await expect(openCheckpoint(bytes, { state: 'modl' })).rejects.toThrow(/found modl; there is .*/);
  });

  test.each(['teacherNet', 'swamodel', 'averager', 'encoder_k', 'frozen_model', 'old', 'initial', 'gradients', 'fisher'])(
    '%s: the plain set, whichever comes first',
    async (name) => {
      for (const other of [trainers({ [name]: average, my_net: plain }), trainers({ my_net: plain, [name]: average })])
        expect((await expectTaken(other, 'my_net', plain)).alsoIn).toEqual([name]);
      const modules = saveSafetensors(new Map([...prefixed(`${name}.`, average), ...prefixed('my_net.', plain)]));
      expect((await expectTaken(modules, 'my_net', plain)).alsoIn).toEqual([name]);
    },
  );

  test("another's weights alone are taken, and told", async () => {
    const small = new Map([['student.conv.weight', scalar]]);
    const bytes = trainers({ state_dict: new Map([...small, ...prefixed('loss.module.teacher.', average)]) });
    const from = await expectTaken(bytes, 'state_dict.loss.module.teacher', average);
    await expectTaken(bytes, 'state_dict.loss.module.teacher', average, 'state_dict.loss.module.teacher');
    expect(whatWasTaken('x', from)[0]).toBe(
      "x: weights taken from state_dict.loss.module.teacher, which is an average's or another network's by its name",
    );
    const alone = await expectTaken(trainers({ model_ema: averaged }), 'model_ema', average);
    expect(whatWasTaken('x', alone)[0]).toMatch(/^x: weights taken from model_ema, which is an average's/);
    expect(whatWasTaken('x', await expectTaken(trainers({ state_dict: plain }), 'state_dict', plain))).toEqual([]);
  });

  const unknown: Tensors = new Map([
    ['cls_token', seeded([1, 1, 8], 1)],
    ['blocks.0.attn.qkv.weight', seeded([24, 8], 2)],
  ]);
  const twoLayers: Tensors = new Map([
    ...[...plain].filter(([name]) => !name.startsWith('fc.')),
    ['fc.0.weight', seeded([32, 64], 3)],
    ['fc.2.weight', seeded([10, 32], 4)],
  ]);
  test.each<[string, Uint8Array, string, RegExp]>([
    [
      'a module',
      trainers({ state_dict: new Map([...prefixed('model.', unknown), ...prefixed('teacher.', average)]) }),
      'state_dict.teacher',
      /state_dict\.model\.blocks\.0\.attn\.qkv\.weight, .* is of the one that the file was saved for.*; --state state_dict\.teacher takes/,
    ],
    [
      'a dictionary',
      trainers({ model: unknown, teacher: average }),
      'teacher',
      /model\.blocks\.0\.attn\.qkv\.weight, .*; --state teacher takes/,
    ],
    ['one like it', trainers({ model: twoLayers, teacher: average }), 'teacher', /fc\.0\.weight is not the network's/],
  ])('a teacher is not taken for a student that is none of the networks: %s', async (_, bytes, state, message) => {
    const checkpoint = await openCheckpoint(bytes);
    expect(() => identify(checkpoint)).toThrow(WeightsError);
    expect(() => identify(checkpoint)).toThrow(message);
    await expectTaken(bytes, state, average); // who names the network has chosen
    expect(identify(await openCheckpoint(bytes, { state })).model).toBe(id);
  });

  test('beside an average there may be what is no network', async () => {
    const beside = trainers({
      '': new Map([['best_acc1', scalar]]),
      optim: new Map([['exp_avg.weight', seeded([3, 4], 1)]]),
      model_ema: average,
    });
    expect(identify(await openCheckpoint(beside)).takenFrom).toBe('model_ema');
  });

  test('an average alone is taken', async () => {
    await expectTaken(trainers({ model_ema: averaged }), 'model_ema', average);
    await expectTaken(trainers({ '': averaged }), '', average);
  });

  test('an average that is deeper in the file, and one that is the same dictionary', async () => {
    const bytes = trainers({ state_dict: plain });
    const { alsoIn } = await expectTaken(bytes, 'state_dict', plain);
    expect(alsoIn).toEqual([]);
  });

  test('an average of another network is no other choice', async () => {
    const others = syntheticWeights(createModel('senet/resnet8_cifar10'), { seed: 3 });
    expect((await expectTaken(trainers({ model: plain, teacher: others }), 'model', plain)).alsoIn).toEqual([]);
    expect(identify(await openCheckpoint(trainers({ model: plain, teacher: others }), { state: 'teacher' })).model).toBe(
      'senet/resnet8_cifar10',
    );
  });
});

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tellsRoot } from '../../src/checkpoints/families.js';
import { adopt, identify, inspect, openCheckpoint } from '../../src/checkpoints/index.js';
import { whatWasTaken } from '../../src/classifier/network.js';
import { InputError, WeightsError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, listModels } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import type { Pickled } from '../support/files/pickle.js';
import { orderedDict, torchLegacy, torchZip, type Wrap, whole } from '../support/files/torch.js';
import { average, expectTaken, graph, id, items, plain, prefixed, scalar, type Tensors, trainers } from './files.js';

/** Where in a file a network lies, and what lies beside it. */

test.each(listModels().map(({ id }) => id))('%s: some name tells where it begins, and none tells of another place', (model) => {
  const roots = new Set(parameters(createModel(model)).map(({ name }) => tellsRoot(name)));
  roots.delete(undefined);
  expect([...roots]).toEqual(['']);
});

describe.each(['zip', 'legacy'] as const)('%s: objects beside the weights', (form) => {
  const objects: readonly (readonly [string, Pickled])[] = [
    ['args', { call: { global: 'argparse.Namespace' }, args: [] }],
    ['epoch', 3],
    ['optimizer', { dict: [['state', { dict: [] }]] }],
    ['__proto__', 'a name like any other'],
  ];

  test('are passed over, and named with what they are', async () => {
    const { ignored } = await expectTaken(trainers({ state_dict: plain }, objects, form), 'state_dict', plain);
    expect([...ignored]).toEqual([
      ['args', 'argparse.Namespace'],
      ['epoch', '3'],
      ['optimizer', 'a dictionary'],
      ['__proto__', 'a name like any other'],
    ]);
  });

  test('a tensor beside the weights does not hide them', async () => {
    const { ignored } = await expectTaken(
      trainers({ '': new Map([['best_acc1', scalar]]), state_dict: plain }, [], form),
      'state_dict',
      plain,
    );
    expect([...ignored]).toEqual([['best_acc1', 'a tensor']]);
  });

  const step = (i: number): Pickled => ({
    dict: [
      ['iter', i],
      ['loss', i / 7],
      ['lr', 0.1 / (i + 1)],
    ],
  });
  const many = <T>(count: number, make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i));
  test.each<[string, Pickled]>([
    ['a log of dictionaries', { list: many(20_000, step) }],
    ['one by its steps', { dict: many(20_000, (i) => [i, step(i)] as const) }],
    ["NumPy's numbers", { list: many(10_000, (i) => ({ call: { global: 'numpy.core.multiarray.scalar' }, args: [null, String(i)] })) }],
    ['paths and labels', { list: many(10_000, (i) => ({ tuple: [`data/train/cat/${i}.jpg`, i % 10] })) }],
  ])('a long history beside a small network: %s', async (_, log) => {
    await expectTaken(trainers({ state_dict: plain }, [['log', log]], form), 'state_dict', plain);
  });

  test('names that are bytes', async () => {
    const wrap: Wrap = (dict) => ({
      dict: (dict as { readonly items: readonly (readonly [string, Pickled])[] }).items.map(([name, value]) => [
        { call: { global: '_codecs.encode' }, args: [name, 'latin1'] },
        value,
      ]),
    });
    await expectTaken(whole(form === 'zip' ? torchZip(items(plain), wrap) : torchLegacy(items(plain), wrap)), '', plain);
  });

  test.each(['_rebuild_device_tensor_from_cpu_tensor', '_rebuild_device_tensor_from_numpy'])(
    'tensors of other devices: %s',
    async (make) => {
      const wrap: Wrap = (dict) =>
        orderedDict(
          (dict as { readonly items: readonly (readonly [string, Pickled])[] }).items.map(([name, value]) => [
            name,
            { call: { global: `torch._utils.${make}` }, args: [value, { global: 'torch.float32' }, 'mps:0', false] },
          ]),
        );
      await expectTaken(whole(form === 'zip' ? torchZip(items(plain), wrap) : torchLegacy(items(plain), wrap)), '', plain);
    },
  );

  test('nothing is executed: a command beside the weights is never run, and weights that it would make are refused by name', async () => {
    const proof = join(tmpdir(), `senet-executed-${process.pid}-${form}`);
    const command: Pickled = { call: { global: 'os.system' }, args: [`touch ${proof}`] };
    const { ignored } = await expectTaken(trainers({ state_dict: plain }, [['args', command]], form), 'state_dict', plain);
    expect([...ignored]).toEqual([['args', 'os.system']]);

    const some = new Map([...plain].filter(([name]) => name !== 'layer1.0.bn1.weight'));
    const without = trainers({ '': some, state_dict_ema: average }, [['layer1.0.bn1.weight', command]], form);
    const checkpoint = await openCheckpoint(without);
    const message = 'layer1.0.bn1.weight is no tensor that can be read, but os.system';
    for (const name of [undefined, id]) {
      expect(() => identify(checkpoint, name)).toThrow(WeightsError);
      expect(() => identify(checkpoint, name)).toThrow(message);
    }
    await expect(adopt(checkpoint, graph)).rejects.toThrow(message);
    expect(existsSync(proof)).toBe(false);
  });
});

/** `torch.save(model)` and `torch.jit.save(model)`: an object of a class, and its attributes. */
describe.each(['zip', 'legacy'] as const)('%s: networks that were saved whole', (form) => {
  const object = (name: string, attributes: readonly (readonly [Pickled, Pickled])[], of: Pickled = { global: name }): Pickled => ({
    build: { call: of, args: [] },
    attributes: { dict: attributes },
  });
  /** A module of a tree that the names' dots tell; `make` makes one of its tensors and modules. */
  type Make = (name: string, tensors: readonly (readonly [string, Pickled])[], modules: readonly (readonly [string, Pickled])[]) => Pickled;
  const tree = (make: Make, entries: readonly (readonly [string, Pickled])[], name: string): Pickled => {
    const inside = new Map<string, (readonly [string, Pickled])[]>();
    const own = entries.filter(([path, value]) => {
      const dot = path.indexOf('.');
      if (dot < 0) return true;
      const module = path.slice(0, dot);
      inside.set(module, [...(inside.get(module) ?? []), [path.slice(dot + 1), value]]);
      return false;
    });
    return make(
      name,
      own,
      [...inside].map(([module, below]) => [module, tree(make, below, module)]),
    );
  };
  const isBuffer = ([name]: readonly [string, Pickled]): boolean => name.startsWith('running_');
  const attributesOf = (...[, tensors, modules]: Parameters<Make>): (readonly [Pickled, Pickled])[] => [
    ['training', false],
    ['_parameters', { dict: [...tensors.filter((entry) => !isBuffer(entry)), ['unused', null]] }],
    ['_buffers', orderedDict(tensors.filter(isBuffer))],
    ['_forward_hooks', orderedDict([])],
    ['_modules', orderedDict(modules)],
  ];
  const module: Make = (name, ...parts) => object(`__main__.${name}`, attributesOf(name, ...parts));
  const withSource: Make = (name, ...parts) =>
    object('', attributesOf(name, ...parts), {
      persistent: { tuple: ['module', { global: `__main__.${name}` }, 'net.py', 'class Net: ...'] },
    });
  const scripted: Make = (name, tensors, modules) =>
    object(`__torch__.models.${name}`, [['training', false], ['out_channels', 16], ...tensors, ...modules, ['unused', null]]);
  const traced: Make = (name, ...parts) => ({
    call: { global: 'torch.fx.graph_module.reduce_graph_module' },
    args: [{ dict: [...attributesOf(name, ...parts), ['_code', 'def forward(self, x): ...']] }, 'import torch'],
  });
  const optimized = 'torch._dynamo.eval_frame.OptimizedModule';
  const made = (make: Make, around: Wrap): Uint8Array => {
    const wrap: Wrap = (dict) => around(tree(make, (dict as { readonly items: readonly (readonly [string, Pickled])[] }).items, 'Net'));
    return whole(form === 'zip' ? torchZip(items(plain), wrap) : torchLegacy(items(plain), wrap));
  };
  const others = (network: Pickled): Pickled => ({
    dict: [
      ['epoch', 1],
      ['model', network],
    ],
  });
  test.each<[string, Make, Wrap, string]>([
    ['a module', module, (network) => network, ''],
    ['one in a DataParallel', module, (network) => module('DataParallel', [], [['module', network]]), ''],
    ['one beside other entries', module, others, 'model'],
    ['one in a list', module, (network) => ({ list: [{ dict: [] }, { tuple: [1, network] }] }), '1.1'],
    ['one that was compiled', module, (network) => ({ call: { global: optimized }, args: [network, object('a.Context', [])] }), ''],
    [
      'one that was compiled by an earlier release',
      module,
      (network) => object(optimized, attributesOf('', [], [['_orig_mod', network]])),
      '',
    ],
    ['one that was traced', traced, (network) => network, ''],
    ['a module with its source', withSource, (network) => network, ''],
    ["TorchScript's", scripted, (network) => network, ''],
    [
      "fastai's Learner",
      module,
      (network) =>
        object('fastai.learner.Learner', [
          ['lr', 1],
          ['model', network],
        ]),
      'model',
    ],
    [
      "one that skorch's trainer has, beside others",
      module,
      (network) => others(object('skorch.NeuralNet', [['module_', network]])),
      'model.module_',
    ],
    ['one of a Learner in a list', module, (network) => ({ list: [1, object('fastai.learner.Learner', [['model', network]])] }), '1.model'],
  ])('%s', async (_, make, around, takenFrom) => {
    await expectTaken(made(make, around), takenFrom, plain);
  });

  test.each<[string, string, boolean]>([
    ['relu', 'torch.nn.modules.activation.ReLU', true],
    ['act', 'torch.nn.modules.activation.SiLU', false],
    ['act', '__torch__.torch.nn.modules.activation.LeakyReLU', false],
    ['avgpool', 'torch.nn.modules.pooling.AdaptiveMaxPool2d', false],
    ['drop', 'torch.nn.modules.dropout.Dropout', true],
  ])('a function in it that the network does not have is refused by name: %s, %s', async (at, what, isTaken) => {
    const inner: Make = (name, tensors, modules) =>
      module(name, tensors, name === 'Net' ? [...modules, [at, object(what, attributesOf('', [], []))]] : modules);
    const file = made(inner, (network) => network);
    if (isTaken) expect([...(await expectTaken(file, '', plain)).ignored]).toEqual([]);
    else {
      const checkpoint = await openCheckpoint(file);
      expect(() => identify(checkpoint)).toThrow(`${at}, a module, is ${what}, which the network has not`);
    }
  });

  const texts: Pickled = { list: ['mask', 'unused', 'not there'] };
  test.each<[string, Pickled]>([
    ["Python 3's", { call: { global: 'builtins.set' }, args: [texts] }],
    ["Python 2's", { call: { global: '__builtin__.set' }, args: [texts] }],
    ["protocol 4's", { opcodes: '\x8f(X\x04\0\0\0maskK\x01\x90' }],
  ])("buffers that are not a state dict's are left out: %s set", async (_, set) => {
    const masked: Make = (name, tensors, modules) => {
      const attributes = attributesOf(name, tensors, modules).map(([key, value]): readonly [Pickled, Pickled] =>
        key === '_buffers' ? [key, orderedDict([...tensors.filter(isBuffer), ['mask', tensors[0]?.[1] ?? null]])] : [key, value],
      );
      return object(`__main__.${name}`, [...attributes, ['_non_persistent_buffers_set', set]]);
    };
    const { ignored } = await expectTaken(
      made(masked, (network) => network),
      '',
      plain,
    );
    expect([...ignored]).toEqual([]);
  });

  test('a module that holds itself ends, and one that is nothing but a name is refused by it', async () => {
    const itself: Pickled = {
      opcodes: 'c__main__\nNet\n)Rq\x01}(X\x0b\0\0\0_parameters}X\x08\0\0\0_buffers}X\x08\0\0\0_modules}X\x01\0\0\0ah\x01sub',
    };
    const opened = (root: Pickled) => openCheckpoint(whole(form === 'zip' ? torchZip([], () => root) : torchLegacy([], () => root)));
    await expect(opened(itself)).rejects.toThrow(/objects take at most \d+ bytes of memory, found more/);
    for (const name of ['__main__.Net', '__torch__.Net'])
      await expect(opened(object(name, []))).rejects.toThrow(
        `expected a dictionary of tensors, found ${name}; save its state_dict() instead`,
      );
  });
});

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

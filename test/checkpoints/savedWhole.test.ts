import { describe, expect, test } from 'vitest';
import { identify, openCheckpoint } from '../../src/checkpoints/index.js';
import type { Pickled } from '../support/files/pickle.js';
import { orderedDict, torchLegacy, torchZip, type Wrap, whole } from '../support/files/torch.js';
import { expectTaken, items, plain } from './files.js';

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

  const convolution = 'torch.nn.modules.conv.Conv2d';
  const norm = 'torch.nn.modules.batchnorm.BatchNorm2d';
  test.each<[string, string, readonly (readonly [Pickled, Pickled])[], string | undefined]>([
    [
      'as the network has it',
      'conv1',
      [
        ['padding', { tuple: [1, 1] }],
        ['dilation', { tuple: [1, 1] }],
        ['groups', 1],
        ['padding_mode', 'zeros'],
      ],
      undefined,
    ],
    ['padded by a word', 'conv1', [['padding', 'same']], undefined],
    ['that says nothing', 'conv1', [], undefined],
    ['of another stride', 'conv1', [['stride', { tuple: [2, 2] }]], 'conv1, a module, has stride 2, 2, where the network has 1, 1'],
    ['dilated', 'conv1', [['dilation', { tuple: [2, 2] }]], 'has dilation 2, 2'],
    ['padded otherwise', 'conv1', [['padding_mode', 'reflect']], 'has padding_mode reflect, where the network has zeros'],
    ['with its epsilon', 'bn1', [['eps', 1e-5]], undefined],
    ['with another epsilon', 'bn1', [['eps', 1e-3]], 'bn1, a module, has eps 0.001, where the network has 0.00001'],
  ])('a layer in it %s', async (_, at, attributes, message) => {
    const inner: Make = (name, tensors, modules) =>
      name === at
        ? object(at.startsWith('conv') ? convolution : norm, [...attributesOf(name, tensors, modules), ...attributes])
        : module(name, tensors, modules);
    const file = made(inner, (network) => network);
    if (message === undefined) expect([...(await expectTaken(file, '', plain)).ignored]).toEqual([]);
    else {
      const checkpoint = await openCheckpoint(file);
      expect(() => identify(checkpoint)).toThrow(message);
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

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adopt, identify, openCheckpoint } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import type { Pickled } from '../support/files/pickle.js';
import { orderedDict, torchLegacy, torchZip, type Wrap, whole } from '../support/files/torch.js';
import { average, expectTaken, graph, id, items, plain, scalar, trainers } from './files.js';

/** What trainers save beside the weights, as objects of Python. */

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

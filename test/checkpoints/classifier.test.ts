import { describe, expect, test } from 'vitest';
import { adopt, identify, inspect, openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { average, digest, expectTaken, graph, id, plain, prefixed, scalar, type Tensors, trainers } from './files.js';

/** Which layer computes the classes, where it is not called as the network's own. */

describe('a classifier of another name', () => {
  const renamed = (name: string, tensors: Tensors = plain): Tensors =>
    new Map([...tensors].map(([key, tensor]) => [key.replace(/^fc\./, `${name}.`), tensor]));
  const ofClasses = (classes: number): Tensors => syntheticWeights(createModel(id, { classes }), { seed: 1 });
  test.each(['fc.1', 'head', 'head.fc', 'classifier', 'last_linear', 'model.fc'])('%s', async (name) => {
    const tensors = new Map([...renamed(name), ['criterion.weight', scalar] as const]);
    const { ignored } = await expectTaken(saveSafetensors(tensors), '', plain);
    expect([...ignored.keys()]).toEqual(['criterion.weight']);
    expect(inspect(await openCheckpoint(saveSafetensors(tensors))).match?.classifier).toBe(name);
  });

  test('of other classes; as a 1×1 convolution; in an average too', async () => {
    const three = ofClasses(3);
    const [weight] = [three.get('fc.weight') as Tensor];
    const convolution = new Map(renamed('head', three)).set('head.weight', { ...weight, shape: [...weight.shape, 1, 1] });
    const { classes, weights, alsoIn } = await recognise(
      await openCheckpoint(trainers({ model: convolution, model_ema: renamed('head', three) })),
    );
    expect([classes, alsoIn]).toEqual([3, ['model_ema']]);
    expect(digest(weights)).toEqual(digest(three));
    expect((await adopt(await openCheckpoint(saveSafetensors(convolution)), graph)).left).toEqual(['fc.weight', 'fc.bias']);
  });

  test('the name of its own is not looked for', async () => {
    expect(inspect(await openCheckpoint(saveSafetensors(plain))).match?.classifier).toBeUndefined();
  });

  const features = (plain.get('fc.weight') as Tensor).shape[1] as number;
  test.each<[string, Tensors]>([
    ['two layers', new Map([...renamed('head'), ['head.2.weight', seeded([10, features], 1)]])],
    ['two of them', new Map([...renamed('head'), ...[...renamed('other')].filter(([name]) => name.startsWith('other.'))])],
    ['without the bias', new Map([...renamed('head')].filter(([name]) => name !== 'head.bias'))],
    ['of other features', new Map(renamed('head')).set('head.weight', seeded([10, features + 1], 1))],
    ['none', new Map([...plain].filter(([name]) => !name.startsWith('fc.')))],
    ['half of it', new Map([...renamed('head'), ['fc.bias', seeded([10], 1)]])],
  ])('%s: none that is sure', async (_, tensors) => {
    const checkpoint = await openCheckpoint(saveSafetensors(tensors));
    expect(() => identify(checkpoint, id)).toThrow(/fc\.weight is missing/);
    await expect(adopt(checkpoint, graph)).rejects.toThrow('fc.weight is missing');
  });
});

describe('a classifier beside the module that its network is', () => {
  const isHead = ([name]: readonly [string, Tensor]): boolean => name.startsWith('fc.');
  const split = (body: string, head: string, from: Tensors = plain): Tensors =>
    new Map([...from].map((entry) => [isHead(entry) ? entry[0].replace(/^fc/, head) : body + entry[0], entry[1]]));
  const heads = ['head', 'fc', 'classifier.1', 'head.fc', 'linear', 'cls_head.fc', 'conv1'];
  const bodies = ['backbone.', 'encoder.', 'model.', 'features.', 'net.feature_extractor.'];
  test.each(heads.flatMap((head) => bodies.map((body) => [body, head])))('%s and %s', async (body, head) => {
    const tensors = new Map([...split(body, head), ['criterion.weight', scalar] as const]);
    const { ignored, classifier } = await expectTaken(saveSafetensors(tensors), '', plain);
    expect([[...ignored.keys()], classifier]).toEqual([['criterion.weight'], head]);
    const { match, tensors: found } = inspect(await openCheckpoint(saveSafetensors(tensors)));
    expect([match?.classifier, found.size]).toEqual([head, plain.size]);
  });

  test('in a trainer that wraps them; of other classes', async () => {
    const three = syntheticWeights(createModel(id, { classes: 3 }), { seed: 1 });
    const bytes = trainers({ state_dict: prefixed('module.', split('backbone.', 'head.fc', three)) }, [['epoch', 1]]);
    const { classes, weights, ignored } = await recognise(await openCheckpoint(bytes));
    expect([classes, digest(weights), [...ignored.keys()]]).toEqual([3, digest(three), ['epoch']]);
    expect((await adopt(await openCheckpoint(bytes), graph)).left).toEqual(['fc.weight', 'fc.bias']);
  });

  test("of two networks each has its own, and none has the other's", async () => {
    const two = (teacher: Tensors): Uint8Array =>
      saveSafetensors(new Map([...prefixed('teacher.', teacher), ...prefixed('student.', split('backbone.', 'head'))]));
    const bytes = two(split('backbone.', 'head', average));
    expect((await expectTaken(bytes, 'student.backbone', plain)).alsoIn).toEqual(['teacher.backbone']);
    await expectTaken(two(average), 'student.backbone', plain);
    const bare = new Map([...prefixed('student.', plain)].filter(([name]) => !name.includes('.fc.')));
    await expectTaken(saveSafetensors(new Map([...bare, ...prefixed('teacher.', average)])), 'teacher', average);
  });

  test('the nearest of several', async () => {
    const tensors = new Map(
      [...prefixed('model.', split('backbone.', 'head')), ...split('', 'proxy')].filter(([name]) => /^model|^proxy/.test(name)),
    );
    await expectTaken(saveSafetensors(tensors), '', plain);
  });

  const features = (plain.get('fc.weight') as Tensor).shape[1] as number;
  test.each<[string, Tensors]>([
    ['two layers', new Map([...split('backbone.', 'head'), ['head.2.weight', seeded([10, features], 1)]])],
    ['two of them', new Map([...split('backbone.', 'head'), ['other.weight', seeded([10, features], 1)]])],
    ['one within too', new Map([...split('backbone.', 'head'), ['backbone.projector.weight', seeded([10, features], 1)]])],
    ['without the bias', new Map([...split('backbone.', 'head')].filter(([name]) => name !== 'head.bias'))],
    ['of other features', new Map(split('backbone.', 'head')).set('head.weight', seeded([10, features + 1], 1))],
    ['half of it', new Map([...split('backbone.', 'head'), ['backbone.fc.bias', seeded([10], 1)]])],
  ])('%s: none that is sure', async (_, tensors) => {
    const checkpoint = await openCheckpoint(saveSafetensors(tensors));
    expect(() => identify(checkpoint, id)).toThrow(/fc\.weight is missing/);
    await expect(adopt(checkpoint, graph)).rejects.toThrow('fc.weight is missing');
  });
});

import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileTfjs } from '../../reference/engines/compileTfjs.js';
import { compileLitert } from '../../reference/engines/litert.js';
import { compileOrt } from '../../reference/engines/ort.js';
import { tfjsCalls } from '../../reference/engines/tfjsCalls.js';
import { properties } from '../../reference/properties/properties.js';
import { InputError, SenetError, UnsupportedError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { long } from '../support/length.js';
import { exactly, expectAgreement, magnitudes, roundings } from './agree.js';
import { everyOp, imageFor, opCase } from './cases.js';

/** The reference takes seconds a network, and more while others use the machine. */
const patience = 120_000;

const engines = [
  { engine: 'tfjs', compile: compileTfjs },
  { engine: 'ort', compile: compileOrt },
  { engine: 'litert', compile: compileLitert },
] as const;

const networks: readonly { readonly name: string; readonly create: () => Graph; readonly composed: boolean }[] = [
  { name: 'every op', create: everyOp, composed: true },
  { name: 'seresnet20_cifar10, two images', create: () => createModel('seresnet20_cifar10', { batch: 2 }), composed: false },
  { name: 'regnety_002 at [64, 32]', create: () => createModel('regnety_002', { size: [64, 32], gates: true }), composed: true },
  { name: 'resnet50 at 32', create: () => createModel('resnet50', { size: 32 }), composed: false },
  { name: 'legacy_seresnet18 at 32, two images', create: () => createModel('legacy_seresnet18', { size: 32, batch: 2 }), composed: false },
  { name: 'legacy_seresnet50 at 64', create: () => createModel('legacy_seresnet50', { size: 64, gates: true }), composed: false },
  {
    name: 'legacy_seresnext50_32x4d at [64, 32]',
    create: () => createModel('legacy_seresnext50_32x4d', { size: [64, 32], gates: true }),
    composed: true,
  },
];

/** A plain run takes the first three: of the others the reference computes ten times as much. */
describe.each(long ? networks : networks.slice(0, 3))('$name', ({ name, create, composed }) => {
  const graph = create();
  const weights = syntheticWeights(graph, { seed: 1 });
  const input = imageFor(graph, 1);
  let expected: ReadonlyMap<string, Tensor>;
  beforeAll(() => {
    expected = exactly(graph, weights, input);
  }, patience);

  test.each(engines)('$engine agrees with the reference, twice', async ({ engine, compile }) => {
    const contender = await compile(graph, weights);
    expect(contender).toMatchObject({ engine, threads: 1, composed: engine === 'tfjs' && composed });
    const first = await contender.run(input);
    const worst = expectAgreement(graph, first, expected);
    console.log(`${name}, ${engine}: ${worst.toFixed(1)} u of the ${Math.max(...roundings(graph).values())} u that its roundings allow`);
    expect(await contender.run(input)).toEqual(first);
    await contender.dispose();
  });
});

describe.each(engines)('$engine', ({ compile }) => {
  test('any convolution or pool agrees with the reference', async () => {
    await fc.assert(
      fc.asyncProperty(opCase, async ({ graph, seed }) => {
        const weights = syntheticWeights(graph, { seed });
        const input = imageFor(graph, seed);
        const contender = await compile(graph, weights);
        const actual = await contender.run(input);
        await contender.dispose();
        expectAgreement(graph, actual, exactly(graph, weights, input), magnitudes(graph, weights, input));
      }),
    );
  });

  test('an image of another shape is refused', async () => {
    const graph = everyOp();
    const contender = await compile(graph, syntheticWeights(graph, { seed: 1 }));
    await expect(contender.run(syntheticTensor('input', [1, 3, 8, 8], 1))).rejects.toThrow('expected [2, 3, 17, 14], found [1, 3, 8, 8]');
    await contender.dispose();
  });

  test('an op of training is named', async () => {
    const graph = build([1, 2, 4, 4], (x) => x.graph.emit('channelMean', [x], {}));
    const refused = compile(graph, new Map());
    await expect(refused).rejects.toThrow(UnsupportedError);
    await expect(refused).rejects.toThrow('channelMean');
  });

  test('a missing weight is named', async () => {
    await expect(compile(everyOp(), new Map())).rejects.toThrow('stem');
  });

  test('what is no graph, no weights, no image or no number of threads is refused as what it is', async () => {
    const graph = everyOp();
    const weights = syntheticWeights(graph, { seed: 1 });
    for (const none of [undefined, null, {}, 'resnet50', { nodes: [null], outputs: new Map(), parameters: [] }])
      await expect(compile(none as never, weights)).rejects.toThrow(SenetError);
    for (const none of [undefined, null, {}, [...weights]]) await expect(compile(graph, none as never)).rejects.toThrow(SenetError);
    for (const threads of [0, -1, 1.5, Number.NaN, '2', 2n, {}])
      await expect(compile(graph, weights, { threads } as never)).rejects.toThrow(InputError);
    const contender = await compile(graph, weights);
    const { shape, data } = imageFor(graph, 1);
    for (const none of [undefined, null, {}, { shape, data: data.subarray(1) }, { shape, data: [...data] }])
      await expect(contender.run(none as never)).rejects.toThrow(SenetError);
    await contender.dispose();
  });

  test('threads that the engine cannot have in this process are refused', async () => {
    const graph = everyOp();
    await expect(compile(graph, syntheticWeights(graph, { seed: 1 }), { threads: 2 })).rejects.toThrow(/one thread|another process/);
  });
});

test('every op of inference is in the network of every op', () => {
  const ops = new Set(everyOp().nodes.map(({ op }) => op as string));
  expect(Object.keys(properties).filter((op) => op !== 'conv3x3' && !ops.has(op))).toEqual([]);
});

test('tfjs keeps neither a run’s tensors, nor, once disposed of, the weights', async () => {
  const graph = everyOp();
  const input = imageFor(graph, 1);
  const empty = tf.memory().numTensors;
  const contender = await compileTfjs(graph, syntheticWeights(graph, { seed: 1 }));
  await contender.run(input);
  const { numTensors, numBytes } = tf.memory();
  for (let i = 0; i < 3; i++) await contender.run(input);
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  await contender.dispose();
  expect(tf.memory().numTensors).toBe(empty);
});

test('tfjs runs SE-ResNeXt’s blocks as branches: no image is split, and convolutions fuse with their batch norm and ReLU', () => {
  const calls = tfjsCalls(createModel('legacy_seresnext50_32x4d', { size: 64 }));
  const convs = calls.filter(({ nodes: [anchor] }) => anchor.op === 'conv2d');
  expect(convs.length).toBe(53);
  expect(convs.filter(({ sliced }) => sliced).length).toBe(16);
  expect(
    convs.filter(({ nodes: [anchor] }) => anchor.op === 'conv2d' && anchor.attrs.groups === 32).map(({ branches }) => branches),
  ).toEqual([...Array(3).fill(8), ...Array(4).fill(16), ...Array(9).fill(32)]);
  expect(calls.some(({ nodes: [anchor] }) => anchor.op === 'batchNorm')).toBe(false);
});

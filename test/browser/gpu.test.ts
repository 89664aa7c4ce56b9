import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFloat32 } from '../../reference/crosscheck/gpuFloat32.js';
import type { Tfjs } from '../../reference/engines/tfjs.js';
import { bounds } from '../../src/bound/bound.js';
import { UnsupportedError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { evaluate } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { bn, conv, maxPool2d, relu } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import type { Tensor } from '../../src/tensor.js';
import { everyOp, imageFor } from '../reference/cases.js';
import { expectWithin } from '../support/expectWithin.js';
import { single } from '../support/graphs.js';

// A page and a child process load the built files, so the engines are those of the build.
const { gpuInChromium, webgpuInNode } = (await import(
  new URL('../../dist/reference/crosscheck/gpu.js', import.meta.url).href
)) as typeof import('../../reference/crosscheck/gpu.js');

const graphs: Readonly<Record<string, Graph>> = {
  'an SE block': build([2, 3, 17, 14], (image) => {
    const x = relu(bn(conv(image, 'conv1', { out: 24, kernel: 3 }), 'bn1'));
    return squeezeExcite(maxPool2d(x, { kernel: 3, stride: 2, padding: 1, rounding: 'floor' }), 'se', { squeezed: 6, gate: 'sigmoid' });
  }),
  'a grouped convolution': build([1, 12, 9, 9], (image) => conv(image, 'conv', { out: 18, kernel: 3, stride: 2, groups: 3 })),
  softmax: single('softmax', [3, 17], {}),
  'a network of every op': everyOp(),
};

const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );

describe.each([
  { where: 'WebGL in Chromium', name: 'tfjs-webgl', runtime: /^Chromium \d/, open: () => gpuInChromium('webgl') },
  { where: 'WebGPU in Chromium', name: 'tfjs-webgpu', runtime: /^Chromium \d/, open: () => gpuInChromium('webgpu') },
  { where: 'WebGPU in Node', name: 'tfjs-webgpu', runtime: /^Node \d.*Dawn/, open: webgpuInNode },
])('tfjs on $where', ({ where, name, runtime, open }) => {
  let engine: Awaited<ReturnType<typeof open>>;
  let processes: readonly number[];
  beforeAll(async () => {
    const before = childrenOf(process.pid);
    engine = await open();
    processes = childrenOf(process.pid).filter((pid) => !before.includes(pid));
  }, 60_000);
  afterAll(() => engine.dispose());

  test('names its adapter and versions, and has computed in float32', () => {
    console.log(`${where}: ${engine.adapter}`);
    expect(engine).toMatchObject({ engine: name, version: tf.version_core, adapter: expect.stringMatching(/\w/) });
    expect(engine.runtime).toMatch(runtime);
    expect(engine.precision).toMatch(/^float32: .*matMul, conv2d exact/);
  });

  test.each(Object.keys(graphs))('%s lies within the bound', async (which) => {
    const graph = graphs[which] as Graph;
    const [weights, inputs] = [syntheticWeights(graph, { seed: 1 }), { input: imageFor(graph, 1) }];
    const outputs = await engine.run(graph, weights, inputs);
    for (const [output, bounded] of evaluate(graph, bounds(weights, inputs))) expectWithin(outputs.get(output) as Tensor, bounded, output);
  });

  test('a missing weight is named', async () => {
    const graph = graphs['a grouped convolution'] as Graph;
    const run = engine.run(graph, new Map(), { input: imageFor(graph, 1) });
    await expect(run).rejects.toMatchObject({ name: 'WeightsError', tensor: 'conv.weight' });
  });

  test('a killed process is an error, of the run under way and of the next', async () => {
    const graph = graphs.softmax as Graph;
    const input = imageFor(graph, 1);
    const running = engine.run(graph, new Map(), { input });
    for (const pid of processes) process.kill(pid, 'SIGKILL');
    await expect(running).rejects.toMatchObject({ name: 'SenetError', message: expect.stringContaining(engine.adapter) });
    await expect(engine.run(graph, new Map(), { input })).rejects.toMatchObject({ name: 'SenetError' });
  });
});

describe('the check of float32', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('passes float32', async () => {
    expect(await checkFloat32(tf)).toMatch(/^relu, add, multiply, matMul, conv2d/);
  });

  test('refuses TF32, whose operands have 11 bits', async () => {
    const narrow = (value: number): number => {
      const shifted = value * (2 ** 42 + 1); // Dekker 1971: keeps 53 − 42 bits
      return shifted - (shifted - value);
    };
    const tf32 = <T extends tf.Tensor>(x: T): T => tf.tensor(x.dataSync().map(narrow), x.shape) as T;
    const conv2d = (x: tf.Tensor4D, filter: tf.Tensor4D, stride: number, pad: 'valid') => tf.conv2d(tf32(x), tf32(filter), stride, pad);
    const refused = checkFloat32({ ...tf, conv2d } as Tfjs);
    await expect(refused).rejects.toThrow(UnsupportedError);
    await expect(refused).rejects.toThrow('tfjs-cpu is not float32: conv2d gives');
  });
});

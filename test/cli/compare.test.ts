import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/graph.js';
import { modulesOf } from '../../src/graph/modules.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { senet } from './senet.js';

const model = 'legacy_seresnet18';
const image = [1, 3, 48, 40];
const graph = createModel(model, { size: [48, 40], classes: 10, gates: true });
const { returns } = modulesOf(graph);
/** What forward hooks see: layers, blocks, stages, gates, but no module twice under the names of other libraries. */
const hooked = [...returns.keys()].filter((name) => !/act|pool|relu\d/.test(name));

/** A run of our own kernels in place of another program's. */
async function dumpOf(of: Graph, weights: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
  const outputs = new Map(hooked.map((name) => [name, returns.get(name) as number]));
  const input = syntheticTensor('input', image, 5);
  using session = await compile({ ...of, outputs }, weights, { kernels: 'strict' });
  return new Map([['input', input], ...session.run(input)]);
}

let folder: string;
let weights: string;
let dump: Map<string, Tensor>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-'));
  const values = syntheticWeights(graph, { seed: 5 });
  weights = join(folder, 'weights.safetensors');
  await writeFile(weights, saveSafetensors(values));
  dump = await dumpOf(graph, values);
});

const path = (name: string): string => join(folder, name);

async function compare(tensors: ReadonlyMap<string, Tensor>, ...flags: readonly string[]) {
  await writeFile(path('dump.safetensors'), saveSafetensors(tensors));
  return senet('compare', path('dump.safetensors'), '--model', model, '--weights', weights, ...flags);
}

describe('compare', () => {
  test('a correct run is within its bounds: exit 0, a line a tensor, progress on stderr', async () => {
    const { code, stdout, stderr } = await compare(dump);
    expect(code, stderr).toBe(0);
    for (const name of hooked) expect(stdout).toContain(`\n${name} `);
    expect(stdout).toContain(`all ${hooked.length} tensors within their bound`);
    expect(stderr).toContain('50 % at layer');
  });

  test('the first layer beyond its bound is named, and no other: one channel a hundredth off', async () => {
    const values = new Map(syntheticWeights(graph, { seed: 5 }));
    const { shape, data } = values.get('layer2.1.conv1.weight') as Tensor;
    const channel = data.length / (shape[0] as number);
    values.set(
      'layer2.1.conv1.weight',
      tensor(
        shape,
        data.map((value, i) => (i >= 7 * channel && i < 8 * channel ? value * 1.01 : value)),
      ),
    );
    const { code, stdout } = await compare(await dumpOf(graph, values), '--json');
    const { tensors, firstBeyond, pass } = JSON.parse(stdout) as {
      tensors: { name: string; ratio: number; at: { index: number[] } }[];
      firstBeyond: string;
      pass: boolean;
    };
    expect([code, firstBeyond, pass]).toEqual([1, 'layer2.1.conv1', false]);
    const beyond = tensors.filter(({ ratio }) => ratio > 1);
    expect(beyond.map(({ name, at }) => [name, at.index[1]])).toEqual([['layer2.1.conv1', 7]]);
  });

  test('an epsilon of 1e-3 is named too', async () => {
    const wrong = graph.nodes.map((node) =>
      node.op === 'batchNorm' && node.id === returns.get('layer3.0.bn2') ? { ...node, attrs: { eps: 1e-3 } } : node,
    );
    const { code, stdout } = await compare(await dumpOf({ ...graph, nodes: wrong }, syntheticWeights(graph, { seed: 5 })));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /first beyond its bound: layer3\.0\.bn2, at \[0, \d+, \d+, \d+\]: expected .* \(1 of \d+ tensors are beyond\)\n$/,
    );
  });

  test('a pooled tensor may keep its plane of one pixel; what a reused ReLU left is not compared', async () => {
    const { shape, data } = dump.get('layer1.0.se_module.fc1') as Tensor;
    const part = new Map([
      ['input', dump.get('input') as Tensor],
      ['layer1.0.se_module.fc1', { shape: [...shape, 1, 1], data }],
      ['layer1.0.relu', dump.get('layer1.0') as Tensor],
    ]);
    const { code, stdout, stderr } = await compare(part);
    expect([code, stderr]).toEqual([0, expect.stringContaining('run more than once in a pass: layer1.0.relu\n')]);
    expect(stdout).toContain('all 1 tensors within their bound');
  });
});

describe('what cannot be compared exits 2 and names file and tensor', () => {
  const small = (changes: Readonly<Record<string, Tensor>>) =>
    new Map([['input', dump.get('input') as Tensor], ...Object.entries(changes)]);
  const one = tensor([1], [1]);

  test.each([
    ['no input', () => new Map([['fc', one]]), 'dump.safetensors: tensor input, the image, is missing'],
    ['no activation', () => small({}), 'dump.safetensors: no tensor but input has a place in legacy_seresnet18'],
    [
      'an unknown name',
      () => small({ 'layer1.0.con1': one }),
      'tensor layer1.0.con1 is no module of legacy_seresnet18 (did you mean layer1.0.conv1',
    ],
    ['another shape', () => small({ 'layer1.0.conv1': one }), 'tensor layer1.0.conv1: expected [1, 64, 12, 10], found [1]'],
    ['an image without channels', () => new Map([['input', one]]), 'tensor input is no [N, 3, H, W]: found [1]'],
    ['an image of no size', () => new Map([['input', tensor([1, 3, 0, 4], [])]]), 'tensor input: size must be'],
    ['NaN', () => small({ last_linear: tensor([1, 10], [0, 1, Number.NaN, 3, 4, 5, 6, 7, 8, 9]) }), 'tensor last_linear: value 2 is NaN'],
  ])('%s', async (_, tensors, message) => {
    const { code, stdout, stderr } = await compare(tensors());
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
  });

  test('a truncated file', async () => {
    await writeFile(path('short.safetensors'), saveSafetensors(dump).subarray(0, 100_000));
    const { code, stderr } = await senet('compare', path('short.safetensors'), '--model', model, '--weights', weights);
    expect([code, stderr]).toEqual([2, expect.stringContaining('short.safetensors: safetensors: tensor ')]);
  });

  test("another network's weights", async () => {
    await writeFile(path('other.safetensors'), saveSafetensors(new Map([['conv1.weight', one]])));
    await writeFile(path('dump.safetensors'), saveSafetensors(dump));
    const { code, stderr } = await senet('compare', path('dump.safetensors'), '--model', model, '--weights', path('other.safetensors'));
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/other\.safetensors: the tensors are not those of legacy_seresnet18; .*layer0\.conv1\.weight is missing/),
    ]);
  });

  test('an unknown network, and a file that is not there', async () => {
    const unknown = await senet('compare', 'absent.safetensors', '--model', 'resnet51', '--weights', weights);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean resnet50')]);
    const absent = await senet('compare', 'absent.safetensors', '--model', model, '--weights', weights);
    expect([absent.code, absent.stderr]).toEqual([2, expect.stringContaining('absent.safetensors: cannot be read')]);
  });
});

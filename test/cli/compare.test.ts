import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkSegments } from '../../src/bound/segments.js';
import type { Graph } from '../../src/graph/graph.js';
import { runsOf } from '../../src/graph/modules.js';
import { loadSafetensors, saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { readComparison } from '../../src/node/dump.js';
import type { Node } from '../../src/ops/op.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { bytesOf } from '../support/files/bytes.js';
import { npy } from '../support/files/npy.js';
import type { Pickled } from '../support/files/pickle.js';
import { orderedDict, type TorchItem, torchLegacy, torchZip, type Wrap, whole } from '../support/files/torch.js';
import { zip } from '../support/files/zip.js';
import { some } from '../support/length.js';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

/** Of a dictionary. */
type Entry = readonly [string, Pickled];

const model = 'senet/se_resnet8_cifar10';
const size = [20, 16] as const;
const graph = createModel(model, { size, classes: 10, gates: true });
/** Larger, but with modules that run more than once: of the first layers alone there is a dump. */
const again = createModel('legacy_seresnet18', { size: [24, 16], classes: 10, gates: true });

/** What forward hooks see: every module, and each run of those that run again. */
const returnsOf = ({ modules }: Graph): ReadonlyMap<string, number> =>
  new Map(
    [...(modules as ReadonlyMap<string, readonly number[]>)].flatMap(([path, runs]) =>
      runs.map((id, i) => [runs.length === 1 ? path : `${path}:${i + 1}`, id] as const),
    ),
  );
const returns = returnsOf(graph);
const hooked = [...returns.keys()];
const againReturns = new Map([...returnsOf(again)].filter(([name]) => /^layer[01]\./.test(name)));

/** A run of our own kernels in place of another program's. */
async function dumpOf(of: Graph, weights: ReadonlyMap<string, Tensor>, outputs = returns): Promise<Map<string, Tensor>> {
  const input = syntheticTensor('input', (of.nodes[0] as Node).shape, 5);
  using session = await compile({ ...of, outputs }, weights, { kernels: 'strict' });
  return new Map([['input', input], ...session.run(input)]);
}

let folder: string;
let weights: string;
let dump: Map<string, Tensor>;
let againDump: Map<string, Tensor>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-'));
  weights = path('weights.safetensors');
  const values = syntheticWeights(graph, { seed: 5 });
  await writeFile(weights, saveSafetensors(values));
  dump = await dumpOf(graph, values);
  const againValues = syntheticWeights(again, { seed: 5 });
  await writeFile(path('again.safetensors'), saveSafetensors(againValues));
  againDump = await dumpOf(again, againValues, againReturns);
});

const path = (name: string): string => join(folder, name);

/** The arguments, once the dump is written. */
async function argsOf(tensors: ReadonlyMap<string, Tensor>, of = weights): Promise<readonly string[]> {
  await writeFile(path('dump.safetensors'), saveSafetensors(tensors));
  return ['compare', path('dump.safetensors'), '--weights', of];
}

const compare = async (tensors: ReadonlyMap<string, Tensor>, ...flags: readonly string[]) =>
  senetHere(...(await argsOf(tensors)), ...flags);

describe('compare', () => {
  test('a correct run is within its bounds: exit 0, a line a tensor, progress on stderr', async () => {
    const { code, stdout, stderr } = await senet(...(await argsOf(againDump, path('again.safetensors'))));
    expect(code, stderr).toBe(0);
    for (const name of againReturns.keys()) expect(stdout).toContain(`\n${name} `);
    expect(stdout).toContain(`all ${againReturns.size} tensors within their bound`);
    expect(stderr).toMatch(/[3-7]0 % at layer1\..*100 % at layer1\./s);
  });

  test('the first layer beyond its bound is named, and no other: one channel a hundredth off', async () => {
    const values = new Map(syntheticWeights(graph, { seed: 5 }));
    const { shape, data } = values.get('layer2.0.conv1.weight') as Tensor;
    const channel = data.length / (shape[0] as number);
    values.set(
      'layer2.0.conv1.weight',
      tensor(
        shape,
        data.map((value, i) => (i >= 7 * channel && i < 8 * channel ? value * 1.01 : value)),
      ),
    );
    const { code, stdout } = await senet(...(await argsOf(await dumpOf(graph, values))), '--json');
    const { tensors, firstBeyond, pass } = JSON.parse(stdout) as {
      tensors: { name: string; ratio: number; at: { index: number[] } }[];
      firstBeyond: string;
      pass: boolean;
    };
    expect([code, firstBeyond, pass]).toEqual([1, 'layer2.0.conv1', false]);
    const beyond = tensors.filter(({ ratio }) => ratio > 1);
    expect(beyond.map(({ name, at }) => [name, at.index[1]])).toEqual([['layer2.0.conv1', 7]]);
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
    const { shape, data } = againDump.get('layer1.0.se_module.fc1') as Tensor;
    const part = new Map([
      ['input', againDump.get('input') as Tensor],
      ['layer1.0.se_module.fc1', { shape: [...shape, 1, 1], data }],
      ['layer1.0.relu', againDump.get('layer1.0') as Tensor],
    ]);
    const { code, stdout, stderr } = await senetHere(...(await argsOf(part, path('again.safetensors'))));
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('left out 1 name (layer1.0.relu): modules that run more than once in a pass\n'),
    ]);
    expect(stdout).toContain('all 1 tensors within their bound');
  });

  test('names that are no modules are told once and left out, whatever they hold', async () => {
    const strange = ['loss', 'aux.0', 'aux.1', 'layer1.0.relu:9'].map((name) => [name, tensor([1], [Number.NaN])] as const);
    const { code, stdout, stderr } = await compare(new Map([...dump, ...strange]), '--json');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`left out 4 names (loss, aux.0, aux.1, ...): no modules of ${model}\n`);
    expect(JSON.parse(stdout)).toMatchObject({
      model,
      unknown: strange.map(([name]) => name),
      leftOut: [],
      pass: true,
    });
  });
});

describe('a dump in another form', () => {
  const items = (tensors: ReadonlyMap<string, Tensor>): readonly TorchItem[] =>
    [...tensors].map(([name, { shape, data }]) => ({ name, type: 'Float', shape, bytes: () => bytesOf(data as Float32Array) }));
  const within = async (file: string, bytes: Uint8Array) => {
    await writeFile(path(file), bytes);
    const { code, stdout, stderr } = await senetHere('compare', path(file), '--weights', weights);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`all ${hooked.length} tensors within their bound`);
  };

  test("PyTorch's, of both forms, with a dictionary in another, and a wrapper's names", async () => {
    const wrapped = new Map([...dump].map(([name, value]) => [`module.${name}`, value]));
    await within('dump.pt', whole(torchZip(items(dump))));
    await within('dump.pt', whole(torchLegacy(items(wrapped))));
    const nested: Wrap = (dict) => {
      const [input, ...others] = (dict as { readonly items: readonly Entry[] }).items;
      return { dict: [input as Entry, ['activations', orderedDict(others)]] };
    };
    await within('dump.pt', whole(torchZip(items(dump), nested)));
  });

  test('below a module of the program, with the image as a hook is given it', async () => {
    const inside = new Map([...dump].map(([name, value]) => [name === 'input' ? name : `module.net.model.${name}`, value]));
    const hooks: Wrap = (dict) => {
      const [input, ...others] = (dict as { readonly items: readonly Entry[] }).items;
      const [key, image] = input as Entry;
      return { dict: [[key, { tuple: [image] }], ...others] };
    };
    await within('dump.pt', whole(torchZip(items(inside), hooks)));
  });

  test("NumPy's", async () => {
    const arrays = [...dump].map(([name, { shape, data }]) => ({ name: `${name}.npy`, bytes: () => npy(shape, bytesOf(data)) }));
    await within('dump.npz', whole(zip(arrays)));
  });

  test('of one image, without N', async () => {
    const bare = new Map([...dump].map(([name, { shape, data }]) => [name, { shape: shape.slice(1), data }]));
    await within('dump.safetensors', saveSafetensors(bare));
  });

  test.each([
    ['F16', 1.1],
    ['BF16', 2],
  ] as const)('rounded to %s', async (dtype, factor) => {
    await within('dump.safetensors', saveSafetensors(dump, { dtype }));
    const value = dump.get('layer2.0.conv1') as Tensor;
    const wrong = tensor(
      value.shape,
      value.data.map((one) => one * factor),
    );
    await writeFile(path('dump.safetensors'), saveSafetensors(new Map([...dump, ['layer2.0.conv1', wrong]]), { dtype }));
    const { code, stdout } = await senetHere('compare', path('dump.safetensors'), '--weights', weights);
    expect(code).toBe(1);
    expect(stdout).toContain('first beyond its bound: layer2.0.conv1,');
  });

  test.each<[string, () => Uint8Array, string]>([
    [
      'one name in two dictionaries',
      () =>
        whole(
          torchZip(items(dump), (dict) => ({
            dict: [
              ['a', dict],
              ['b', orderedDict((dict as { readonly items: readonly (readonly [string, Pickled])[] }).items)],
            ],
          })),
        ),
      'tensor input: expected it once, found it in several dictionaries',
    ],
    [
      'channels last',
      () => saveSafetensors(new Map([['input', tensor([1, 4, 5, 3], Array(60).fill(1))]])),
      'no [N, 3, H, W]: its channels are last',
    ],
    [
      'another name',
      () => saveSafetensors(new Map([['x', dump.get('input') as Tensor]])),
      'tensor input, the image, is missing; if it is x, call that input',
    ],
    [
      'bytes',
      () => whole(zip([{ name: 'input.npy', bytes: () => npy([1, 3, 1, 1], Uint8Array.of(1, 2, 3), { descr: '|u1' }) }])),
      'tensor input, the image: expected floating-point values, found U8',
    ],
  ])('%s is refused by name', async (_, bytes, message) => {
    await writeFile(path('dump.other'), bytes());
    const { code, stderr } = await senetHere('compare', path('dump.other'), '--weights', weights);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

/** What PyTorch's hooks saw of a network with the weights `uniform-v1`: the values that are kept (test/fixtures/modules/README.md). */
async function hookedByPyTorch(id: string) {
  const fixture = (name: string): URL => new URL(`../fixtures/modules/${name}`, import.meta.url);
  const trees = JSON.parse(await readFile(fixture('trees.json'), 'utf8')) as Record<string, { size: number; runs: Record<string, number> }>;
  const { size, runs } = trees[id] as { size: number; runs: Record<string, number> };
  const values = loadSafetensors(gunzipSync(await readFile(fixture(`${id.replace('/', '.')}.safetensors.gz`))));
  const found = createModel(id, { size });
  const tensors = new Map([['input', syntheticTensor('input', [1, 3, size, size], 5)]]);
  for (const [name, value] of Object.entries(runs)) {
    const kept = values.get(String(value));
    const [node] = runsOf(found, name);
    if (kept) tensors.set(name, { shape: (found.nodes[node as number] as Node).shape, data: kept.data });
  }
  return { tensors, weights: syntheticWeights(found, { seed: 5 }) };
}

describe('PyTorch', () => {
  const networks: readonly (readonly [string, readonly string[]])[] = [
    ['torchvision/mobilenet_v3_small', []],
    ['torchvision/resnet18', []],
    ['torchvision/regnet_y_400mf', []],
    ['timm/mobilenetv3_small_100', ['--model', 'timm/mobilenetv3_small_100']], // or tf_mobilenetv3_small_100: names and shapes do not tell
    ['torchvision/efficientnet_b0', []],
  ];
  test.each(some(networks, 3))('%s: every module that a hook saw is within its bound, none is left out', async (id, flags) => {
    const { tensors, weights: values } = await hookedByPyTorch(id);
    await writeFile(path('pytorch.safetensors'), saveSafetensors(tensors));
    await writeFile(path('pytorch.weights.safetensors'), saveSafetensors(values));
    const { code, stdout, stderr } = await senetHere(
      'compare',
      path('pytorch.safetensors'),
      '--weights',
      path('pytorch.weights.safetensors'),
      ...flags,
      '--json',
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: id, leftOut: [], unknown: [], pass: true });
    expect(JSON.parse(stdout).tensors.length).toBe(tensors.size - 1);
  });

  test('of a network that has another layer than the weights say that layer is the first wrong one, ten times', async () => {
    const { tensors, weights: values } = await hookedByPyTorch('torchvision/mobilenet_v3_small');
    const file = path('pytorch.safetensors');
    await writeFile(file, saveSafetensors(new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1))))); // as safetensors.torch sorts them
    const layers = ['features.0.0', 'features.0.1', 'features.1.block.1.fc1', 'features.1.block.1.fc2', 'features.1.block.2.1'];
    layers.push('features.4.block.1.0', 'features.8.block.2.fc2', 'features.12.0', 'classifier.0', 'classifier.3');
    await writeFile(path('pytorch.weights.safetensors'), saveSafetensors(values));
    const { graph: found, weights: read, input, dumped } = await readComparison(file, undefined, path('pytorch.weights.safetensors'));
    for (const layer of layers) {
      const { shape, data } = values.get(`${layer}.weight`) as Tensor;
      const wrong = tensor(
        shape,
        data.map((value) => value * 1.01),
      );
      const planted = new Map([...read, [`${layer}.weight`, wrong]]);
      const beyond = checkSegments(found, planted, input, dumped).filter(({ ratio }) => ratio > 1);
      expect(beyond[0]?.name).toBe(layer);
    }
  });
});

describe('what cannot be compared exits 2 and names file and tensor', () => {
  const small = (changes: Readonly<Record<string, Tensor>>) =>
    new Map([['input', dump.get('input') as Tensor], ...Object.entries(changes)]);
  const one = tensor([1], [1]);

  test.each<[string, () => ReadonlyMap<string, Tensor>, string, string?]>([
    ['no input', () => new Map([['fc', one]]), 'dump.safetensors: tensor input, the image, is missing'],
    ['no activation', () => small({}), 'dump.safetensors: no tensor but input has a place in senet/se_resnet8_cifar10'],
    [
      'nothing but unknown names',
      () => small({ 'layer1.0.con1': one, loss: one }),
      'no tensor but input has a place in senet/se_resnet8_cifar10: layer1.0.con1 is no module (did you mean layer1.0.conv1',
    ],
    [
      'nothing but a module that runs again',
      () => small({ 'layer1.0.relu': one }),
      'has a place in timm/legacy_seresnet18\n',
      'again.safetensors',
    ],
    ['another shape', () => small({ 'layer1.0.conv1': one }), 'tensor layer1.0.conv1: expected [1, 16, 20, 16], found [1]'],
    ['an image without channels', () => new Map([['input', one]]), 'tensor input is no [N, 3, H, W]: found [1]'],
    ['an image of no size', () => new Map([['input', tensor([1, 3, 0, 4], [])]]), 'tensor input: size must be'],
    ['NaN', () => small({ fc: tensor([1, 10], [0, 1, Number.NaN, 3, 4, 5, 6, 7, 8, 9]) }), 'tensor fc: value 2 is NaN'],
  ])('%s', async (_, tensors, message, of = 'weights.safetensors') => {
    const { code, stdout, stderr } = await senetHere(...(await argsOf(tensors(), path(of))));
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
  });

  test('a truncated file', async () => {
    await writeFile(path('short.safetensors'), saveSafetensors(dump).subarray(0, 100_000));
    const { code, stderr } = await senetHere('compare', path('short.safetensors'), '--model', model, '--weights', weights);
    expect([code, stderr]).toEqual([2, expect.stringContaining('short.safetensors: safetensors: tensor ')]);
  });

  test("another network's weights", async () => {
    await writeFile(path('other.safetensors'), saveSafetensors(new Map([['conv1.weight', one]])));
    await writeFile(path('dump.safetensors'), saveSafetensors(dump));
    const { code, stderr } = await senetHere(
      'compare',
      path('dump.safetensors'),
      '--model',
      'legacy_seresnet18',
      '--weights',
      path('other.safetensors'),
    );
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/other\.safetensors: the tensors are not those of legacy_seresnet18; .*layer0\.conv1\.weight is missing/),
    ]);
  });

  test('an unknown network, and a file that is not there', async () => {
    const unknown = await senetHere('compare', 'absent.safetensors', '--model', 'resnet51', '--weights', weights);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean resnet50')]);
    const absent = await senet('compare', 'absent.safetensors', '--model', model, '--weights', weights);
    expect([absent.code, absent.stderr]).toEqual([2, expect.stringContaining('absent.safetensors: cannot be read')]);
  });
});

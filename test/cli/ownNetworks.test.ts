import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { loadSafetensors, saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { readOnnxFile } from '../../src/node/onnxFile.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { relativeError } from '../../src/stats/error.js';
import type { Tensor } from '../../src/tensor.js';
import { namedValues, withValues } from '../../src/verify/nodewise.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { planOf } from '../../src/wasm/planOf.js';
import { bitsOf } from '../support/bits.js';
import { externalised } from '../support/files/external.js';
import { some } from '../support/length.js';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

/**
 * Every command that takes a network takes an ONNX file, whose weights may be in another one: here the network of CIFAR-10 that ships, as `senet convert`
 * writes it.
 */
const weights = 'assets/weights/seresnet20_cifar10.safetensors';
const picture = 'assets/images/chelsea.png';

let folder: string;
let net: string;
const names = { whole: 'net.onnx', split: join('split', 'net.onnx') } as const;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-own-'));
  net = join(folder, 'net.onnx');
  const { code, stdout } = await senet('convert', weights, '-o', net, '--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { model: 'pytorchcv/seresnet20_cifar10', classes: 10, dtype: 'F32' }]);
  const { model, data } = await externalised(new Uint8Array(await readFile(net)), 'weights/net.onnx.data');
  await mkdir(join(folder, 'split', 'weights'), { recursive: true });
  await writeFile(join(folder, names.split), model);
  await writeFile(join(folder, 'split', 'weights', 'net.onnx.data'), data);
});
afterAll(() => rm(folder, { recursive: true }));

const json = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await senetHere(...args, '--json');
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout);
};

describe.each<readonly [string, () => Promise<void>]>([
  [
    'inspect',
    async () => {
      const { opset, seBlocks, unsupported, externalFiles } = await json('inspect', net);
      expect([opset, seBlocks.length, unsupported]).toEqual([17, 9, []]);
      expect(externalFiles).toEqual(net.endsWith(names.split) ? ['weights/net.onnx.data'] : []);
      expect(seBlocks[0]).toMatchObject({ activation: 'sigmoid', slope: null, inner: 'relu' });
    },
  ],
  [
    'classify',
    async () => {
      const [own] = await json('classify', picture, '--model', net, '--algorithms', 'direct');
      const [zoo] = await json('classify', picture, '--weights', weights, '--algorithms', 'direct');
      expect(own.top.map(({ label }: { readonly label: string }) => label)).toEqual(
        zoo.top.map(({ label }: { readonly label: string }) => label),
      );
      expect(relativeError(own.logits, zoo.logits)).toBeLessThan(conformanceLimits.direct); // an epsilon is a float32 in ONNX
    },
  ],
  [
    'classify --gates',
    async () => {
      const chart = join(folder, 'gates.svg');
      const { code } = await senetHere('classify', picture, '--weights', net, '--gates', chart);
      expect([code, await readFile(chart, 'utf8')]).toEqual([0, expect.stringMatching(/^<svg/)]);
    },
  ],
  [
    'evaluate',
    async () => {
      const data = join(folder, 'data');
      for (const name of ['cat', 'dog']) await mkdir(join(data, name), { recursive: true });
      await copyFile(picture, join(data, 'cat', 'a.png'));
      await copyFile('assets/images/coffee.png', join(data, 'dog', 'b.png'));
      const { images, top1, protocol } = await json('evaluate', data, '--weights', net, '--crops', '2');
      expect([images, top1.errors, protocol.members[0].views]).toEqual([2, 1, 2]);
    },
  ],
  [
    'plan',
    async () => {
      const kernels = ({ steps }: { readonly steps: readonly { readonly kernel: string }[] }) => steps.map(({ kernel }) => kernel);
      const zoo = (se: boolean) => planOf(createModel('pytorchcv/seresnet20_cifar10', { se }), { kernels: 'strict', tile: '5x8' });
      const flags = ['--kernels', 'strict', '--tile', '5x8'];
      expect(kernels(await json('plan', net, ...flags))).toEqual(kernels(zoo(true)));
      expect(kernels(await json('plan', net, ...flags, '--no-se'))).toEqual(kernels(zoo(false)));
    },
  ],
  [
    'profile',
    async () => {
      const { model, size, gates } = await json('profile', net, '--rounds', '1');
      expect([model, size]).toEqual([net, 32]);
      expect(gates.calls).toBeGreaterThan(0);
    },
  ],
  [
    'bench',
    async () => {
      const rows = await json('bench', net, '--kernels', 'strict', '--without-se', '--rounds', '3');
      expect(
        rows.map(({ model, se, engine }: { readonly model: string; readonly se: boolean; readonly engine: string }) => [model, se, engine]),
      ).toEqual([
        [net, true, 'senet'],
        [net, false, 'senet'],
      ]);
      expect(rows[0].seCostPercent).toBeDefined();
    },
  ],
  [
    'compare',
    async () => {
      const dump = join(folder, 'dump.safetensors');
      const { graph, weights: values } = graphOfOnnx(await readOnnxFile(net));
      const input = syntheticTensor('input', [1, 3, 32, 32], 4);
      const told = namedValues(graph).filter((_, i) => i % 9 === 0);
      const found = evaluate(withValues(graph, told), reference(values, { input }));
      await writeFile(dump, saveSafetensors(new Map([['input', input], ...found])));
      const { model, tensors, pass, unknown } = await json('compare', dump, '--weights', net);
      expect([model, pass, unknown, tensors.length]).toEqual([net, true, [], told.length + 1]);
    },
  ],
  [
    'verify',
    async () => {
      const { stdout } = await senetHere('verify', net, '--against', 'ort', '--json'); // whose sigmoid may be beyond the bound
      const [{ kind, engines }] = JSON.parse(stdout);
      expect([kind, engines.length, engines[0].beyond]).toEqual(['engines', 2, 0]);
      for (const { outputsFromFloat64 } of engines) expect(outputsFromFloat64).toBeLessThan(conformanceLimits.direct);
    },
  ],
  [
    'convert',
    async () => {
      const [back, again] = [join(folder, 'back.safetensors'), join(folder, 'again.onnx')];
      await json('convert', net, '-o', back);
      const [found, expected] = [loadSafetensors(await readFile(back)), loadSafetensors(await readFile(weights))];
      expect([...found.keys()].sort()).toEqual([...expected.keys()].filter((name) => found.has(name)).sort());
      const valuesOf = (tensors: typeof found) => bitsOf([...found.keys()].map((name) => [name, tensors.get(name) as Tensor]));
      const flat = ([name, , ...values]: ReturnType<typeof bitsOf>[number]) => [name, ...values]; // ONNX has other shapes for some
      expect(valuesOf(found).map(flat)).toEqual(valuesOf(expected).map(flat));
      await json('convert', net, '-o', again, '--dtype', 'f16', '--opset', '15');
      const model = await readOnnx(await readFile(again));
      expect([model.opset, model.metadata['senet.model']]).toEqual([15, 'pytorchcv/seresnet20_cifar10']);
      expect(graphOfOnnx(model).gates.size).toBe(9);
    },
  ],
])('%s', (command, run) => {
  const dear = ['profile', 'compare', 'verify'].includes(command); // and they read a file as the others do
  test.each(some(['split', 'whole'] as const, dear ? 2 : 1))('takes an ONNX file that is %s', { timeout: 60_000 }, async (form) => {
    net = join(folder, names[form]);
    await run();
  });
});

describe('what else is said of an ONNX file, or cannot be written as one, is one line', () => {
  test.each<readonly [string, () => readonly string[], RegExp]>([
    [
      'a model beside it',
      () => ['classify', picture, '--weights', net, '--model', 'resnet18'],
      /is a network by itself: expected no model/,
    ],
    ['a size that the file does not take', () => ['classify', picture, '--weights', net, '--size', '64'], /net\.onnx: input input/],
    [
      'an operator set of another format',
      () => ['convert', weights, '-o', join(folder, 'x.st'), '--opset', '17'],
      /--opset is of ONNX files/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await senetHere(...args());
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

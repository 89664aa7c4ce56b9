import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ablations } from '../../experiments/ablationVariants.js';
import { presetMetadata } from '../../src/classifier/trained.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import { training } from '../../src/graph/training.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { labelsOf } from '../../src/pretrained/labels.js';
import { presets } from '../../src/pretrained/preset.js';
import { map, type Tensor, tensor } from '../../src/tensor.js';
import { heWeights } from '../../src/train/initialise.js';
import { crossEntropy, targetsOf } from '../../src/train/loss.js';
import { trainableOf } from '../../src/train/step.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { compile } from '../../src/wasm/session.js';
import { senet } from '../cli/senet.js';
import { byteOf, concat, recordOf, writeFiles } from '../node/images/cifar.js';
import { long, some } from '../support/length.js';

/** The experiments' commands, as they are built, on networks of random weights and a few random images. */

const network = createModel('se_resnet8_cifar10', { classes: 10, gates: true });
const weights = withConstantGates(heWeights(network, 1));
const labelOf = (seed: number): number => [0, 1, 3, 5][seed % 4] as number;
const tests = 8;

/** Those of the last stage do not depend on the image. */
function withConstantGates(given: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return new Map(
    [...given].map(([name, x]) => {
      if (/layer3\.\d\.se\.fc2\.weight/.test(name)) return [name, map(x, () => 0)];
      let c = 0;
      return [name, /layer3\.\d\.se\.fc2\.bias/.test(name) ? map(x, () => (c++ % 7) - 3) : x];
    }),
  );
}

let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-experiments-'));
  const names = (await labelsOf('cifar10')).map(({ name }) => name).join('\n');
  const records = (count: number): Uint8Array => concat(...Array.from({ length: count }, (_, seed) => recordOf([labelOf(seed)], seed)));
  await writeFiles(path('data/train'), { 'batches.meta.txt': names, 'data_batch_1.bin': records(128) });
  await writeFiles(path('data/test'), { 'batches.meta.txt': names, 'test_batch.bin': records(tests) });
  const metadata = presetMetadata(presets.cifar, await labelsOf('cifar10'));
  await writeFile(path('random.safetensors'), saveSafetensors(weights, { metadata }));
});
afterAll(() => rm(folder, { recursive: true }));
const script = (name: string): string => fileURLToPath(new URL(`../../dist/experiments/${name}.js`, import.meta.url));

const finding = (name: string, ...flags: readonly string[]) => run(name, '--out', path(`${name}.json`), ...flags);
const run = (name: string, ...flags: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> => {
  return new Promise((resolve) => {
    execFile(process.execPath, [script(name), '--data', path('data'), ...flags], (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
};
const resultOf = async (name: string) => JSON.parse(await readFile(path(`${name}.json`), 'utf8'));

test('gates: means and deviations by class are those of the reference', { timeout: 240_000 }, async () => {
  expect(await finding('gates', '--weights', path('random.safetensors'))).toMatchObject({ code: 0 });
  const { tested, blocks, images } = await resultOf('gates');
  expect(tested).toBe(tests);
  expect(images).toContain('re-encoded JPEG images');
  expect(blocks.map(({ path }: { path: string }) => path)).toEqual([...network.outputs.keys()].filter((name) => name !== 'logits'));

  const { mean, std } = presets.cifar;
  const seen = Array.from({ length: tests }, (_, seed) => {
    const pixel = (i: number): number =>
      (byteOf(seed, Math.floor(i / 1024), i % 1024) / 255 - mean[Math.floor(i / 1024) as 0]) / std[Math.floor(i / 1024) as 0];
    const input = tensor(
      [1, 3, 32, 32],
      Float32Array.from({ length: 3072 }, (_, i) => pixel(i)),
    );
    return evaluate(network, reference(weights, { input }));
  });
  for (const { path, overall, classes } of blocks) {
    const of = (images: readonly number[], c: number) => {
      const values = images.map((image) => seen[image]?.get(path)?.data[c] as number);
      const mean = values.reduce((a, b) => a + b) / values.length;
      return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
    };
    const images = Array.from(seen.keys());
    const cat = classes.find(({ name }: { name: string }) => name === 'cat');
    for (const [found, those] of [
      [overall, images],
      [cat, images.filter((image) => labelOf(image) === 3)],
    ] as const)
      for (let c = 0; c < found.mean.length; c++) {
        const exact = of(those, c);
        expect(Math.abs(found.mean[c] - exact.mean)).toBeLessThan(conformanceLimits.fast);
        expect(Math.abs(found.deviation[c] - exact.deviation)).toBeLessThan(conformanceLimits.fast);
      }
  }
});

test('last stage: gates that are the same for all images can be frozen without a loss', { timeout: 240_000 }, async () => {
  expect(await finding('lastStage', '--weights', path('random.safetensors'))).toMatchObject({ code: 0 });
  const { rows, tested, frozenOver } = await resultOf('lastStage');
  expect([tested, frozenOver]).toEqual([tests, 13]); // one in ten of 128
  const saved = 4 * 64 + 4 + 64 * 4 + 64;
  expect(rows.map(({ parameters }: { parameters: number }) => rows[0].parameters - parameters)).toEqual([0, saved, saved]);
  expect(rows[2]).toMatchObject({ accuracy: rows[0].accuracy, difference: 0, low: 0, high: 0 });
});

test('last stage: a network without SE is refused by name', async () => {
  const plain = createModel('resnet20_cifar10', { classes: 10 });
  await writeFile(path('plain.safetensors'), saveSafetensors(heWeights(plain, 1)));
  const { code, stderr } = await finding('lastStage', '--weights', path('plain.safetensors'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/\nsenet: .*plain\.safetensors: expected a network with SE blocks, found pytorchcv\/resnet20_cifar10\n$/); // one line, no stack
});

test('gates: a class without images is named', async () => {
  const names = (await labelsOf('cifar10')).map(({ name }) => name).join('\n');
  await writeFiles(path('few/test'), { 'batches.meta.txt': names, 'test_batch.bin': recordOf([0], 0) });
  const { code, stderr } = await finding('gates', '--weights', path('random.safetensors'), '--data', path('few'));
  expect(code).toBe(2);
  expect(stderr).toContain(`${path('few')}: expected test images of airplane, automobile, cat, dog, found none of automobile`);
});

describe('SE against none', { timeout: 240_000 }, () => {
  const run = (...flags: readonly string[]) =>
    finding('se', '--epochs', '1', '--seeds', '2', '--threads', '1', '--runs', path('runs'), ...flags);
  const name = 'se_resnet8_cifar10-r16-1-epochs-seed-2';

  test('runs are made once, resumed, and compared', async () => {
    expect(await run()).toMatchObject({ code: 0 });
    const { variants, comparisons, images } = await resultOf('se');
    expect(images).toContain('re-encoded JPEG images');
    expect(variants).toMatchObject([
      { name: 'without SE', runs: [{ seed: 1 }, { seed: 2 }] },
      { name: 'SE, reduction 16', runs: [{ seed: 1 }, { seed: 2 }] },
    ]);
    // a hidden unit each of 16 channels, 2 of 32 and 4 of 64, without biases or with
    expect(variants[1].parameters - variants[0].parameters).toBeGreaterThanOrEqual(2 * (16 + 2 * 32 + 4 * 64));
    expect(comparisons).toMatchObject([{ than: 'without SE', name: 'SE, reduction 16' }]);
    const [line] = (await readFile(path(`runs/${name}/metrics.jsonl`), 'utf8'))
      .trim()
      .split('\n')
      .slice(-1)
      .map((text) => JSON.parse(text));
    expect(variants[1].runs[1].accuracy).toBe(line.test.accuracy);

    if (!long) return; // a plain run leaves resuming to the tests of `senet train`; what is finished is found so below
    await rm(path(`runs/${name}/last.safetensors`));
    const again = await run();
    expect(again.code).toBe(0);
    expect(again.stderr.match(/: finished/g)).toHaveLength(3);
    expect(again.stderr).toContain(`${name}: resuming after step 1`);
    expect((await resultOf('se')).variants).toEqual(variants);
  });

  test('a run of another configuration is not taken for one of this', async () => {
    const file = path(`runs/${name}/config.json`);
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), lr: 1 }));
    const { code, stderr } = await run();
    expect(code).toBe(2);
    expect(stderr.match(/: finished/g)).toHaveLength(3);
    expect(stderr).toContain(`${name}: holds a run of another configuration; --runs names another folder`);
  });

  test('senet report draws it', async () => {
    const { code, stdout } = await senet('report', path('se.json'));
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([path('se.html'), path('se.svg')]);
    for (const file of ['se.html', 'se.svg']) expect(await readFile(path(file), 'utf8')).toContain('re-encoded JPEG images');
  });
});

describe('the paper’s ablations', { timeout: 480_000 }, () => {
  const flags = (out: string) => ['--epochs', '1', '--seeds', '2', '--threads', '1', '--runs', path('ablations'), '--out', path(out)];

  if (long)
    test('killed in the midst of them, the same command goes on to the end', async () => {
      await mkdir(path('results'));
      const args = [script('ablations'), 'squeeze', '--data', path('data'), ...flags('results')];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
      let said = '';
      for await (const text of child.stderr.setEncoding('utf8')) {
        said += text;
        if (said.split('senet train').length > 3) break; // the third run has begun
      }
      process.kill(-(child.pid as number), 'SIGKILL'); // with the training that it waits for
      await once(child, 'exit');

      const { code, stderr } = await run('ablations', 'squeeze', ...flags('results'));
      expect(code, stderr).toBe(0);
      expect(stderr.match(/: finished/g)?.length).toBe(2);
      const { variants, comparisons, command } = JSON.parse(await readFile(path('results/squeeze.json'), 'utf8'));
      expect(command).toBe('npm run experiment:ablations -- squeeze --epochs 1 --seeds 2');
      expect(variants.map(({ name }: { name: string }) => name)).toEqual(['without SE', 'SE', 'SE, maximum', 'SE, no squeeze']);
      expect(comparisons).toHaveLength(6); // each with each
      for (const { model, runs, low, mean, high } of variants) {
        expect(runs.map(({ seed }: { seed: number }) => seed)).toEqual([1, 2]);
        expect(mean).toBeCloseTo((runs[0].accuracy + runs[1].accuracy) / 2, 4); // five digits are written
        expect([low <= mean, mean <= high]).toEqual([true, true]);
        for (const { spread } of runs) expect(spread === undefined).toBe(model === 'resnet20bn_cifar10');
      }
      const html = await readFile(path('results/squeeze.html'), 'utf8');
      expect(html).toContain('least spread of a gate');
      expect(await readFile(path('results/squeeze.svg'), 'utf8')).toContain('<svg');
      expect((await senet('report', path('results/squeeze.json'))).code).toBe(0);
      expect(await readFile(path('results/squeeze.html'), 'utf8')).toBe(html);
    });

  const variants = Object.values(ablations).flat();
  test.each(some([...new Map(variants.map(({ name, model, options }) => [name, { model, options }]))], 4))(
    '%s: a step has gradients, and the last layer of each gate too',
    async (_, { model, options }) => {
      const batch = 2;
      const host = createModel(`senet/${model}`, { ...options, classes: 10, batch });
      const graph = grad(training(host), crossEntropy);
      const weights = heWeights(host, 1);
      using session = await compile(graph, weights, { kernels: 'strict' });
      const outputs = session.run({ input: syntheticTensor('input', [batch, 3, 32, 32], 1), targets: targetsOf([0, 1], 10) });
      for (const name of trainableOf(host)) {
        const slope = outputs.get(name)?.data as Float32Array;
        expect(slope.every(Number.isFinite), name).toBe(true);
        if (/fc2\.weight$/.test(name))
          expect(
            slope.some((value) => value !== 0),
            name,
          ).toBe(true);
      }
    },
  );

  test('an ablation that there is not is refused', async () => {
    const { code, stderr } = await run('ablations', 'kernel', ...flags('results'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('squeeze, excitation, placement, stages')]);
  });
});

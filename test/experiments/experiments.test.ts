import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { createModel } from '../../src/models/index.js';
import { labelsOf } from '../../src/pretrained/labels.js';
import { presets } from '../../src/pretrained/preset.js';
import { map, type Tensor, tensor } from '../../src/tensor.js';
import { heWeights } from '../../src/train/initialise.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { senet } from '../cli/senet.js';
import { byteOf, concat, recordOf, writeFiles } from '../node/images/cifar.js';

/** The experiments' commands, as they are built, on networks of random weights and a few random images. */

const network = createModel('seresnet20_cifar10', { classes: 10, gates: true });
const weights = withConstantGates(heWeights(network, 1));
const labelOf = (seed: number): number => [0, 1, 3, 5][seed % 4] as number;
const tests = 8;

/** Those of the last stage do not depend on the image. */
function withConstantGates(given: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return new Map(
    [...given].map(([name, x]) => {
      if (/stage3\.unit\d\.se\.conv2\.weight/.test(name)) return [name, map(x, () => 0)];
      let c = 0;
      return [name, /stage3\.unit\d\.se\.conv2\.bias/.test(name) ? map(x, () => (c++ % 7) - 3) : x];
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
  await writeFile(path('random.safetensors'), saveSafetensors(weights));
});
afterAll(() => rm(folder, { recursive: true }));

const finding = (name: string, ...flags: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> => {
  const script = fileURLToPath(new URL(`../../dist/experiments/${name}.js`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, '--data', path('data'), '--out', path(`${name}.json`), ...flags], (error, _, stderr) =>
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
  const saved = 3 * (4 * 64 + 4 + 64 * 4 + 64);
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
    expect(stderr).toContain(`${name}: holds a run of another configuration; --runs names another folder`);
  });

  test('senet report draws it', async () => {
    const { code, stdout } = await senet('report', path('se.json'));
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([path('se.html'), path('se.svg')]);
    for (const file of ['se.html', 'se.svg']) expect(await readFile(path(file), 'utf8')).toContain('re-encoded JPEG images');
  });
});

import { copyFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { senet } from './senet.js';

/** Away from the index that lists them: without expectations. */
let folder: string;
const fixture = (name: string): string => join(folder, `${name}.onnx`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-'));
  for (const name of ['mobilenet_v3_small-narrow', 'senext-dynamic']) await copyFile(`test/fixtures/onnx/${name}.onnx`, fixture(name));
});

test('without expectations a file is run on the kernels and on engines, each value held to its bound', async () => {
  const { code, stdout } = await senet('verify', fixture('mobilenet_v3_small-narrow'), '--against', 'reference,ort', '--json');
  const [{ kind, engines, tensors, firstBeyond, pass, input }] = JSON.parse(stdout);
  expect([code, kind, pass, firstBeyond, input]).toEqual([0, 'engines', true, null, { shape: [1, 3, 64, 64], seed: 7 }]);
  expect(engines.map(({ engine, beyond }: { engine: string; beyond: number }) => [engine, beyond])).toEqual([
    ['ours', 0],
    ['reference', 0],
    ['ort', 0],
  ]);
  const last = tensors.at(-1);
  expect(last.name).toBe('output');
  for (const engine of ['ours', 'reference', 'ort']) expect(last.engines[engine].ratio).toBeLessThanOrEqual(1);
});

test("onnxruntime's sigmoid is beyond the bound: it is named with its place, and the exit code is 1", async () => {
  const svg = join(folder, 'depth.svg');
  const { code, stdout } = await senet('verify', fixture('senext-dynamic'), '--against', 'ort', '--size', '48x64', '--svg', svg);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /first beyond its bound: \S+Sigmoid_output_0 \(sigmoid\)\n {2}ort at \[0, \d+\]: expected .* times\n.*nearest to it: ours/,
  );
  expect(await readFile(svg, 'utf8')).toMatch(/^<svg .*first beyond its bound: .*by ort/s);
});

test('a network of the zoo, and a picture instead of numbers', async () => {
  const picture = 'test/fixtures/photos/cat.png';
  const { code, stdout } = await senet('verify', 'se_resnet8_cifar10', '--against', 'ort', '--image', picture, '--json');
  const [{ file, input, pass }] = JSON.parse(stdout);
  expect([code, file, input, pass]).toEqual([0, 'senet/se_resnet8_cifar10', { shape: [1, 3, 32, 32], picture }, true]);
});

test('a file that an index beside it lists is checked against the outputs there', async () => {
  const { code, stdout } = await senet('verify', 'test/fixtures/onnx/senext-dynamic.onnx', '--json');
  const [{ kind, checks }] = JSON.parse(stdout);
  expect([code, kind, checks.length]).toEqual([0, 'onnx', 3]);
});

describe('what cannot be compared is one line and exit code 2', () => {
  test.each([
    ['an engine', ['se_resnet8_cifar10', '--against', 'torch'], /Expected ours, reference, ort, tfjs, litert/],
    ['no network', ['--against', 'ort'], /--against needs a network/],
    ['fast algorithms', ['se_resnet8_cifar10', '--against', 'ours', '--algorithms', 'fast'], /leave out --algorithms fast/],
    ['two charts', ['a.onnx', 'b.onnx', '--svg', 'c.svg'], /--svg draws one network, not 2/],
    ['a name', ['se_resnet9_cifar10', '--against', 'ours'], /unknown model se_resnet9_cifar10/],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await senet('verify', ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

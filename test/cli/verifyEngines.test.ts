import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { floats, onnxFile } from '../support/files/onnx.js';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

/** Away from the index that lists them: without expectations. */
let folder: string;
const fixture = (name: string): string => join(folder, `${name}.onnx`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-'));
  for (const name of ['mobilenet_v3_small-narrow', 'senext-dynamic']) await copyFile(`test/fixtures/onnx/${name}.onnx`, fixture(name));
});

test('without expectations a file is run on the kernels and on engines, each value held to its bound', async () => {
  const { code, stdout } = await senetHere('verify', fixture('mobilenet_v3_small-narrow'), '--against', 'reference,ort', '--json');
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

test('values that only the replaced nodes have are ours alone: of functions of the file, and of operators of onnxruntime', async () => {
  const functions = join(folder, 'functions.onnx');
  const twice = {
    domain: 'mine',
    name: 'Twice',
    inputs: ['a'],
    outputs: ['b'],
    nodes: [['Relu', ['a'], ['c']] as const, ['Add', ['c', 'c'], ['b']] as const],
  };
  await writeFile(
    functions,
    onnxFile({ nodes: [['Twice', ['x'], ['y'], {}, 'mine']], functions: [twice], inputs: [{ name: 'x', shape: [1, 3, 4, 4] }] }),
  );
  for (const [file, inner] of [
    [functions, 'y/c'],
    ['test/fixtures/onnxruntime/qoperator-u8s8.onnx', 's_quantized/floats'],
  ] as const) {
    const { code, stdout } = await senetHere('verify', file, '--against', 'reference,ort', '--json');
    const [{ tensors, pass }] = JSON.parse(stdout);
    expect([code, pass]).toEqual([0, true]);
    const found = tensors.find(({ name }: { name: string }) => name === inner);
    expect(found.engines.reference.ratio).toBeLessThanOrEqual(1);
    expect(found.engines.ort).toBeUndefined();
  }
});

test('a network of the zoo, and a picture instead of numbers', async () => {
  const picture = 'assets/images/chelsea.png';
  const { code, stdout } = await senetHere('verify', 'se_resnet8_cifar10', '--against', 'ort', '--image', picture, '--json');
  const [{ file, input, pass }] = JSON.parse(stdout);
  expect([code, file, input, pass]).toEqual([0, 'senet/se_resnet8_cifar10', { shape: [1, 3, 32, 32], picture }, true]);
});

test('a file that an index beside it lists is checked against the outputs there', async () => {
  const { code, stdout } = await senetHere('verify', 'test/fixtures/onnx/senext-dynamic.onnx', '--json');
  const [{ kind, checks }] = JSON.parse(stdout);
  expect([code, kind, checks.length]).toEqual([0, 'onnx', 3]);
});

describe('a file of two inputs, both of which it leaves open', () => {
  const two = () => join(folder, 'two.onnx');
  beforeAll(async () => {
    const filter = floats('w', [2, 3, 1, 1], [1, -2, 3, 0.5, 0.25, -1]);
    const file = onnxFile({
      nodes: [
        ['Conv', ['picture', 'w'], ['c']],
        ['Add', ['c', 'mask'], ['a']],
        ['Relu', ['a'], ['y']],
      ],
      initializers: [filter],
      inputs: [
        { name: 'picture', shape: ['N', 3, 'H', 'W'] },
        { name: 'mask', shape: ['N', 1, 'H', 'W'] },
      ],
    });
    await writeFile(two(), file);
  });

  test('generated, of the shapes that are asked for, on every engine', async () => {
    const shapes = ['--shape', 'picture=1x3x4x6', '--shape', 'mask=1x1x4x6'];
    const { code, stdout } = await senetHere('verify', two(), ...shapes, '--against', 'reference,ort', '--json');
    const [{ input, others, engines, pass }] = JSON.parse(stdout);
    expect([code, pass, input, others]).toEqual([0, true, { shape: [1, 3, 4, 6], seed: 7 }, { mask: [1, 1, 4, 6] }]);
    expect(engines.map(({ engine, beyond }: { engine: string; beyond: number }) => [engine, beyond])).toEqual([
      ['ours', 0],
      ['reference', 0],
      ['ort', 0],
    ]);
  });

  test('from a file, whose tensors say the shapes; what it lacks is generated', async () => {
    const inputs = join(folder, 'inputs.safetensors');
    const mask = { shape: [1, 1, 4, 6], data: new Float32Array(24).fill(-1000) };
    await writeFile(inputs, saveSafetensors(new Map([['mask', mask]])));
    const { code, stdout } = await senetHere('verify', two(), '--inputs', inputs, '--size', '4x6', '--against', 'ort', '--json');
    const [{ input, others, tensors, pass }] = JSON.parse(stdout);
    expect([code, pass, input.shape, others]).toEqual([0, true, [1, 3, 4, 6], { mask: [1, 1, 4, 6] }]);
    expect(tensors.at(-1).engines.ort).toMatchObject({ ratio: 0, fromFloat64: 0 }); // a ReLU of nothing but negative numbers
  });

  test.each<readonly [string, () => readonly string[], RegExp]>([
    ['an input of open shape', () => [two()], /two\.onnx: input mask is \[N, 1, H, W\] in the file: give --shape "mask=1x3x224x224"/],
    ['a name that no input has', () => [two(), '--shape', 'msk=1x1x4x4'], /no input is called msk; there are picture, mask/],
    ['a shape that does not fit', () => [two(), '--shape', 'mask=1x2x4x4', '--size', '4'], /input mask: expected \[0, 1, 0, 0\]/],
    ['no shape', () => [two(), '--shape', 'mask'], /Expected the name of an input and its extents/],
    [
      'inputs of the zoo',
      () => ['se_resnet8_cifar10', '--shape', 'input=1x3x32x32', '--against', 'ort'],
      /inputs by name are for ONNX files/,
    ],
    [
      'inputs that cannot be read',
      () => [two(), '--inputs', join(folder, 'none.safetensors')],
      /none\.safetensors: cannot be read \(ENOENT\)/,
    ],
  ])('%s is one line and exit code 2', async (_, args, message) => {
    const { code, stderr } = await senetHere('verify', ...args());
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('what cannot be compared is one line and exit code 2', () => {
  test.each([
    ['an engine', ['se_resnet8_cifar10', '--against', 'torch'], /Expected ours, reference, ort, tfjs, litert/],
    ['no network', ['--against', 'ort'], /--against needs a network/],
    ['fast algorithms', ['se_resnet8_cifar10', '--against', 'ours', '--algorithms', 'fast'], /leave out --algorithms fast/],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await senetHere('verify', ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

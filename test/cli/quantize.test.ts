import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTrained } from '../../src/classifier/trained.js';
import { createClassifier, saveSafetensors } from '../../src/index.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { loadWeightsFile } from '../../src/node/weightsFile.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { presets } from '../../src/pretrained/preset.js';
import { bitsOf } from '../support/bits.js';
import { type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

let folder: string;
const path = (name: string): string => join(folder, name);
const photographs = 'assets/images';
const synsets = Array.from({ length: 10 }, (_, i) => `n0000000${i} class ${i}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-quantize-'));
  await mkdir(path('black'));
  await mkdir(path('none'));
  await mkdir(path('one'));
  await writeFile(path('black/1.png'), encode({ width: 8, height: 8, channels: 3, depth: 8, data: new Uint8Array(192) }));
  await copyFile(join(photographs, 'chelsea.png'), path('one/chelsea.png'));
  const { weights, metadata } = await loadWeightsFile('assets/weights/se_resnet20x2_cifar10.safetensors');
  const small = { ...metadata, 'senet.model': 'senet/se_resnet8_cifar10' };
  const smallWeights = syntheticWeights(createModel('se_resnet8_cifar10'), { seed: 1 });
  await writeFile(path('small.safetensors'), saveSafetensors(smallWeights, { metadata: small }));
  const caffe = { ...small, 'senet.images': JSON.stringify({ ...presets.caffe, size: 32 }), 'senet.labels': JSON.stringify(synsets) };
  await writeFile(path('caffe.safetensors'), saveSafetensors(smallWeights, { metadata: caffe }));
  weights.get('layer2.0.conv1.weight')?.data.fill(Number.NaN);
  await writeFile(path('nan.safetensors'), saveSafetensors(weights, { metadata }));
});
afterAll(() => rm(folder, { recursive: true }));

const few = ['--measured', '1'] as const;

describe('the network that ships, in 8 bits', () => {
  let written: Outcome;
  /** Of a network of three blocks, for what is said of any. */
  let small: Outcome;
  beforeAll(async () => {
    written = await senet(
      'quantize',
      '--images',
      photographs,
      '-o',
      path('q.safetensors'),
      '--json',
      '--keep-float',
      'layer1.0.conv1',
      ...few,
    );
    const asked = ['--images', path('one'), '--keep-float', 'layer1.0.conv1', ...few, '--json'];
    small = await senetHere('quantize', '--weights', path('small.safetensors'), ...asked, '-o', path('small-q.safetensors'));
    expect(small.code).toBe(0);
  }, 60_000);

  test('is written with what each layer loses, and says that four pictures are few', () => {
    expect([written.code, written.stderr]).toEqual([
      0,
      expect.stringContaining('assets/images: 4 pictures: ranges are those of what is on them'),
    ]);
    const told = JSON.parse(written.stdout);
    expect(told).toMatchObject({ model: 'senet/se_resnet20x2_cifar10', method: 'mean-square', pictures: 4, kept: ['layer1.0.conv1'] });
    expect(Object.keys(told.layers)).toContain('layer3.2.se.fc1');
    expect(told.layers).not.toHaveProperty('layer1.0.conv1');
    expect(told.decibels).toBeGreaterThan(15);
  });

  test('is a quarter of the float weights, and every reader of files knows it', async () => {
    expect((await stat(path('q.safetensors'))).size).toBeLessThan(0.27 * 4 * 1_111_602 + 40_000);
    const inspected = await senetHere('inspect', path('q.safetensors'), '--json');
    expect(JSON.parse(inspected.stdout)).toMatchObject({ network: 'senet/se_resnet20x2_cifar10' });
    const [float, quantised] = await Promise.all([
      senetHere('classify', join(photographs, 'chelsea.png'), '--json'),
      senetHere('classify', '--weights', path('q.safetensors'), join(photographs, 'chelsea.png'), '--json'),
    ]);
    const top = ({ stdout }: typeof float): unknown => JSON.parse(stdout)[0].top[0].label;
    expect([quantised.code, top(quantised)]).toEqual([0, top(float)]);
    using classifier = await createClassifier({ weights: await readFile(path('q.safetensors')), gates: true });
    const picture = await readFile(join(photographs, 'chelsea.png'));
    expect((await classifier.classify(picture)).top[0]?.label).toBe(top(float));
  });

  test('is copied with its integers, and not as floats of another type', async () => {
    const copied = await senetHere('convert', path('q.safetensors'), '-o', path('copy.safetensors'), '--json');
    expect([copied.code, JSON.parse(copied.stdout).dtype]).toEqual([0, 'I8']);
    const [one, other] = [await loadWeightsFile(path('q.safetensors')), await loadWeightsFile(path('copy.safetensors'))];
    expect(bitsOf(other.weights)).toEqual(bitsOf(one.weights));
    expect({ ...other, weights: null }).toEqual({ ...one, weights: null });
    const halves = await senetHere('convert', path('q.safetensors'), '-o', path('halves.safetensors'), '--dtype', 'f16');
    expect([halves.code, halves.stderr]).toEqual([2, expect.stringContaining('--dtype f16 is of floats')]);
  });

  test('is written as ONNX with what it says of itself, and answers the same to the digit', async () => {
    const converted = await senetHere('convert', path('q.safetensors'), '-o', path('q.onnx'), '--opset', '13', '--json');
    expect([converted.code, JSON.parse(converted.stdout)]).toEqual([
      0,
      expect.objectContaining({ model: 'senet/se_resnet20x2_cifar10', classes: 10, dtype: 'I8' }),
    ]);
    expect((await stat(path('q.onnx'))).size).toBeLessThan(1.1 * (await stat(path('q.safetensors'))).size);
    const { opset, metadata } = await readOnnx(await readFile(path('q.onnx')));
    expect([opset, metadata['senet.model'], JSON.parse(metadata['senet.labels'] ?? '[]')]).toEqual([
      ...[13, 'senet/se_resnet20x2_cifar10'],
      expect.arrayContaining(['cat', 'dog']),
    ]);
    const answers = await Promise.all(
      ['q.safetensors', 'q.onnx'].map((name) => senetHere('classify', '--weights', path(name), join(photographs, 'chelsea.png'), '--json')),
    );
    const [first, second] = answers.map(({ stdout }) => JSON.parse(stdout)[0]);
    expect(second).toEqual(first);
    const again = await senetHere('convert', path('q.onnx'), '-o', path('again.onnx'), '--json');
    expect([again.code, JSON.parse(again.stdout).dtype]).toEqual([0, 'I8']);
    expect(graphOfOnnx(await readOnnx(await readFile(path('again.onnx')))).gates.size).toBe(9);
  });

  test('comes of an ONNX file as well, as an ONNX file, and ranks the classes the same', async () => {
    const float = await senetHere('convert', path('small.safetensors'), '-o', path('float.onnx'));
    expect(float.code).toBe(0);
    const asked = [
      '--weights',
      path('float.onnx'),
      '--images',
      path('one'),
      '--keep-float',
      'layer1.0.conv1',
      ...few,
      '--json',
      '-o',
    ] as const;
    const made = await senetHere('quantize', ...asked, path('of.onnx'));
    expect(made.code).toBe(0);
    const [own, { layers, ...told }] = [JSON.parse(small.stdout), JSON.parse(made.stdout)];
    expect(told).toMatchObject({ model: 'senet/se_resnet8_cifar10', method: own.method, pictures: 1, kept: ['layer1.0.conv1'] });
    expect(own).toMatchObject({ model: told.model, pictures: 1, kept: told.kept });
    expect(Object.keys(layers)).toEqual(Object.keys(own.layers));
    const answers = await Promise.all(
      ['small-q.safetensors', 'of.onnx'].map((name) =>
        senetHere('classify', '--weights', path(name), join(photographs, 'chelsea.png'), '--json'),
      ),
    );
    const [first, second] = answers.map(({ stdout }) => JSON.parse(stdout)[0].top.map(({ label }: { readonly label: string }) => label));
    expect(second).toEqual(first);
    const { metadata } = await readOnnx(await readFile(path('of.onnx')));
    expect(JSON.parse(metadata['senet.labels'] ?? '[]')).toContain('cat');
    const elsewhere = await senetHere('quantize', ...asked, path('of.safetensors'));
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('its network in 8 bits is written as .onnx, not as ')]);
    await expect(stat(path('of.safetensors'))).rejects.toThrow('ENOENT');
  }, 60_000);

  test('is planned, timed and held to its bounds; its gates are steps of their own, and cannot be left out', async () => {
    const plan = JSON.parse((await senetHere('plan', path('small-q.safetensors'), '--json')).stdout);
    const kernels = plan.steps.map(({ kernel }: { readonly kernel: string }) => kernel);
    expect(kernels).toContain('conv8');
    const profile = JSON.parse((await senetHere('profile', path('small-q.safetensors'), '--rounds', '1', '--json')).stdout);
    expect(profile.steps.map(({ kernel }: { readonly kernel: string }) => kernel)).toEqual(kernels);
    // squeeze and its mean, two layers with their functions, the gate: of three blocks
    expect(profile.gates.calls).toBe(3 * 7);
    const bench = JSON.parse((await senetHere('bench', path('small-q.safetensors'), '--rounds', '1', '--json')).stdout);
    expect(bench[0]).toMatchObject({ model: path('small-q.safetensors'), se: true, engine: 'senet' });
    const held = JSON.parse((await senetHere('verify', '--against', 'ours', path('small-q.safetensors'), '--json')).stdout);
    expect(held[0]).toMatchObject({ file: path('small-q.safetensors'), pass: true });
    for (const args of [
      ['profile', '--no-se'],
      ['plan', '--no-se'],
      ['bench', '--without-se'],
    ]) {
      const without = await senetHere(...(args as [string, string]), path('small-q.safetensors'));
      expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('expected a float network to leave the gates out of')]);
    }
    const nowhere = await senetHere('profile', path('nowhere.safetensors'));
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('nowhere.safetensors: cannot be read (ENOENT)')]);
  }, 120_000);

  test('of a folder that is not there, the error alone', async () => {
    const { code, stderr } = await senet('quantize', '--images', path('nope'), '-o', path('none.safetensors'));
    expect([code, stderr]).toEqual([2, `senet: ${path('nope')}: cannot be read (ENOENT): there is no such file\n`]);
  });

  test('is refused where it is truncated, and is not quantised again', async () => {
    const bytes = await readFile(path('q.safetensors'));
    await writeFile(path('cut.safetensors'), bytes.subarray(0, bytes.length / 2));
    const cut = await senetHere('classify', '--weights', path('cut.safetensors'), join(photographs, 'chelsea.png'));
    expect([cut.code, cut.stderr]).toEqual([2, expect.stringContaining('cut.safetensors')]);
    const header = Number(bytes.readBigUInt64LE());
    const text = bytes.toString('utf8', 8, 8 + header);
    const otherBuild = text.replace('{\\"values\\":', '{\\"groups\\":8,\\"values\\":').trimEnd();
    expect(otherBuild).not.toBe(text.trimEnd());
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(otherBuild)));
    await writeFile(path('later.safetensors'), Buffer.concat([length, Buffer.from(otherBuild), bytes.subarray(8 + header)]));
    const later = await senetHere('classify', '--weights', path('later.safetensors'), join(photographs, 'chelsea.png'));
    expect([later.code, later.stderr]).toEqual([
      2,
      expect.stringMatching(
        /later\.safetensors: .*a recipe, as this version's `senet quantize` makes them, not one that has groups, which is not known/,
      ),
    ]);
    const again = await senetHere('quantize', '--weights', path('q.safetensors'), '--images', photographs, '-o', path('again.safetensors'));
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is of a quantised network: expected the float one')]);
  });
});

test('what a network expects of its pictures is in the file: their range, and the synsets of its labels', async () => {
  const { code } = await senetHere(
    'quantize',
    '--weights',
    path('caffe.safetensors'),
    '--images',
    path('one'),
    ...few,
    '-o',
    path('c.safetensors'),
  );
  expect(code).toBe(0);
  const { metadata } = await loadWeightsFile(path('c.safetensors'));
  expect(readTrained('c', metadata)).toEqual({
    preset: { ...presets.caffe, size: 32 },
    labels: synsets.map((line) => ({ synset: line.slice(0, 9), name: line.slice(10) })),
  });
});

describe('bad calibration is one error, and nothing is written', () => {
  test.each([
    ['one colour', ['--images', 'black'], /every picture is of one colour/],
    ['no pictures', ['--images', 'none'], /no file below it ends in/],
    [
      'an unknown layer',
      ['--images', 'one', '--keep-float', 'layer1.0.conv9'],
      /has no layer layer1\.0\.conv9 \(did you mean layer1\.0\.conv1/,
    ],
    [
      'weights that hold NaN',
      ['--images', 'one', '--weights', 'nan.safetensors'],
      /nan\.safetensors: tensor layer2\.0\.conv1\.weight holds NaN/,
    ],
    [
      'another network',
      ['--images', 'one', '--weights', 'assets/weights/resnet20_cifar10.safetensors'],
      /the tensors are not those of timm\/seresnet50/,
    ],
  ])('%s', async (_, args, message) => {
    const [, images, ...others] = args as [string, string, ...string[]];
    const network = others[1]?.startsWith('assets') ? ['timm/seresnet50'] : [];
    const own = others.map((other) => (other === 'nan.safetensors' ? path(other) : other));
    const found = await senetHere('quantise', ...network, '--images', path(images), ...own, ...few, '-o', path('bad.safetensors'));
    expect([found.code, found.stderr]).toEqual([2, expect.stringMatching(message)]);
    await expect(stat(path('bad.safetensors'))).rejects.toThrow('ENOENT');
  });
});

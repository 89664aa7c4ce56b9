import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { bfloatsFromFloats, floatsFromBfloats, floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';
import { loadSafetensors, saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { bitsOf } from '../support/bits.js';
import { bytesOf, u64 } from '../support/files/bytes.js';
import { gguf } from '../support/files/gguf.js';
import type { Pickled } from '../support/files/pickle.js';
import { type TorchItem, torchLegacy, torchZip, whole } from '../support/files/torch.js';
import { zip } from '../support/files/zip.js';
import { main, senet } from './senet.js';
import { senetHere } from './senetHere.js';

const id = 'pytorchcv/seresnet20_cifar10';
const weights = syntheticWeights(createModel(id), { seed: 4 });
const average = syntheticWeights(createModel(id), { seed: 5 });
const itemsOf = (tensors: ReadonlyMap<string, Tensor>): readonly TorchItem[] =>
  [...tensors].map(([name, { shape, data }]) => ({ name: `module.${name}`, type: 'Float', shape, bytes: () => bytesOf(data) }));
const items = itemsOf(weights);

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-'));
  await writeFile(
    path('net.pth'),
    whole(
      torchZip(items, (dict) => ({
        dict: [
          ['epoch', 12],
          ['state_dict', dict],
        ],
      })),
    ),
  );
  const pair = [...items, ...itemsOf(average)];
  const split = (dict: Pickled): Pickled => {
    const entries = (dict as { readonly items: readonly (readonly [string, Pickled])[] }).items;
    return {
      dict: [
        ['model', { dict: entries.slice(0, items.length) }],
        ['model_ema', { dict: entries.slice(items.length) }],
        ['args', { call: { global: 'argparse.Namespace' }, args: [] }],
      ],
    };
  };
  await writeFile(path('averaged.pth'), whole(torchZip(pair, split)));
  await writeFile(
    path('net.gguf'),
    gguf(
      [...weights].map(([name, { shape, data }]) => ({ name, type: 'F32', shape, bytes: bytesOf(data) })),
      {
        metadata: [
          ['general.name', { kind: 'string', value: 'net' }],
          ['general.file_type', { kind: 'u32', value: 0 }],
        ],
      },
    ),
  );
  await writeFile(path('net.zip'), whole(zip([{ name: 'net.pth', bytes: () => whole(torchLegacy(items)) }])));
});

/** A file of a network's weights, all 0: a header, and then nothing that the disk would have to hold. */
async function writeZeros(file: string, model: string): Promise<void> {
  let end = 0;
  const header = Object.fromEntries(
    createModel(model).nodes.flatMap((node) => {
      if (node.op !== 'param') return [];
      const [begin, bytes] = [end, 4 * node.shape.reduce((a, b) => a * b, 1)];
      end += bytes;
      return [[node.attrs.name, { dtype: 'F32', shape: node.attrs.shape, data_offsets: [begin, end] }]];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  await writeFile(file, Buffer.concat([u64(text.length), text]));
  await truncate(file, 8 + text.length + end);
}

const loaded = async (name: string) => bitsOf(loadSafetensors(await readFile(path(name))));

describe('inspect', () => {
  test('says format, library, network, parameters, data and metadata', async () => {
    const { code, stdout } = await senetHere('inspect', path('net.pth'), '--json');
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        file: path('net.pth'),
        format: 'torch',
        entry: null,
        family: 'pytorchcv',
        because: 'a tensor is called module.features.init_block.conv.weight',
        takenFrom: 'state_dict',
        alsoIn: [],
        network: id,
        same: [],
        candidates: [id],
        classes: 10,
        classifier: null,
        parameters: 274847,
        dtypes: { F32: { tensors: weights.size, elements: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0) } },
        metadata: { epoch: '12' },
        missing: [],
        extra: [],
        ignored: [{ name: 'epoch', what: '12' }],
        misshapen: [],
      },
    ]);
  });

  test('is a table for people, and exits 1 with what is missing, misshapen and extra where nothing fits', async () => {
    const some = new Map([...weights].slice(1));
    some.set('output.extra', { shape: [1], data: new Float32Array(1) });
    some.set('features.init_block.bn.bias', { shape: [1], data: new Float32Array(1) });
    await writeFile(path('some.safetensors'), saveSafetensors(some));
    const { code, stdout } = await senet('inspect', path('some.safetensors'));
    expect(code).toBe(1);
    for (const text of [
      `none; nearest is ${id}`,
      'missing: 1    features.init_block.conv.weight',
      'misshapen: 1  features.init_block.bn.bias is [1], not [16]',
      'extra: 1      output.extra',
    ])
      expect(stdout).toContain(text);
  });

  test('names every entry that is ignored, and chooses among several', async () => {
    const json = await senetHere('inspect', path('averaged.pth'), '--state', 'model_ema', '--json');
    const { network, takenFrom, ignored } = JSON.parse(json.stdout);
    expect([network, takenFrom]).toEqual([id, 'model_ema']);
    expect(ignored).toEqual([
      { name: 'model', what: 'a dictionary' },
      { name: 'args', what: 'argparse.Namespace' },
    ]);
    const { stdout } = await senetHere('inspect', path('averaged.pth'));
    for (const text of ['taken from  model; --state takes model_ema', 'ignored: 2  model_ema: a dictionary', 'args: argparse.Namespace'])
      expect(stdout).toContain(text);
    const wrong = await senetHere('inspect', path('averaged.pth'), '--state', 'ema');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('found ema; there is model, model_ema')]);
  });

  test('of GGUF, its keys too', async () => {
    const { code, stdout } = await senetHere('inspect', path('net.gguf'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'gguf',
      network: id,
      dtypes: { F32: { tensors: weights.size } },
      metadata: { 'general.name': 'net', 'general.file_type': '0' },
    });
  });

  test('a file that is damaged, or not there, exits 2 and is named', async () => {
    await writeFile(path('page.pth'), '<html>');
    const page = await senetHere('inspect', path('page.pth'));
    expect([page.code, page.stderr]).toEqual([2, expect.stringContaining('page.pth: expected a checkpoint, found a page')]);
    const absent = await senet('inspect', path('absent.pth'));
    expect([absent.code, absent.stderr]).toEqual([2, expect.stringContaining('absent.pth: cannot be read (ENOENT)')]);
  });
});

describe('convert', () => {
  test.each(['net.pth', 'net.zip'])('%s: F32 keeps every bit, under the names and in the order of the network', async (name) => {
    const { code, stdout } = await senetHere('convert', path(name), '-o', path('out.safetensors'));
    expect([code, stdout]).toEqual([0, `${path('out.safetensors')}: ${weights.size} tensors of ${id}, F32\n`]);
    expect(await loaded('out.safetensors')).toEqual(bitsOf(weights));

    await senetHere('convert', path('out.safetensors'), '-o', path('again.safetensors'));
    expect(await loaded('again.safetensors')).toEqual(bitsOf(weights));
    const { stdout: said } = await senetHere('inspect', path('again.safetensors'), '--json');
    expect(JSON.parse(said).metadata['senet.model']).toBe(id);
  });

  test('of GGUF keeps every bit and what its keys say', async () => {
    expect(await senetHere('convert', path('net.gguf'), '-o', path('of-gguf.safetensors'))).toMatchObject({ code: 0, stderr: '' });
    expect(await loaded('of-gguf.safetensors')).toEqual(bitsOf(weights));
    const { metadata } = JSON.parse((await senetHere('inspect', path('of-gguf.safetensors'), '--json')).stdout);
    expect(metadata).toMatchObject({ 'general.name': 'net', 'general.file_type': '0', 'senet.model': id });
  });

  test('of a file that holds several, what was taken is said, and --state takes another', async () => {
    const first = await senetHere('convert', path('averaged.pth'), '-o', path('plain.safetensors'), '--json');
    expect(JSON.parse(first.stdout).takenFrom).toBe('model');
    expect(first.stderr).toContain('averaged.pth: weights taken from model; --state takes model_ema instead');
    expect(await loaded('plain.safetensors')).toEqual(bitsOf(weights));
    const second = await senetHere('convert', path('averaged.pth'), '-o', path('average.safetensors'), '--state', 'model_ema');
    expect(second.stderr).toBe('');
    expect(await loaded('average.safetensors')).toEqual(bitsOf(average));
  });

  test('tensors that are no part of the network are named', async () => {
    const tensors = new Map([...weights, ['criterion.weight', { shape: [1], data: new Float32Array(1) }]]);
    await writeFile(path('criterion.safetensors'), saveSafetensors(tensors));
    const { code, stderr } = await senetHere('convert', path('criterion.safetensors'), '-o', path('out.safetensors'));
    expect([code, stderr]).toEqual([0, `${path('criterion.safetensors')}: ignored, as no part of the network: criterion.weight\n`]);
  });

  test.each([
    ['f16', (data: Float32Array) => floatsFromHalves(halvesFromFloats(data))],
    ['bf16', (data: Float32Array) => floatsFromBfloats(bfloatsFromFloats(data))],
  ] as const)('--dtype %s rounds to the nearest, and back to F32 keeps that', async (dtype, rounded) => {
    await senetHere('convert', path('net.pth'), '-o', path('short.safetensors'), '--dtype', dtype);
    await senetHere('convert', path('short.safetensors'), '-o', path('long.safetensors'));
    const expected = bitsOf([...weights].map(([name, { shape, data }]) => [name, { shape, data: rounded(data as Float32Array) }]));
    expect(await loaded('short.safetensors')).toEqual(expected);
    expect(await loaded('long.safetensors')).toEqual(expected);
  });

  test.each([
    ['what cannot be written', ['net.pth', '-o', 'net.pth/out.safetensors'], /net\.pth\/out\.safetensors: cannot be written/],
    [
      'another network',
      ['net.pth', '-o', 'out.safetensors', '--model', 'resnet18'],
      /net\.pth: the tensors are not those of resnet18; of pytorchcv\/resnet18: 30 missing/,
    ],
    ['an unknown network', ['net.pth', '-o', 'out.safetensors', '--model', 'resnet19'], /did you mean resnet18/],
    ['an unknown dtype', ['net.pth', '-o', 'out.safetensors', '--dtype', 'f8'], /Allowed choices are f32, f16, bf16/],
  ])('%s exits 2 and leaves nothing', async (_, [file, flag, output, ...rest], message) => {
    const before = await readdir(folder);
    const { code, stderr } = await senetHere('convert', path(file as string), flag as string, path(output as string), ...rest);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(await readdir(folder)).toEqual(before);
  });

  test('an interrupt leaves nothing', async () => {
    const file = path('large.safetensors');
    await writeZeros(file, 'timm/resnet50');
    const out = await mkdtemp(join(tmpdir(), 'senet-'));
    const child = spawn(process.execPath, [main, 'convert', file, '-o', join(out, 'x.safetensors'), '--dtype', 'f16']);
    const ended = once(child, 'exit');
    while ((await readdir(out)).length === 0) await wait(1); // until it writes
    expect(await readdir(out)).toEqual([expect.stringMatching(/^x\.safetensors\.\d+\.part$/)]);
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(await readdir(out)).toEqual([]);
  });
});

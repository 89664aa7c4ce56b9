import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { long } from '../support/length.js';

/** The programs of examples/, as they stand. Those that need a page are run by test/packed/browser.test.ts. */
const project = fileURLToPath(new URL('../..', import.meta.url));
const examples = join(project, 'examples');

const run = (program: string, ...args: readonly string[]): Promise<string> => node(join(examples, program), ...args);

function node(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: project }, (error, stdout, stderr) => {
      if (error || stderr !== '') reject(error ?? new Error(stderr));
      else resolve(stdout);
    });
  });
}

const numbersIn = (text: string, pattern: RegExp): readonly number[] => [...text.matchAll(pattern)].map(([, number]) => Number(number));

test('each has 25 lines at most, and a line in the table', async () => {
  const table = await readFile(join(examples, 'README.md'), 'utf8');
  const names = (await readdir(examples)).filter((name) => name !== 'README.md');
  expect([...table.matchAll(/^\| \[([^\]/]+)\/?\]/gm)].map(([, name]) => name).sort()).toEqual(names.sort());
  const files = (await readdir(examples, { recursive: true })).filter((name) => name !== 'README.md');
  const sizes = await Promise.all(
    files.map(async (name) => {
      const path = join(examples, name);
      return (await stat(path)).isDirectory() ? [] : [{ name, lines: (await readFile(path, 'utf8')).trimEnd().split('\n').length }];
    }),
  );
  expect(sizes.flat().filter(({ lines }) => lines > 25)).toEqual([]);
});

test('classify: the cat is one', async () => {
  expect(await run('classify.mjs', join(project, 'assets/images/chelsea.png'))).toMatch(/^cat [01]\.\d{3}\n(?:\w+ 0\.\d{3}\n){4}$/);
});

test('seCost: a network with gates and one without, in pairs', async () => {
  const network = 'pytorchcv/seresnet20_cifar10';
  expect(await run('seCost.mjs', network, '5')).toMatch(
    /^SE adds -?\d+\.\d % to the time of pytorchcv\/seresnet20_cifar10; of 5 pairs, half lie from -?\d+\.\d to -?\d+\.\d %\n$/,
  );
});

test('fineTune: the loss falls to a tenth', async () => {
  const program = await readFile(join(examples, 'fineTune.mjs'), 'utf8');
  // of its 16 images a plain run takes a quarter
  const said = await (long ? run('fineTune.mjs') : node('--input-type=module', '--eval', program.replaceAll('16', '4')));
  const losses = numbersIn(said, /^step \d: loss (\d+\.\d{3})$/gm);
  expect(losses).toHaveLength(10);
  expect(losses[9]).toBeLessThan((losses[0] as number) / 10);
});

test('ownNetwork: its gates are shares', async () => {
  const stdout = await run('ownNetwork.mjs');
  expect(stdout).toMatch(/^\{ params: 76050, macs: 7785600 \}\nlogits: 10 values .*\nlayer1\.se\.gate: 32 .*\nlayer2\.se\.gate: 64 .*\n$/);
  const gates = stdout.split('\n').slice(2).join('\n');
  expect(Math.min(...numbersIn(gates, /from (\S+)/g))).toBeGreaterThan(0);
  expect(Math.max(...numbersIn(gates, /to (\S+)/g))).toBeLessThan(1);
});

describe('verify', () => {
  const id = 'pytorchcv/seresnet20_cifar10';
  let folder: string;
  let dump: ReadonlyMap<string, Tensor>;

  /** A run of the kernels in place of another program's. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'senet-examples-'));
    const graph = createModel(id, { gates: true, features: true });
    const weights = syntheticWeights(graph, { seed: 1, gain: 1 });
    await writeFile(join(folder, 'weights.safetensors'), saveSafetensors(weights));
    const input = syntheticTensor('input', [1, 3, 32, 32], 1);
    using session = await compile(graph, weights, { kernels: 'strict' });
    const outputs = [...session.run(input)].filter(([name]) => name !== 'logits'); // of no module
    dump = new Map([['input', input], ...outputs]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function verify(tensors: ReadonlyMap<string, Tensor>): Promise<string> {
    await writeFile(join(folder, 'dump.safetensors'), saveSafetensors(tensors));
    return run('verify.mjs', join(folder, 'dump.safetensors'), join(folder, 'weights.safetensors'));
  }

  test('a right dump agrees', async () => {
    expect(await verify(dump)).toMatch(/^(?:\S+: 0\.\d{2} of its error bound\n){10,}pytorchcv\/seresnet20_cifar10: all agree\n$/);
  });

  test('the first module that is wrong is named', async () => {
    const [gate] = [...dump.keys()].filter((name) => name.includes('stage2'));
    const { shape, data } = dump.get(gate as string) as Tensor;
    const damaged = new Map([...dump, [gate as string, { shape, data: data.map((value) => 1.01 * value) }]]);
    expect(await verify(damaged)).toMatch(new RegExp(`\n${gate} is wrong\n$`));
  });
});

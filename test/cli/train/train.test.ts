import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fmix32 } from '../../../src/io/synthetic.js';
import { concat, recordOf, writeFiles } from '../data/cifar.js';
import { main, senet } from '../senet.js';

/** `senet train` as its users have it: files in, a folder out, killed and gone on with. */

const config = {
  model: 'se_resnet8_cifar10',
  data: { train: 'data', test: 'data' },
  augmentation: [{ name: 'padCrop', size: 32, padding: 4 }, { name: 'flip' }],
  batch: 16,
  epochs: 4,
  optimiser: { name: 'sgd', nesterov: true, weightDecay: 5e-4 },
  lr: 0.05,
  schedule: { name: 'one-cycle' },
  average: 0.9,
  kernels: 'strict',
  logEvery: 2,
  checkpointEvery: 1,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-train-cli-'));
  const records = (count: number, first: number): Uint8Array =>
    concat(...Array.from({ length: count }, (_, i) => recordOf([(first + i) % 3], first + i)));
  await writeFiles(join(folder, 'data'), {
    'batches.meta.txt': 'red\ngreen\nblue\n',
    'data_batch_1.bin': records(100, 0),
    'test_batch.bin': records(20, 100),
  });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
});
afterAll(() => rm(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const bytes = (run: string, file: string): Promise<Buffer> => readFile(join(path(run), file));

/** What a run wrote of itself, but for how long it took. */
const metrics = async (run: string): Promise<readonly unknown[]> =>
  (await bytes(run, 'metrics.jsonl'))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), imagesPerSecond: 0, seconds: 0 }));

describe('killed at any moment and gone on with', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    expect((await senet('train', path('config.json'), '--out', path('whole'))).code).toBe(0);
  }, 240_000);

  /** Starts or goes on; kills it after so many milliseconds, unless it has ended. @returns its exit code, null if it was killed */
  function runFor(run: string, begun: boolean, ms: number, signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
    const args = begun ? [path(run)] : [path('config.json'), '--out', path(run)];
    const child: ChildProcess = spawn(process.execPath, [main, 'train', ...args], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill(signal), ms);
    return new Promise((resolve) =>
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve(code);
      }),
    );
  }

  test.each([
    ['SIGKILL', 1],
    ['SIGKILL', 2],
    ['SIGINT', 3],
  ] as const)('%s, seed %i: the same weights, checkpoint and metrics as unbroken', async (signal, seed) => {
    const run = `${signal}-${seed}`;
    let begun = false;
    let code: number | null = null;
    for (let kills = 0; code !== 0; kills++) {
      // the first delays may end before the folder is made: then it is begun again
      code = await runFor(run, begun, kills < 8 ? 150 + (fmix32(seed * 100 + kills) % 700) : 120_000, signal);
      begun = await bytes(run, 'config.json').then(
        () => true,
        () => false,
      );
      expect(kills).toBeLessThan(10);
    }
    for (const file of ['last.safetensors', 'best.safetensors'])
      expect((await bytes(run, file)).equals(await bytes('whole', file)), file).toBe(true);
    expect(await metrics(run)).toEqual(await metrics('whole'));
  });
});

test('a fine-tuned network keeps all but its head, and says so', { timeout: 60_000 }, async () => {
  await senet('train', path('config.json'), '--out', path('first'), '--epochs', '1');
  const records = concat(...Array.from({ length: 40 }, (_, i) => recordOf([i % 2], i)));
  await writeFiles(path('two'), { 'batches.meta.txt': 'dark\nbright\n', 'data_batch_1.bin': records, 'test_batch.bin': records });
  const init = join(path('first'), 'last.safetensors');
  const tuned = await senet(
    'train',
    path('config.json'),
    '--data',
    path('two'),
    '--init',
    init,
    '--epochs',
    '1',
    '--out',
    path('tuned'),
    '--json',
  );
  expect(tuned.stderr).toContain('fc.weight, fc.bias: for another number of classes, so these are new');
  expect(JSON.parse(tuned.stdout)).toMatchObject({ steps: 2, epochs: 1 });
});

test('a report leaves the lines of a run that may be going on where they are', { timeout: 60_000 }, async () => {
  await senet('train', path('config.json'), '--out', path('reported'), '--epochs', '1');
  const lines = join(path('reported'), 'metrics.jsonl');
  const before = await stat(lines);
  expect((await senet('report', path('reported'))).code).toBe(0);
  expect(await stat(lines)).toMatchObject({ ino: before.ino, size: before.size });
  expect((await bytes('reported', 'report.html')).toString()).toContain('1 of 1');
});

test('a rate that is too large ends with an error that names step and checkpoint', { timeout: 60_000 }, async () => {
  const { code, stderr } = await senet('train', path('config.json'), '--lr', '1e20', '--out', path('diverged'));
  expect(stderr).toMatch(/step \d+: .*The last good checkpoint is .*checkpoint\.safetensors, after step \d+/);
  expect(code).toBe(1);
});

test('what is wrong with a configuration or its images is said with its key or file', { timeout: 60_000 }, async () => {
  const wrong = async (change: object, ...flags: readonly string[]) => {
    await writeFile(path('wrong.json'), JSON.stringify({ ...config, ...change }));
    const { code, stderr } = await senet('train', path('wrong.json'), '--out', path('wrong'), ...flags);
    expect(code).toBe(2);
    await rm(path('wrong'), { recursive: true, force: true });
    return stderr;
  };
  expect(await wrong({ epoch: 3 })).toContain('epoch is no key (did you mean epochs?)');
  expect(await wrong({ augmentation: [{ name: 'padcrop', size: 32, padding: 4 }] })).toContain('augmentation[0].name must be one of');
  expect(await wrong({ data: { train: 'nowhere', test: 'data' } })).toContain('nowhere');
  expect(await wrong({ batch: 1000 })).toContain('batch is 1000, and there are 100 images to train on');
  await writeFiles(path('cut'), {
    'batches.meta.txt': 'red\n',
    'data_batch_1.bin': new Uint8Array(3000),
    'test_batch.bin': new Uint8Array(3073),
  });
  expect(await wrong({}, '--data', path('cut'))).toContain('expected a multiple of 3073 bytes, found 3000');
});

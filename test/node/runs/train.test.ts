import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fmix32 } from '../../../src/io/synthetic.js';
import { main, senet } from '../../cli/senet.js';
import { senetHere } from '../../cli/senetHere.js';
import { long, some } from '../../support/length.js';
import { byteOf, concat, recordOf, writeFiles } from '../images/cifar.js';

/** `senet train` as its users have it: files in, a folder out, killed and resumed. */

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
  expect((await senetHere('train', path('config.json'), '--out', path('epoch'), '--epochs', '1')).code).toBe(0);
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

/** The checkpoint of a moment: each is a file of its own. */
const checkpointOf = (run: string): number | undefined =>
  statSync(join(path(run), 'checkpoint.safetensors'), { throwIfNoEntry: false })?.ino;

describe('killed at any moment and resumed', { timeout: 240_000 }, () => {
  /** What a run is begun with, beside its configuration. */
  const flags = {
    floats: [],
    integers: ['--quantise', '--epochs', '3', '--lr', '0.01', '--init', 'whole-floats/last.safetensors'],
  } as const;
  type Kind = keyof typeof flags;
  const begin = (kind: Kind, run: string): readonly string[] => [
    path('config.json'),
    '--out',
    path(run),
    ...flags[kind].map((flag) => (flag.includes('/') ? path(flag) : flag)),
  ];
  beforeAll(async () => {
    for (const kind of ['floats', 'integers'] as const) expect((await senetHere('train', ...begin(kind, `whole-${kind}`))).code).toBe(0);
  }, 240_000);

  /** So many milliseconds after so many checkpoints, of which the first of a run comes before its first step. */
  interface Moment {
    readonly checkpoints: number;
    readonly ms: number;
  }

  /** Starts or goes on, and sends a signal at a moment, unless it has ended. @returns its exit code, null if the signal ended it */
  async function runUntil(run: string, kind: Kind, moment: Moment | undefined, signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
    const args = existsSync(join(path(run), 'config.json')) ? [path(run)] : begin(kind, run);
    let last = checkpointOf(run);
    const child = spawn(process.execPath, [main, 'train', ...args], { stdio: 'ignore' });
    let ended = false;
    const code = new Promise<number | null>((resolve) => child.on('close', resolve)).finally(() => {
      ended = true;
    });
    if (moment === undefined) return code;
    for (let seen = 0; !ended && seen < moment.checkpoints; await setTimeout(1)) {
      const present = checkpointOf(run);
      if (present !== last) seen++;
      last = present;
    }
    await Promise.race([code, setTimeout(moment.ms)]);
    child.kill(signal);
    return code;
  }

  const rows = [
    ['SIGKILL', 1, 'floats'],
    ['SIGKILL', 2, 'floats'],
    ['SIGINT', 3, 'floats'],
    ['SIGKILL', 4, 'integers'],
    ['SIGINT', 5, 'integers'],
  ] as const;
  test.each(some(rows, 4))('%s, seed %i: the same weights and metrics as unbroken, of a run that trains %s', async (signal, seed, kind) => {
    const run = `${signal}-${seed}`;
    const whole = `whole-${kind}`;
    const at = (kill: number, most: number): number => (fmix32(seed * 100 + kill) >>> 0) % most;
    for (let kill = 0; kill < (long ? 4 : 2); kill++) {
      await runUntil(run, kind, { checkpoints: 0, ms: at(kill, 900) }, signal);
      await runUntil(run, kind, { checkpoints: 2 + at(kill, 3), ms: at(kill, 40) }, signal);
    }
    expect(await runUntil(run, kind, undefined, signal)).toBe(0);
    const networks = (await readdir(path(whole))).filter((file) => /^(last|best)/.test(file));
    expect(networks).toHaveLength(kind === 'floats' ? 2 : 4);
    for (const file of networks) expect((await bytes(run, file)).equals(await bytes(whole, file)), file).toBe(true);
    expect(await metrics(run)).toEqual(await metrics(whole));

    const steps = (JSON.parse((await bytes(run, 'versions.json')).toString()) as { readonly step: number }[]).map(({ step }) => step);
    const end = 6 * (kind === 'floats' ? 4 : 3); // of each epoch's
    expect(new Set(steps.filter((step) => step > 0 && step < end)).size, 'it did go on from the middle').toBeGreaterThan(1);
  });
});

test('one process at a time trains in a folder; one that is gone is in nobody’s way', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, [main, 'train', path('config.json'), '--out', path('held'), '--epochs', '1000'], {
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => child.on('close', resolve));
  while (checkpointOf('held') === undefined) await setTimeout(5);
  const second = await senet('train', path('held'));
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`process ${child.pid} trains in it`);
  child.kill('SIGKILL');
  await gone;
  const config = join(path('held'), 'config.json');
  await writeFile(config, (await readFile(config, 'utf8')).replace('"epochs": 1000', '"epochs": 1'));
  await rm(join(path('held'), 'checkpoint.safetensors')); // it may be beyond its first epoch
  await rm(join(path('held'), 'metrics.jsonl'));
  expect((await senetHere('train', path('held'))).code).toBe(0);
  expect(existsSync(join(path('held'), 'running.json'))).toBe(false);
});

test('a fine-tuned network keeps all but its head, and says so', { timeout: 60_000 }, async () => {
  const records = concat(...Array.from({ length: 40 }, (_, i) => recordOf([i % 2], i)));
  await writeFiles(path('two'), { 'batches.meta.txt': 'dark\nbright\n', 'data_batch_1.bin': records, 'test_batch.bin': records });
  const init = join(path('epoch'), 'last.safetensors');
  const tuned = await senetHere(
    'train',
    path('config.json'),
    '--data',
    path('two'),
    '--init',
    relative('.', init), // as the shell means it, wherever the configuration is
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
  const lines = join(path('epoch'), 'metrics.jsonl');
  const before = await stat(lines);
  expect((await senetHere('report', path('epoch'))).code).toBe(0);
  expect(await stat(lines)).toMatchObject({ ino: before.ino, size: before.size });
  expect((await bytes('epoch', 'report.html')).toString()).toContain('1 of 1');
});

test('a trained network says which variant it is, for which images and of what: senet evaluate finds what the run found', {
  timeout: 120_000,
}, async () => {
  for (const [c, name] of ['spotted', 'plain'].entries()) {
    await mkdir(join(path('photos'), name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const data = Uint8Array.from({ length: 40 * 40 * 3 }, (_, k) => 60 + 40 * c + (byteOf(i, c, k) >> (1 + c)));
      await writeFile(join(path('photos'), name, `${i}.png`), encode({ width: 40, height: 40, channels: 3, data }));
    }
  }
  const preparation = [
    { name: 'resize', size: 35, filter: 'bicubic' },
    { name: 'centreCrop', size: 32 },
  ];
  const normalisation = { mean: [0.3, 0.4, 0.5], std: [0.1, 0.2, 0.3] };
  const images = { data: { train: 'photos', test: 'photos' }, augmentation: preparation, preparation, normalisation };
  const variant = { options: { squeeze: 'max', excitation: 'tanh' }, ...images, batch: 8, lr: 0.01, epochs: 2 };
  await writeFile(path('variant.json'), JSON.stringify({ ...config, ...variant }));
  expect((await senetHere('train', path('variant.json'), '--out', path('variant'))).code).toBe(0);
  const { average } = (await metrics('variant')).at(-1) as { readonly average: { readonly accuracy: number } };

  const last = join(path('variant'), 'last.safetensors');
  const converted = path('converted.safetensors');
  expect((await senetHere('convert', last, '-o', converted)).code).toBe(0);
  for (const weights of [last, converted]) {
    const { stdout } = await senetHere('evaluate', path('photos'), '--weights', weights, '--json');
    const { model, preset, top1, classes } = JSON.parse(stdout);
    expect([model, preset.size, preset.filter, preset.mean]).toEqual(['senet/se_resnet8_cifar10', 32, 'bicubic', normalisation.mean]);
    expect(classes.map((row: { readonly name: string }) => row.name)).toEqual(['plain', 'spotted']);
    expect(top1.error).toBeCloseTo(1 - average.accuracy, 12);
  }
});

test('a network that is fine-tuned for 8 bits: every other command takes its integers', { timeout: 120_000 }, async () => {
  const init = join(path('epoch'), 'last.safetensors');
  const short = ['--init', init, '--epochs', '1', '--lr', '0.001'];
  const tuned = await senetHere('train', path('config.json'), '--quantise', ...short, '--out', path('eight'), '--json');
  expect([tuned.code, JSON.parse(tuned.stdout)]).toEqual([0, expect.objectContaining({ steps: 6, epochs: 1 })]);
  const { average } = (await metrics('eight')).at(-1) as { readonly average: { readonly accuracy: number } };
  const integers = join(path('eight'), 'last-int8.safetensors');
  for (let i = 100; i < 120; i++) {
    const [, ...planes] = recordOf([0], i);
    const data = Uint8Array.from({ length: 3072 }, (_, k) => planes[(k % 3) * 1024 + Math.floor(k / 3)] as number);
    await mkdir(path(`tests/${i % 3}`), { recursive: true });
    await writeFile(path(`tests/${i % 3}/${i}.png`), encode({ width: 32, height: 32, channels: 3, data }));
  }
  const { stdout } = await senetHere('evaluate', path('tests'), '--weights', integers, '--json');
  expect(JSON.parse(stdout).top1.error).toBeCloseTo(1 - average.accuracy, 12);
  expect(JSON.parse((await senetHere('inspect', integers, '--json')).stdout)).toMatchObject({ network: 'senet/se_resnet8_cifar10' });

  const wrong = async (...flags: readonly string[]) => {
    const { code, stderr } = await senetHere('train', ...flags, '--out', path('never'));
    expect([code, existsSync(path('never'))]).toEqual([2, false]);
    return stderr;
  };
  expect(await wrong(path('config.json'), '--quantise')).toContain(
    'quantise: a trained network is fine-tuned, so that init names its weights',
  );
  expect(await wrong(path('config.json'), '--quantise', '--init', integers)).toContain(
    'last-int8.safetensors: is of a quantised network: expected the float one',
  );
  await writeFile(path('anew.json'), JSON.stringify({ ...config, anew: ['fc'] }));
  expect(await wrong(path('anew.json'), '--quantise', '--init', init)).toContain('nothing of it begins anew');
  await writeFile(path('given.json'), JSON.stringify({ ...config, options: { quantised: { values: {}, float: [] } } }));
  expect(await wrong(path('given.json'))).toContain('options.quantised is no option here');
  const grey = concat(...Array.from({ length: 40 }, (_, i) => Uint8Array.from({ length: 3073 }, (_, k) => (k === 0 ? i % 3 : 100))));
  await writeFiles(path('grey'), { 'batches.meta.txt': 'red\ngreen\nblue\n', 'data_batch_1.bin': grey, 'test_batch.bin': grey });
  await writeFile(path('plain.json'), JSON.stringify({ ...config, augmentation: [] }));
  expect(await wrong(path('plain.json'), '--quantise', '--init', init, '--data', path('grey'))).toContain('every picture is of one colour');
  const again = await senetHere('train', path('eight'), '--quantise');
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--quantise: a run goes on as it began')]);
});

test('--kernels and --algorithms say how, and a run keeps to it', { timeout: 60_000 }, async () => {
  const args = ['--out', path('how'), '--epochs', '1', '--kernels', 'strict', '--algorithms', 'direct'];
  expect((await senetHere('train', path('config.json'), ...args)).code).toBe(0);
  expect(JSON.parse((await bytes('how', 'config.json')).toString())).toMatchObject({ kernels: 'strict', algorithms: 'direct' });
  const other = await senetHere('train', path('how'), '--algorithms', 'fast');
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('--algorithms: a run goes on as it began')]);
  const unknown = await senetHere('train', path('config.json'), '--out', path('none'), '--kernels', 'simd');
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Allowed choices are strict, relaxed')]);
});

test('a run goes on as it began', { timeout: 60_000 }, async () => {
  const wrong = async (...flags: readonly string[]) => {
    const { code, stderr } = await senetHere('train', ...flags);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await wrong(path('config.json'), '--epochs', '1', '--out', path('epoch'))).toContain('is not empty: `senet train');
  expect(await wrong(path('config.json'), '--out', path('config.json'))).toContain('is no folder');
  expect(await wrong('--resume', path('epoch'), '--epochs', '2')).toContain('--epochs: a run goes on as it began');
  expect(await wrong('--resume', path('nowhere'))).toContain('nowhere');
  const records = concat(...Array.from({ length: 99 }, (_, i) => recordOf([i % 3], i)));
  await writeFiles(path('fewer'), { 'batches.meta.txt': 'red\ngreen\nblue\n', 'data_batch_1.bin': records, 'test_batch.bin': records });
  expect(await wrong(path('epoch'), '--data', path('fewer'))).toContain('the images are not those that the run began with');
  const ended = await senetHere('train', path('epoch'), '--data', path('data'), '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ steps: 6, epochs: 1 });
});

test('a truncated image ends a run by its name, unless --tolerant', { timeout: 60_000 }, async () => {
  const whole = await readFile(new URL('../../../assets/images/rocket.jpg', import.meta.url));
  for (const [name, bytes] of [
    ['whole', whole],
    ['cut', whole.subarray(0, -20_000)],
  ] as const) {
    await mkdir(path(`photos/${name}`), { recursive: true });
    await writeFile(path(`photos/${name}/rocket.jpg`), bytes);
  }
  const photos = { ...config, data: { train: 'photos', test: 'photos' }, batch: 2, epochs: 1 };
  const steps = [
    { name: 'resize', size: 32 },
    { name: 'centreCrop', size: 32 },
  ];
  await writeFile(path('photos.json'), JSON.stringify({ ...photos, augmentation: steps, preparation: steps }));
  const strict = await senetHere('train', path('photos.json'), '--out', path('strict'));
  expect(strict.code, strict.stderr).toBe(2);
  expect(strict.stderr).toContain(`${path('photos/cut/rocket.jpg')}: the JPEG is truncated`);
  const tolerant = await senetHere('train', path('photos.json'), '--out', path('tolerant'), '--tolerant');
  expect(tolerant.code, tolerant.stderr).toBe(0);
});

test('a rate that is too large ends with an error that names step and checkpoint', { timeout: 60_000 }, async () => {
  const { code, stderr } = await senet('train', path('config.json'), '--lr', '1e20', '--out', path('diverged'));
  expect(stderr).toMatch(/step \d+: .*The last good checkpoint is .*checkpoint\.safetensors, after step \d+/);
  expect(code).toBe(1);
});

test('what is wrong with a configuration or its images is said with its key or file', { timeout: 60_000 }, async () => {
  const wrong = async (change: object, ...flags: readonly string[]) => {
    await writeFile(path('wrong.json'), JSON.stringify({ ...config, ...change }));
    const { code, stderr } = await senetHere('train', path('wrong.json'), '--out', path('wrong'), ...flags);
    expect(code).toBe(2);
    expect(existsSync(path('wrong')), 'a run that cannot begin leaves no folder').toBe(false);
    return stderr;
  };
  expect(await wrong({ epoch: 3 })).toContain('epoch is no key (did you mean epochs?)');
  expect(await wrong({ augmentation: [{ name: 'padcrop', size: 32, padding: 4 }] })).toContain('augmentation[0].name must be one of');
  expect(await wrong({ data: { train: 'nowhere', test: 'data' } })).toContain('nowhere');
  expect(await wrong({ data: { train: 'data', test: 'nowhere' } })).toContain(
    `${path('nowhere')}: expected images, found nothing; --data names the folder that they are in`,
  );
  expect(await wrong({ batch: 1000 })).toContain('batch is 1000, and there are 100 images to train on');
  await writeFiles(path('cut'), {
    'batches.meta.txt': 'red\n',
    'data_batch_1.bin': new Uint8Array(3000),
    'test_batch.bin': new Uint8Array(3073),
  });
  expect(await wrong({}, '--data', path('cut'))).toContain('expected a multiple of 3073 bytes, found 3000');
});

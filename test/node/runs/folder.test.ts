import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { InputError, SenetError, WeightsError } from '../../../src/errors.js';
import { openSafetensors, saveSafetensors } from '../../../src/io/safetensors.js';
import { bytesSource } from '../../../src/io/source.js';
import { beginning } from '../../../src/node/runs/begin.js';
import { readCheckpoint, writeCheckpoint } from '../../../src/node/runs/checkpoint.js';
import { checkFree, readConfigFile, runFiles } from '../../../src/node/runs/folder.js';
import { holdRun } from '../../../src/node/runs/hold.js';
import { openMetrics, readMetrics } from '../../../src/node/runs/metrics.js';
import { networkOf } from '../../../src/node/runs/network.js';
import { noteVersions } from '../../../src/node/runs/versions.js';
import { runReport } from '../../../src/report/training.js';
import type { Tensor } from '../../../src/tensor.js';
import { readConfig } from '../../../src/train/config.js';
import type { MetricsLine } from '../../../src/train/metrics.js';
import { damagedJson, damagedText } from '../../support/damaged.js';

/** A run's folder after a crash, a power cut, or somebody's editor: each file is read as what it is, or refused by name. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-run-folder-'));
});
afterAll(() => rm(folder, { recursive: true }));

const config = {
  model: 'se_resnet8_cifar10',
  options: { reduction: 8, stages: [2, 3], squeeze: 'max' },
  size: 8,
  data: { train: 'train', test: 'test' },
  augmentation: [{ name: 'padCrop', size: 8, padding: 1 }, { name: 'flip' }],
  epochs: 3,
  lr: 0.1,
};
const run = { config: readConfig(config), network: networkOf(readConfig(config), 2), perEpoch: 5 };

/** Reads each text as a file; what is thrown is ours, short, and begins with the file's name. @returns how many were refused */
async function refusals(name: string, texts: Iterable<string>, read: (file: string) => unknown): Promise<number> {
  const file = join(folder, name);
  let refused = 0;
  for (const text of texts) {
    await writeFile(file, text);
    try {
      await read(file);
    } catch (error) {
      expect(error, text.slice(0, 200)).toBeInstanceOf(SenetError);
      expect((error as Error).message.slice(0, file.length)).toBe(file);
      expect((error as Error).message.length).toBeLessThan(file.length + 500);
      refused++;
    }
  }
  return refused;
}

const both = (value: unknown): readonly string[] => [...damagedJson(value), ...damagedText(JSON.stringify(value))];

test('config.json', { timeout: 60_000 }, async () => {
  const read = async (file: string) => {
    const found = await readConfigFile(file);
    try {
      networkOf({ ...found, batch: 2 }, 2);
    } catch (error) {
      if (!(error instanceof SenetError)) throw error;
    }
  };
  expect(await refusals(runFiles.config, both(config), read)).toBeGreaterThan(200);
});

const score = { loss: 1.5, accuracy: 0.5 };
const lines: readonly MetricsLine[] = [
  { kind: 'step', step: 2, ...score, lr: 0.1, imagesPerSecond: 100 },
  { kind: 'epoch', epoch: 1, step: 5, ...score, lr: 0.1, test: score, average: score, seconds: 3 },
];
const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');

test('metrics.jsonl, and the report that is drawn of it', async () => {
  const read = (file: string) => runReport('run', run.config, readMetrics(file));
  const texts = lines.flatMap((line) => [...damagedJson(line)].map((damaged) => `${text}${damaged}\n`));
  expect(await refusals(runFiles.metrics, texts, read)).toBeGreaterThan(200);
  expect(await refusals(runFiles.metrics, damagedText(text), read)).toBeGreaterThan(4);
});

test('metrics.jsonl: half a line and zeros at the end are dropped when the run goes on; a folder in its place is an error', async () => {
  const file = join(folder, runFiles.metrics);
  for (const end of ['', '{"kind": "st', '\0'.repeat(4096)]) {
    await writeFile(file, text + end);
    openMetrics(file, { steps: 9, epochs: 1 })[Symbol.dispose]();
    expect(await readFile(file, 'utf8')).toBe(text);
  }
  expect(readMetrics(join(folder, 'nowhere'))).toEqual([]);
  expect(() => readMetrics(folder)).toThrow(InputError);
});

test('versions.json', async () => {
  await rm(join(folder, runFiles.versions), { force: true });
  await noteVersions(folder, 0, 'key');
  const found = JSON.parse(await readFile(join(folder, runFiles.versions), 'utf8'));
  expect(await refusals(runFiles.versions, both(found), () => noteVersions(folder, 0, 'key'))).toBeGreaterThan(20);
  await writeFile(join(folder, runFiles.versions), JSON.stringify([{ ...found[0], ours: 1 }]));
  await noteVersions(folder, 0, 'key');
  expect(JSON.parse(await readFile(join(folder, runFiles.versions), 'utf8'))[0], 'what others wrote stays').toMatchObject({ ours: 1 });
  await expect(noteVersions(folder, 3, 'other')).rejects.toThrow('the images are not those');
});

test('going on in another runtime is said; in the same one, nothing is', async () => {
  await rm(join(folder, runFiles.versions), { force: true });
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await noteVersions(folder, 0, 'key');
  await noteVersions(folder, 3, 'key');
  expect(stderr).not.toHaveBeenCalled();
  const found = JSON.parse(await readFile(join(folder, runFiles.versions), 'utf8'));
  expect(found[0].runtime).toMatch(/^Node 2\d.*, V8 .*, /);
  await writeFile(join(folder, runFiles.versions), JSON.stringify([{ ...found[0], runtime: 'Bun 1.1, x64' }]));
  await noteVersions(folder, 3, 'key');
  expect(stderr).toHaveBeenCalledWith(
    `${folder}: was trained in Bun 1.1, x64, and goes on in ${found[0].runtime}: it ends with the bits of an unbroken run within one runtime only\n`,
  );
  stderr.mockRestore();
});

describe('checkpoint.safetensors', () => {
  const file = () => join(folder, runFiles.checkpoint);
  const key = 'senet.training';

  async function sound() {
    writeCheckpoint(folder, await beginning(run.config, run.network));
    const { tensors, metadata } = await openSafetensors(bytesSource(await readFile(file())));
    const read = await Promise.all([...tensors].map(async ([name, stored]) => [name, await stored.read()] as const));
    return { tensors: new Map(read), position: JSON.parse(metadata[key] as string) };
  }

  const write = (tensors: ReadonlyMap<string, Tensor>, position: string) =>
    writeFile(file(), saveSafetensors(tensors, { metadata: { [key]: position } }));

  test('where the run is', { timeout: 60_000 }, async () => {
    const { tensors, position } = await sound();
    let refused = 0;
    const best = { epoch: 1, accuracy: 0.5 };
    for (const damaged of both({ ...position, best })) {
      await write(tensors, damaged);
      try {
        await readCheckpoint(folder, run);
      } catch (error) {
        expect(error, damaged.slice(0, 200)).toBeInstanceOf(SenetError);
        expect((error as Error).message).toContain(file());
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
    for (const wrong of [{ steps: '3' }, { steps: 7 }, { epochs: 4, steps: 20 }, { epochs: 1, steps: 0 }]) {
      await write(tensors, JSON.stringify({ ...position, ...wrong }));
      await expect(readCheckpoint(folder, run)).rejects.toThrow(SenetError);
    }
  });

  test('its tensors are the run’s', async () => {
    const { tensors, position } = await sound();
    const one = { shape: [1], data: new Float32Array(1) };
    const [first] = tensors.keys();
    const named = (name: string) => new Map([...tensors, [name, one] as const]);
    const momentum = [...tensors].map(([name, x]) => [name.replace('weights/', 'momentum/'), x] as const);
    for (const [wrong, steps] of [
      [new Map([...tensors].slice(1)), 0],
      [new Map([...tensors, [first as string, one] as const]), 0],
      ...['weights/more', 'constructor/x', '__proto__/x', 'nothing', 'average/x'].map((name) => [named(name), 0] as const),
      [tensors, 1], // without momentum
      [new Map([...tensors, ...momentum]), 1], // with momentum of running statistics
    ] as const) {
      await write(wrong, JSON.stringify({ ...position, steps }));
      await expect(readCheckpoint(folder, run)).rejects.toThrow(WeightsError);
      await expect(readCheckpoint(folder, run)).rejects.toThrow(file());
    }
  });

  test('empty, cut off, zeros', async () => {
    await sound();
    const bytes = await readFile(file());
    for (const damaged of [bytes.subarray(0, 0), bytes.subarray(0, bytes.length - 1), new Uint8Array(bytes.length), bytes.subarray(0, 7)]) {
      await writeFile(file(), damaged);
      await expect(readCheckpoint(folder, run)).rejects.toThrow(WeightsError);
    }
  });
});

test('running.json: what is damaged holds nothing; a live process does', async () => {
  const file = join(folder, runFiles.holder);
  for (const damaged of ['', 'null', `{"pid": -1, "host": "${hostname()}"}`]) {
    await writeFile(file, damaged);
    holdRun(folder)[Symbol.dispose]();
  }
  await writeFile(file, JSON.stringify({ pid: process.ppid, host: hostname() }));
  expect(() => holdRun(folder)).toThrow(`process ${process.ppid} trains in it`);
  await rm(file);
});

test('what a process left that was killed as it began is no run', async () => {
  const place = await mkdtemp(join(folder, 'fresh-'));
  for (const name of ['running.json', 'running.json.123', 'config.json.part']) await writeFile(join(place, name), '');
  expect(() => checkFree(place)).not.toThrow();
  await writeFile(join(place, 'config.json'), '');
  expect(() => checkFree(place)).toThrow('resumes the run in it');
});

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Draw } from '../../dist/fuzz/draw.js';
import { type FuzzOptions, fuzz } from '../../dist/fuzz/fuzz.js';
import type { ReaderTable } from '../../dist/fuzz/reader.js';
import { readers } from '../../dist/fuzz/readers.js';
import { noCases, type Row, readState, type State, writeState } from '../../dist/fuzz/state.js';
import { long } from '../support/length.js';

/** `npm run build` makes what runs here: the cases are read in processes of their own. */
const built = new URL('../../dist/fuzz/', import.meta.url);
const start: State = { key: '', seconds: 0, rows: {}, faults: [] };

const faultyModule = new URL('faulty.js', import.meta.url);
const { readers: faulty } = (await import(faultyModule.href)) as { readonly readers: ReaderTable };

/** @param names of the faulty readers that are run */
function some(names: readonly string[], cases: number, more: Partial<FuzzOptions> = {}): FuzzOptions {
  const chosen = Object.fromEntries(Object.entries(faulty).filter(([name]) => names.includes(name)));
  return { readers: chosen, module: faultyModule, cases, seed: 1, patienceMs: 10_000, stopped: () => false, done: () => {}, ...more };
}

/** What hangs or fills memory takes seconds: a plain run has one case of it. */
const slow = ['endless', 'waits', 'arrays', 'objects', 'heap'];

describe('what is wrong is found', () => {
  test.each<[string, Partial<Row>]>([
    ['right', { read: 2 }],
    ['refuses', { refused: 2 }],
    ['untyped', { crashes: 2 }],
    ['dies', { crashes: 2 }],
    ['rejects', { read: 2, crashes: 2 }],
    ['endless', { hangs: 2 }],
    ['waits', { hangs: 2 }],
    ['slow', { read: 2, hangs: 2 }],
    ['array', { read: 2, overAllocations: 2 }],
    ['memory', { read: 2, overAllocations: 2 }],
    ['arrays', { read: 2, overAllocations: 2 }],
    ['objects', { read: 2, overAllocations: 2 }],
    ['heap', { overAllocations: 2 }],
  ])('%s', { timeout: 120_000 }, async (name, expected) => {
    const cases = !long && slow.includes(name) ? 1 : 2;
    const { rows, faults } = await fuzz(some([name], cases, ['endless', 'waits'].includes(name) ? { patienceMs: 500 } : {}), start);
    const each = Object.entries(expected).map(([column, of2]) => [column, (of2 * cases) / 2]);
    expect(rows[name]).toEqual({ ...noCases, cases, ...Object.fromEntries(each) });
    const kinds = (rows[name] as Row).crashes + (rows[name] as Row).hangs + (rows[name] as Row).overAllocations;
    expect(faults.map(({ reader, times }) => [reader, times])).toEqual(kinds > 0 ? [[name, kinds]] : []);
  });
});

test('a run that was stopped goes on to what one without a stop comes to', async () => {
  const names = ['right', 'refuses', 'untyped'];
  const counts = ({ rows, faults }: State) => ({ rows, faults });
  const folder = await mkdtemp(join(tmpdir(), 'senet-test-'));
  try {
    const file = join(folder, 'state.json');
    let jobs = 0;
    const first = await fuzz(some(names, 300, { stopped: () => jobs > 1, done: () => void jobs++ }), start);
    expect(Object.values(first.rows).reduce((sum, { cases }) => sum + cases, 0)).toBeLessThan(300);
    writeState(file, first);
    expect(readState(file, 'of other work')).toBeUndefined();
    const resumed = await fuzz(some(names, 300), readState(file, '') as State);
    expect(counts(resumed)).toEqual(counts(await fuzz(some(names, 300), start)));
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('cases', () => {
  test.each(Object.entries(readers))('%s: the same from the same seed, others from another', async (name, { open }) => {
    const { make } = await open();
    const hash = (seed: number): string => {
      const digest = createHash('sha256');
      for (let index = 0; index < 20; index++)
        for (const [file, bytes] of Object.entries(make(new Draw(name, seed, index)))) digest.update(file).update(bytes);
      return digest.digest('hex');
    };
    expect(hash(1)).toBe(hash(1));
    expect(hash(1)).not.toBe(hash(2));
  });
});

/** Of each reader; those that take long have fewer than 300. */
const casesOfTest: Readonly<Record<string, number>> = { weights: 3000, pictures: 800, networks: 200, dumps: 200, journals: 60 };

test('everything that reads files takes those that are nearly right, or refuses them', { timeout: 600_000 }, async () => {
  const chosen = Object.fromEntries(
    Object.entries(readers).map(([name, entry]) => [name, { ...entry, share: Math.ceil((casesOfTest[name] ?? 300) / (long ? 1 : 10)) }]),
  );
  const all = Object.values(chosen).reduce((sum, { share }) => sum + share, 0);
  const seed = Number(process.env.FUZZ_SEED ?? 20171109);
  const module = new URL('readers.js', built);
  const { rows, faults } = await fuzz(
    { readers: chosen, module, cases: all, seed, patienceMs: 30_000, stopped: () => false, done: () => {} },
    start,
  );
  expect(faults).toEqual([]);
  for (const [name, row] of Object.entries(rows)) {
    expect(row.cases, name).toBe(chosen[name]?.share);
    expect(row.refused + row.read, name).toBe(row.cases);
    expect(row.read, name).toBeGreaterThan(row.cases / 100); // else all are refused at the door
  }
});

test('the command prints a line of JSON, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'senet-test-'));
  try {
    const program = fileURLToPath(new URL('run.js', built));
    const { stdout } = await promisify(execFile)(process.execPath, [program, '--cases', '20', '--reader', 'metadata', '--json'], {
      cwd: folder,
    });
    const { cases, crashes, hangs, overAllocations } = JSON.parse(stdout) as Row;
    expect({ cases, crashes, hangs, overAllocations }).toEqual({ cases: 20, crashes: 0, hangs: 0, overAllocations: 0 });
    expect(await readdir(join(folder, 'runs'))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

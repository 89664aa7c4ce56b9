import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { text } from '../../src/io/schema.js';
import { keyOf, openJournal } from '../../src/node/journal.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-journal-'));
  file = join(folder, 'new', 'work.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const key = keyOf({ work: 1 });

function use(...entries: readonly string[]): readonly string[] {
  const journal = openJournal(file, key, text);
  for (const entry of entries) journal.add(entry);
  journal.close();
  return journal.done;
}

test('what was added is there the next time, in its order', () => {
  expect(use('a', 'ü\n')).toEqual([]);
  expect(use('c')).toEqual(['a', 'ü\n']);
  expect(use()).toEqual(['a', 'ü\n', 'c']);
});

test('half a line, wherever it was cut off, is forgotten, and what is added then follows whole lines', async () => {
  use('a', 'böse');
  const whole = await readFile(file);
  for (let length = 1; length < whole.length; length++) {
    await writeFile(file, whole.subarray(0, length));
    const done = use('next');
    expect(done).toEqual(['a', 'böse'].slice(0, done.length));
    expect(use()).toEqual([...done, 'next']);
  }
});

test('the journal of other work, and what is none, is left alone', async () => {
  use('a');
  expect(() => openJournal(file, keyOf({ work: 2 }), text)).toThrow(`${file}: is not the journal of this evaluation`);
  await writeFile(file, 'dear diary\n');
  expect(() => use()).toThrow('is not the journal');
  expect(await readFile(file, 'utf8')).toBe('dear diary\n');
  expect(() => openJournal(folder, key, text)).toThrow(`${folder}: cannot be used as a journal`);
});

test('a damaged line is an error that names the file', async () => {
  use('a');
  await appendFile(file, '{"x": \n');
  expect(() => use()).toThrow(InputError);
  expect(() => use()).toThrow(`${file}: line 3: is not JSON`);
});

test('a line of the wrong kind is an error that names it', async () => {
  use('a');
  await appendFile(file, '["b"]\n');
  expect(() => use()).toThrow(InputError);
  expect(() => use()).toThrow(`${file}: line 3: `);
});

test('zeros after a power cut are forgotten like half a line', async () => {
  use('a');
  await appendFile(file, new Uint8Array(4096));
  expect(use('b')).toEqual(['a']);
  expect(use()).toEqual(['a', 'b']);
});

test('two that begin at once write the first line twice', async () => {
  use('a');
  const [head = ''] = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, `${head}\n${head}\n"a"\n`);
  expect(use()).toEqual(['a']);
});

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cat, type Installed, installPacked } from './installed.js';

const { binaries } = (await import(
  new URL('../../dist/bench/runtimes.js', import.meta.url).href
)) as typeof import('../../bench/runtimes.js');

let installed: Installed;
let program: string;
beforeAll(async () => {
  installed = await installPacked();
  program = await installed.copyExample('classify.mjs', 'classify.mjs');
}, 120_000);
afterAll(() => installed?.remove());

test('the program has ten lines at most', async () => {
  expect((await readFile(program, 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(10);
});

test.each([
  ['the Node that runs this', [process.execPath]],
  ['Node 26', [binaries.node26]],
  ['Deno', [binaries.deno, 'run', '--no-prompt', '--allow-all']],
  ['Deno that may read files and nothing else', [binaries.deno, 'run', '--no-prompt', '--allow-read']],
  ['Bun', [binaries.bun]],
])('%s: it prints the label of the cat', async (_, [runtime = '', ...flags]) => {
  const { stdout, stderr } = await promisify(execFile)(runtime, [...flags, program, cat], { cwd: installed.folder, timeout: 60_000 });
  expect(stderr).toBe('');
  expect(stdout.split('\n')[0]).toMatch(/^cat [01]\.\d{3}$/);
});

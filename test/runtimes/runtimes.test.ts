import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const { binaries } = (await import(
  new URL('../../dist/bench/runtimes.js', import.meta.url).href
)) as typeof import('../../bench/runtimes.js');

const deno = (...permissions: string[]) => [binaries.deno, 'run', '--no-prompt', ...permissions];

/** Runs one of the programs beside this file, until it ends by itself. */
function run([program = '', ...flags]: readonly string[], file: string, env = {}): Promise<object> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    execFile(program, [...flags, script], { env: { ...process.env, ...env }, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
  });
}

test.each([
  ['Bun', [binaries.bun]],
  ['Deno', deno('--allow-all')],
  ['Deno that may read files and nothing else', deno('--allow-read')],
])('%s: a program that forgets its threads ends by itself', async (_, command) => {
  expect(await run(command, 'forget.js')).toEqual({ error: null, stdout: '2 threads\nthe last run too\n', stderr: '' });
});

test.each([
  ['Node 26', [binaries.node26]],
  ['Bun', [binaries.bun]],
  ['Deno', deno('--allow-all')],
  ['Deno that may read files and nothing else', deno('--allow-read')],
])('%s: a classifier in a worker gives the bits of the plain one; a program that forgets it ends by itself', async (_, command) => {
  const stdout = '3 classes\ncat 2 threads same bits\nInputError\nthe last answer too\n';
  expect(await run(command, 'inWorker.js')).toEqual({ error: null, stdout, stderr: '' });
});

test.each([
  ['Bun', [binaries.bun]],
  ['Deno', deno('--allow-all')],
])('%s: sessions that live beside each other give what each gives alone', async (_, command) => {
  expect(await run(command, 'sessions.js')).toEqual({ error: null, stdout: '12 of 12 sessions\n', stderr: '' });
});

test.each([
  ['Bun', [binaries.bun], '5x8'],
  ['Deno, if it may read it', deno('--allow-read', '--allow-env'), '5x8'],
  ['Deno, if it may not', deno('--allow-read'), null],
])('%s: SENET_TILE', async (_, command, tile) => {
  const { stdout } = (await run(command, 'facts.js', { SENET_TILE: '5x8' })) as { readonly stdout: string };
  expect(JSON.parse(stdout).tile).toBe(tile);
});

test.each([
  ['Node 20', [process.execPath, '--experimental-wasm-relaxed-simd']],
  ['Node 26', [binaries.node26]],
  ['Node 26 with paired vectors', [binaries.node26, '--experimental-wasm-revectorize']],
  ['Bun', [binaries.bun]],
  ['Deno', deno('--allow-all')],
])('%s: products of bytes are exact integers in the first call as in the hot ones', { timeout: 120_000 }, async (_, command) => {
  expect(await run(command, 'firstCall.js')).toEqual({ error: null, stdout: 'all exact\n', stderr: '' });
});

test('whether relaxed multiply-add is fused is measured: Bun does not on x86', async () => {
  const kernels = async (command: readonly string[]) => JSON.parse(((await run(command, 'facts.js')) as { stdout: string }).stdout).kernels;
  expect(await kernels(deno('--allow-all'))).toBe('relaxed');
  expect(await kernels([binaries.bun])).toBe(process.arch === 'x64' ? 'relaxed (not fused)' : 'relaxed');
});

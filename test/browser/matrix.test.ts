import { beforeAll, expect, test, vi } from 'vitest';
import { callInWebKit } from '../../reference/browsers/webkit.js';
import { UnsupportedError } from '../../src/errors.js';
import { documented } from '../support/documentedBits.js';

const load = <T>(path: string): Promise<T> => import(new URL(`../../dist/bench/matrix/${path}`, import.meta.url).href);
const { bundleWorkers, inChromium } = await load<typeof import('../../bench/matrix/browsers.js')>('browsers.js');
const { shortTask } = await load<typeof import('../../bench/matrix/task.js')>('task.js');

beforeAll(bundleWorkers);

test.each([
  ['page', true, 2],
  ['page', false, 1],
  ['worker', true, 2],
  ['serviceWorker', true, 1],
] as const)('docs/runtimes.md has the strict bits of Chromium, in a %s; isolated: %s, threads: %d', async (where, isolated, threads) => {
  const { answer } = await inChromium(shortTask, { where, isolated });
  expect(answer.sharedMemory).toBe(isolated);
  expect(answer.bits).toMatchObject(documented(shortTask.networks));
  expect(answer.threads).toMatchObject(documented(shortTask.threaded, { threads }));
});

test('where there is no WebKitGTK, the error says what to install', async () => {
  vi.stubEnv('SENET_WEBKIT', '/nowhere/MiniBrowser');
  const called = callInWebKit({ module: '/nowhere.js', name: 'nothing', args: [] });
  await expect(called).rejects.toThrow(UnsupportedError);
  await expect(called).rejects.toThrow('no WebKitGTK at /nowhere/MiniBrowser, which SENET_WEBKIT names, or no Xvfb: apt-get install');
  vi.unstubAllEnvs();
});

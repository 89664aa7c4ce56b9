import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Link } from '../../../src/classifier/worker/link.js';
import { PlanError, UnsupportedError } from '../../../src/errors.js';
import type { Program } from '../../../src/wasm/threads.js';

afterEach(() => void vi.useRealTimers());

/** A worker of these lines. */
function worker(lines: string): Program {
  const text = `import { parentPort } from 'node:worker_threads'; ${lines}`;
  return { start: () => expect.fail('these are workers of Node'), file: () => new URL(`data:text/javascript,${encodeURIComponent(text)}`) };
}

const listening = `parentPort.postMessage('listening');`;
const save = (link: Link): Promise<unknown> => link.ask('save', async () => ({ asked: {}, transfer: [] }));

describe('a worker that does not start is an UnsupportedError that says why', () => {
  test.each([
    ['is not there', { ...worker(''), file: () => new URL('nowhere.js', import.meta.url) }, 'Cannot find module'],
    ['throws', worker(`throw new Error('no such engine')`), 'no such engine'],
    ['ends', worker('process.exit(3)'), 'exit code 3'],
  ])('that %s', async (_, program, why) => {
    const refused = Link.start(program);
    await expect(refused).rejects.toThrow(UnsupportedError);
    await expect(refused).rejects.toThrow('the worker of the classifier did not start: ');
    await expect(refused).rejects.toThrow(why);
  });

  test('that never answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = expect(Link.start(worker(`parentPort.on('message', () => {})`))).rejects.toThrow('no answer in 60 s');
    await vi.advanceTimersByTimeAsync(60_000);
    await refused;
  });
});

describe('a worker that crashes', () => {
  test.each([
    ['throws', `parentPort.on('message', () => { throw new Error('out of luck') })`, 'out of luck'],
    ['ends', `parentPort.on('message', () => process.exit(4))`, 'exit code 4'],
  ])('that %s rejects what waits and what comes later, with a PlanError that says so', async (_, lines, why) => {
    const link = await Link.start(worker(`${lines}; ${listening}`));
    const all = await Promise.allSettled([save(link), save(link)]);
    for (const result of [...all, ...(await Promise.allSettled([save(link)]))]) {
      const { reason } = result as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(PlanError);
      expect(reason.message).toMatch(/^the worker of this classifier has crashed: /);
      expect(reason.message).toContain(why);
    }
    link.dispose();
  });
});

test('a worker that runs out of memory is one that crashes', async () => {
  const { href } = worker(
    `parentPort.on('message', () => { for (const all = []; ; ) all.push(new Array(2 ** 16).fill(0.5)); }); ${listening}`,
  ).file();
  const program = `
    import { Link } from '${new URL('../../../dist/src/classifier/worker/link.js', import.meta.url).href}';
    const link = await Link.start({ file: () => new URL(${JSON.stringify(href)}) });
    await link.ask('save', async () => ({ asked: {}, transfer: [] })).catch(({ name, message }) => console.log(name, message));`;
  const flags = ['--max-old-space-size=64', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 50_000 });
  expect(stdout).toMatch(/^PlanError the worker of this classifier has crashed: .*memory/);
});

test('a worker that is too busy to hear that all is over is ended all the same', async () => {
  const busy = `parentPort.on('message', ({ shared }) => { for (;;) Atomics.add(new Int32Array(shared), 0, 1); });`;
  const link = await Link.start(worker(`${busy}; ${listening}`));
  const shared = new SharedArrayBuffer(4);
  const running = expect(link.ask('save', async () => ({ asked: { shared }, transfer: [] }))).rejects.toThrow('this session is disposed');
  const turns = new Int32Array(shared);
  await expect.poll(() => Atomics.load(turns, 0)).toBeGreaterThan(0);
  link.dispose();
  await running;
  await expect
    .poll(
      async () => {
        const before = Atomics.load(turns, 0);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return Atomics.load(turns, 0) - before;
      },
      { timeout: 20_000 },
    )
    .toBe(0);
});

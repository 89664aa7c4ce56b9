import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PlanError, UnsupportedError } from '../../src/errors.js';
import { compile, planOf } from '../../src/index.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Arg, Plan } from '../../src/plan/plan.js';
import type { Tensor } from '../../src/tensor.js';
import { CompiledSession } from '../../src/wasm/compiled.js';
import { instantiate } from '../../src/wasm/instance.js';
import { startThread } from '../../src/wasm/threads.js';
import { seeded } from '../support/arbitraries.js';
import { single } from '../support/graphs.js';
import { long, some } from '../support/length.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const small = createModel('seresnet20_cifar10');
const weights = syntheticWeights(small, { seed: 1, gain: 1 });
const image = syntheticTensor('input', [1, 3, 32, 32], 1);

/** Of few weights and much work: a run takes long enough for something to happen meanwhile. */
const slow = (batch: number) => {
  const graph = createModel('se_resnet20x2_cifar10', { batch });
  return { graph, weights: syntheticWeights(graph, { seed: 1, gain: 1 }), images: syntheticTensor('input', [batch, 3, 32, 32], 1) };
};

const bitsOf = (outputs: ReadonlyMap<string, Tensor>) =>
  new Map([...outputs].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('hex')]));

/** The first two have every kind of layer that the others have, with a tenth of the weights. */
const networks = [
  ['seresnet20_cifar10', 32],
  ['se_shufflenet_g3_w1', 64],
  ['legacy_seresnet18', 64],
  ['legacy_seresnet50', 64],
  ['resnext50_32x4d', 64],
] as const;

describe.each(long ? networks : networks.slice(0, 2))('%s', (name, size) => {
  test.each(
    some(
      [
        ['strict', 'direct', 1],
        ['relaxed', 'direct', 3],
        ['strict', 'fast', 3],
        ['relaxed', 'fast', 1],
      ] as const,
      name === 'seresnet20_cifar10' ? 1 : 3,
    ),
  )('gives the same bits for any number of threads (%s, %s, batch %i)', async (kernels, algorithms, batch) => {
    const graph = createModel(name, { size, batch, classes: 7 });
    const own = syntheticWeights(graph, { seed: 2, gain: 1 });
    const images = syntheticTensor('input', [batch, 3, size, size], 2);
    let expected: ReadonlyMap<string, string> | undefined;
    for (const threads of long ? [1, 2, 3, 5] : [1, 2, 5]) {
      using session = await compile(graph, own, { kernels, algorithms, threads });
      expect(session).toMatchObject({ threads, threadsNote: undefined });
      const bits = bitsOf(session.run(images));
      expected ??= bits;
      expect(bits).toEqual(expected);
      expect(bitsOf(await session.runAsync(images))).toEqual(expected);
      expect(bitsOf(session.run(images))).toEqual(expected);
    }
  });
});

test('more threads than there is work: empty slices meet the others all the same', async () => {
  const graph = single('relu', [1, 1, 1, 1], {});
  const threads = long ? 32 : 8;
  using session = await compile(graph, new Map(), { threads });
  expect(session.threads).toBe(threads);
  expect(session.run(seeded([1, 1, 1, 1], 1)).size).toBe(1);
});

test('profile gives the outputs of run, and a time for each step', async () => {
  using session = await compile(small, weights, { threads: 2 });
  const { outputs, stepMs } = session.profile(image);
  expect(bitsOf(outputs)).toEqual(bitsOf(session.run(image)));
  expect(stepMs).toHaveLength(session.plan.steps.length);
  expect(stepMs.every((ms) => ms >= 0)).toBe(true);
});

test('two sessions run at once', async () => {
  using one = await compile(small, weights, { threads: 2 });
  using two = await compile(small, weights, { threads: 3 });
  const expected = bitsOf(one.run(image));
  const runs = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).runAsync(image));
  for (const outputs of await Promise.all(runs)) expect(bitsOf(outputs)).toEqual(expected);
});

test('runAsync leaves the event loop free', async () => {
  const { graph, weights, images } = slow(8);
  using session = await compile(graph, weights, { threads: 2 });
  let turns = 0;
  const count = setInterval(() => turns++);
  await session.runAsync(images);
  clearInterval(count);
  expect(turns).toBeGreaterThan(0);
});

test('where waiting is forbidden, as in the main thread of a browser, run points at runAsync, which works', async () => {
  using session = await compile(small, weights, { threads: 2 });
  const expected = bitsOf(session.run(image));
  vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    throw new TypeError('Atomics.wait cannot be called in this context');
  });
  expect(() => session.run(image)).toThrow(/use runAsync/);
  expect(bitsOf(await session.runAsync(image))).toEqual(expected);
});

describe('workers are chosen by the runtime', () => {
  class WebWorker {
    static started = 0;
    constructor() {
      WebWorker.started++;
    }
    addEventListener(): void {}
    terminate(): void {}
  }
  /** What is there besides is the real process's: Node's own code, which runs meanwhile, asks the global one for it. */
  const started = async (process: object): Promise<number> => {
    const own = new Map<PropertyKey, unknown>(Reflect.ownKeys(process).map((key) => [key, process[key as never]]));
    const real = globalThis.process;
    vi.stubGlobal('process', new Proxy(real, { get: (_, key) => (own.has(key) ? own.get(key) : Reflect.get(real, key)) }));
    WebWorker.started = 0;
    (await startThread({ message: () => {}, ended: () => {} })).terminate();
    return WebWorker.started;
  };
  const nodes = { [Symbol.toStringTag]: 'process' };

  test("not by a global Worker: onnxruntime-web's first session makes one in Node", async () => {
    vi.stubGlobal('Worker', WebWorker);
    using session = await compile(small, weights, { threads: 2 });
    expect(session.run(image).size).toBe(1);
    expect(WebWorker.started).toBe(0);
  });

  test("Node's, but in pages, with a bundler's process or with Electron's", async () => {
    vi.stubGlobal('Worker', WebWorker);
    expect(await started({ ...nodes, versions: { node: '20.0.0' } })).toBe(0);
    expect(await started({ ...nodes, versions: { node: '20.0.0', electron: '30.0.0' }, type: 'browser' })).toBe(0);
    expect(await started({ ...nodes, versions: { node: '20.0.0', electron: '30.0.0' }, type: 'renderer' })).toBe(1);
    expect(await started({ [Symbol.toStringTag]: 'Object', versions: { node: '20.0.0' } })).toBe(1);
    expect(await started({ ...nodes, versions: {} })).toBe(1);
  });
});

describe('after a start that failed no worker is left', () => {
  const exits = (workers: readonly Worker[]) =>
    Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));

  test('for one that could not be told its job', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(() => {
      throw new Error('no message today');
    });
    await expect(compile(small, weights, { threads: 3 })).rejects.toThrow(/^3 threads did not start: thread \d: no message today$/);
    await vi.waitUntil(() => new Set(terminate.mock.contexts).size === 3, { timeout: 30_000 });
    await Promise.all(terminate.mock.results.map(({ value }) => value)); // until then a late 'listening' of theirs is answered
  });

  test('for ones whose script is not there', async () => {
    const root = fileURLToPath(new URL('../../dist/', import.meta.url));
    const lacking = await mkdtemp(join(root, 'lacking-'));
    try {
      await cp(join(root, 'src'), lacking, { recursive: true, filter: (file) => !file.endsWith('worker.js') });
      const package_: { readonly compile: typeof compile } = await import(pathToFileURL(join(lacking, 'index.js')).href);
      const started = package_.compile(small, weights, { threads: 2 });
      await expect(started).rejects.toThrow(/^2 threads did not start: thread \d: Cannot find module .*worker\.js/);
      await expect(started).rejects.toMatchObject({ name: UnsupportedError.name });
    } finally {
      await rm(lacking, { recursive: true });
    }
  });

  test('for workers that never answer', async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = expect(compile(small, weights, { threads: 2, tile: '4x8' })).rejects.toThrow(
      /^2 threads did not start: no answer in 60 s$/,
    );
    await vi.waitUntil(() => post.mock.contexts.length === 2, { timeout: 30_000 });
    const ended = exits(post.mock.contexts as Worker[]);
    vi.advanceTimersByTime(60_000);
    await refused;
    expect(await ended).toHaveLength(2);
  });
});

describe('a crash is an error, not a hang', () => {
  /** The last step's result goes where there is no memory. */
  const poisoned = ({ steps, ...plan }: Plan): Plan => {
    const y: Arg = -64;
    return { ...plan, steps: steps.map((step, i) => (i === steps.length - 1 ? { ...step, args: { ...step.args, y } } : step)) };
  };

  test.each([2, 3])('in a kernel, on %i threads', async (threads) => {
    const plan = poisoned(planOf(small, { kernels: 'strict', threads }));
    for (const how of ['run', 'runAsync'] as const) {
      using session = new CompiledSession(plan, 'strict', await instantiate(plan, weights, 'strict'));
      const attempt = async () => session[how](image);
      await expect(attempt()).rejects.toThrow(/^this session has crashed: thread \d: memory access out of bounds$/);
      await expect(session.runAsync(image)).rejects.toMatchObject({ name: PlanError.name });
      expect(() => session.run(image)).toThrow(/has crashed/);
    }
  });

  test('of a worker that is killed, during a run or between runs', async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage');
    const long = slow(64);
    using session = await compile(long.graph, long.weights, { threads: 2 });
    using other = await compile(small, weights, { threads: 2 });
    const [, second, third] = post.mock.contexts as Worker[];

    const run = session.runAsync(long.images);
    second?.terminate();
    await expect(run).rejects.toThrow(/^this session has crashed: thread \d: exit code 1$/);

    await third?.terminate();
    expect(() => other.run(image)).toThrow(/^this session has crashed: thread \d: exit code 1$/);
  });
});

test('disposal rejects the run under way and ends the workers', async () => {
  const post = vi.spyOn(Worker.prototype, 'postMessage');
  const session = await compile(small, weights, { threads: 2 });
  const ends = (post.mock.contexts as Worker[]).map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
  const run = session.runAsync(image);
  const rejected = expect(run).rejects.toThrow(/disposed/);
  await Promise.resolve(); // the run begins
  session.dispose();
  await rejected;
  expect(await Promise.all(ends)).toHaveLength(2);
  expect(() => session.run(image)).toThrow(new PlanError('this session is disposed').message);
});

test.each(['session.dispose();', '/* a session that is forgotten */'])('a process ends by itself after: %s', async (last) => {
  const program = `
    import { compile, createModel, syntheticTensor, syntheticWeights } from ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).href)};
    const graph = createModel('seresnet20_cifar10');
    const session = await compile(graph, syntheticWeights(graph, { seed: 1, gain: 1 }), { threads: 3 });
    const image = syntheticTensor('input', [1, 3, 32, 32], 1);
    session.run(image);
    await session.runAsync(image);
    ${last}
    console.log('end');`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const outcome = await new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', program], { cwd }, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
  });
  expect(outcome).toEqual({ error: null, stdout: 'end\n', stderr: '' });
});

describe('memory is flat', () => {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  const side = long ? 128 : 256; // an arena of some 3 or 9 MiB: what is leaked of fewer sessions must weigh more
  const graph = single('relu', [1, 16, side, side], {});
  const input = seeded([1, 16, side, side], 1);
  const usedMiB = async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // workers that were ended are gone
    collect();
    return process.memoryUsage().rss / 2 ** 20;
  };

  const sessions = long ? 200 : 15;
  test.each([1, 2])(`over ${sessions} sessions of %i threads`, { timeout: 240_000 }, async (threads) => {
    const session = async () => {
      using own = await compile(graph, new Map(), { threads, kernels: 'strict', tile: '4x8' });
      own.run(input);
    };
    for (let i = 0; i < sessions / 5; i++) await session();
    const before = await usedMiB();
    for (let i = sessions / 5; i < sessions; i++) await session();
    expect(await usedMiB()).toBeLessThan(before + 80); // leaked, their arenas alone would be 108 or more; a worker is some 9
  });

  const runs = long ? 1000 : 50;
  test(`over ${runs.toLocaleString('en')} runs`, async () => {
    using session = await compile(graph, new Map(), { threads: 2, kernels: 'strict', tile: '4x8' });
    for (let i = 0; i < runs / 10; i++) await session.runAsync(input);
    const before = await usedMiB();
    for (let i = 0; i < runs / 2; i++) session.run(input);
    for (let i = 0; i < runs / 2; i++) await session.runAsync(input);
    expect(await usedMiB()).toBeLessThan(before + 80); // outputs kept would be 160 or more
  });
});

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bounded, bounds } from '../../src/bound/bound.js';
import { evaluate } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import type { CompileOptions } from '../../src/wasm/options.js';
import { expectWithin } from '../support/expectWithin.js';
import { openPages, type Pages, type Place } from './pages.js';

interface Network {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly image: Tensor;
}
interface Outcome {
  readonly logits: readonly number[];
  readonly turns: number;
  readonly threads: number;
  readonly threadsNote: string | undefined;
}
type Options = Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads' | 'tile'>;

/** The same functions in this process. */
const node = (await import(new URL('inPage.js', import.meta.url).href)) as {
  network(name: string): Network;
  run(name: string, options: Options): Promise<readonly number[]>;
  decode(picture: string): Promise<readonly number[]>;
};

let pages: Pages;
beforeAll(async () => {
  pages = await openPages();
}, 60_000);
afterAll(() => pages?.close());

const direct = (kernels: 'strict' | 'relaxed', threads: number): Options => ({ kernels, algorithms: 'direct', threads });
const places: readonly Place[] = ['page', 'bundle', 'worker'];

describe.each(places)('in the %s', (place) => {
  test.each(['direct', 'fast'] as const)('strict kernels give the bits that they give in Node (%s)', async (algorithms) => {
    // one tile in both: which algorithms are fast depends on it
    const options: Options = { kernels: 'strict', algorithms, threads: 1, tile: '4x8' };
    expect(await pages.call(place, 'run', 'resnet18', options)).toEqual(await node.run('resnet18', options));
  });

  test.each(['444.jpg', 'cmyk.jpg', 'rgb8.png', 'lossy.webp'])('%s has the pixels that it has in Node', async (name) => {
    const picture = await readFile(new URL(`../fixtures/preprocess/files/${name}`, import.meta.url), 'base64');
    expect(await pages.call(place, 'decode', picture)).toEqual(await node.decode(picture));
  });

  test('relaxed kernels stay within the error bound', async () => {
    const { graph, weights, image } = node.network('small');
    const exact = evaluate(graph, bounds(weights, { input: image })).get('logits') as Bounded;
    const logits = await pages.call<readonly number[]>(place, 'run', 'small', direct('relaxed', 1));
    expectWithin(tensor(exact.value.shape, logits), exact, 'relaxed');
  });

  test('products of bytes are exact integers in the first call as in the hot ones', { timeout: 120_000 }, async () => {
    expect(await pages.call(place, 'firstCalls')).toBe('all exact');
  });

  test.each(['strict', 'relaxed'] as const)('two threads give the bits of one, and leave the event loop free (%s)', async (kernels) => {
    const two = await pages.call<Outcome>(place, 'runAsync', 'resnet18', direct(kernels, 2));
    expect(two).toMatchObject({ threads: 2, threadsNote: undefined });
    expect(two.turns).toBeGreaterThan(0);
    const one = await pages.call<Outcome>(place, 'runAsync', 'resnet18', direct(kernels, 1));
    expect(one.logits).toEqual(two.logits);
    expect(one.turns).toBeGreaterThan(0);
  });
});

describe.each(['page', 'bundle'] as const)('on the main thread of the %s, which may not wait', (place) => {
  test('run of two threads points at runAsync, which works all the same', async () => {
    const { thrown, logits } = await pages.call<Outcome & { thrown: unknown }>(place, 'runInVain', 'small', direct('strict', 2));
    const message = 'run would wait for its threads, which the main thread of a browser may not: use runAsync, or one thread';
    expect(thrown).toEqual({ kind: 'UnsupportedError', message });
    expect(logits).toEqual(await node.run('small', direct('strict', 1)));
  });

  test('dispose rejects the run under way and ends the workers', async () => {
    const ended: Promise<unknown>[] = [];
    const bothStarted = new Promise<void>((resolve) => {
      pages.page.on('worker', (worker) => {
        if (ended.push(worker.waitForEvent('close')) === 2) resolve();
      });
    });
    await pages.call(place, 'leave', 'small', direct('strict', 2));
    await bothStarted;
    pages.page.removeAllListeners('worker');
    expect(await pages.call(place, 'disposeOfLeft')).toEqual({ kind: 'PlanError', message: 'this session is disposed' });
    expect(await Promise.all(ended)).toHaveLength(2);
  });
});

test('in a worker, which may wait, run works on two threads', async () => {
  expect(await pages.call('worker', 'run', 'small', direct('strict', 2))).toEqual(await node.run('small', direct('strict', 1)));
});

test('without cross-origin isolation there is one thread, and a note that says which headers are missing', async () => {
  const { threads, threadsNote, logits } = await pages.callUnisolated<Outcome>('runAsync', 'small', direct('strict', 2));
  expect(threads).toBe(1);
  expect(threadsNote).toContain('Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp');
  expect(logits).toEqual(await node.run('small', direct('strict', 1)));
});

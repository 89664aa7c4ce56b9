import { expect, test } from 'vitest';
import { Queue } from '../../serve/src/models/queue.js';
import { Request } from '../../serve/src/models/request.js';

const request = (id: number): Request =>
  new Request(id, { image: new Float32Array(1) }, { signal: new AbortController().signal }, () => {});
const ids = (requests: readonly Request[]): readonly number[] => requests.map(({ id }) => id);

test('requests leave in their order, a batch at a time; those that were interrupted first, each by itself', () => {
  const queue = new Queue();
  const [a, b, c, d] = [1, 2, 3, 4].map(request) as [Request, Request, Request, Request];
  for (const one of [a, b, c]) queue.add(one);
  expect([queue.size, queue.isAgain, queue.oldest]).toEqual([3, false, a.since]);
  expect(ids(queue.take(2))).toEqual([1, 2]);
  queue.addAgain(a);
  queue.addAgain(b);
  queue.add(d);
  expect([queue.size, queue.isAgain, queue.oldest]).toEqual([4, true, a.since]);
  expect(ids(queue.take(4))).toEqual([1]);
  expect([queue.remove(b), queue.remove(b)]).toEqual([true, false]);
  expect(ids(queue.requests())).toEqual([3, 4]);
  expect(ids(queue.take(4))).toEqual([3, 4]);
  expect([queue.size, queue.oldest, ids(queue.take(4))]).toEqual([0, undefined, []]);
});

test('a request ends once, and tells so once', async () => {
  const ends: number[] = [];
  const controller = new AbortController();
  const one = new Request(7, { image: new Float32Array(1) }, { signal: controller.signal }, ({ id }) => ends.push(id));
  const answer = {
    logits: Float32Array.of(1),
    gates: new Map(),
    labels: undefined,
    timing: { wait: 1, prepare: 2, run: 3, images: 1, worker: 4 },
  };
  one.succeed(answer);
  one.fail(new Error('too late to fail'));
  controller.abort();
  expect(await one.answer).toBe(answer);
  expect(ends).toEqual([7]);
});

test('a deadline further off than timers count does not end a request at once', async () => {
  const controller = new AbortController();
  const one = new Request(
    1,
    { image: new Float32Array(1) },
    { signal: controller.signal, deadline: performance.now() + 2 ** 40 },
    () => {},
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(one.ended).toBe(false);
  controller.abort('over');
  await expect(one.answer).rejects.toBe('over');
});

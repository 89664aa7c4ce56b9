import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import { RefusedError } from '../../serve/src/models/model.js';
import { classify, counted, type Expected, expectedOf, hosted, isAlive, patient, pictures, rightFor, sameBits, until } from './hosted.js';

let expected: readonly Expected[];
beforeAll(async () => {
  expected = await expectedOf();
});

const refusal = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

test('many at once have the bits that the library alone gives, each of its own picture', async () => {
  await using served = await hosted({ workers: 2, maxBatch: 4 });
  const { model } = served;
  expect(model).toMatchObject({ name: 'cifar', input: [3, 32, 32], classes: 10, ready: true });
  await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const which = i % pictures.length;
      const { image, gates } = expected[which] as Expected;
      const withGates = i % 3 === 0;
      const answer = i % 5 === 0 ? await model.infer(image, patient()) : await classify(model, which, { gates: withGates });
      expect(rightFor(answer, expected)).toEqual([which]);
      expect(answer.labels?.[3]).toBe('cat');
      expect([...answer.gates.keys()]).toEqual(withGates && i % 5 !== 0 ? [...gates.keys()] : []);
      for (const [name, values] of answer.gates) expect(sameBits(values, gates.get(name) as Float32Array)).toBe(true);
    }),
  );
  expect(await counted(served.metrics, 'senet_queue_wait_seconds_count{model="cifar"} ')).toBe(60);
  expect(await counted(served.metrics, 'senet_queue_depth{model="cifar"} ')).toBe(0);
});

test('what is not usable is an InputError, and the next request is answered', async () => {
  await using served = await hosted({ maxPixels: 451 * 300 });
  const { model } = served;
  const image = new Float32Array(3 * 32 * 32);
  const wrong: readonly (readonly [Promise<unknown>, RegExp])[] = [
    [model.infer(image.subarray(1), patient()), /expected an image of 3 × 32 × 32 = 3072 numbers, found 3071/],
    [model.infer(image.with(7, Number.NaN), patient()), /finite numbers, found NaN at 7/],
    [
      model.infer(
        image.map(() => 3e38),
        patient(),
      ),
      /outputs for the image are not finite/,
    ],
    [model.classify(new Uint8Array(), { ...patient(), gates: false }), /found an empty file/],
    [model.classify((pictures[0] as Uint8Array).subarray(0, 500), { ...patient(), gates: true }), /PNG is truncated/],
    [classify(model, 1), /at most 135300 pixels, found 240000/], // coffee.png
  ];
  for (const [answer, message] of wrong)
    await expect(answer).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(message) });
  expect(rightFor(await classify(model, 0), expected)).toEqual([0]); // chelsea.png has just as many pixels as may be
});

test('beyond the queue requests are refused; those within it are answered', async () => {
  await using served = await hosted({ maxQueue: 2 });
  const [worker] = served.workers() as [number];
  process.kill(worker, 'SIGSTOP');
  const accepted = [0, 1, 2, 3].map((which) => classify(served.model, which)); // two at the worker, two in the queue
  const refused = await refusal(classify(served.model, 0));
  expect(refused).toBeInstanceOf(RefusedError);
  expect(refused).toMatchObject({ reason: 'full', retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds >= 1) });
  expect(await counted(served.metrics, 'senet_queue_depth{model="cifar"} ')).toBe(2);
  process.kill(worker, 'SIGCONT');
  for (const [which, answer] of accepted.entries()) expect(rightFor(await answer, expected)).toEqual([which]);
  expect(await counted(served.metrics, 'senet_shed_total{model="cifar",reason="full"} ')).toBe(1);
});

test('what nobody waits for any more leaves the queue and its worker, and leaks into no other answer', async () => {
  await using served = await hosted();
  const [worker] = served.workers() as [number];
  process.kill(worker, 'SIGSTOP');
  const begun = performance.now();
  const late = Array.from({ length: 4 }, (_, which) => refusal(classify(served.model, which, { deadline: begun + 100 })));
  const controller = new AbortController();
  const aborted = [0, 1].map((which) => refusal(classify(served.model, which, { signal: controller.signal })));
  const reason = new Error('the client went away');
  controller.abort(reason);
  for (const one of aborted) expect(await one).toBe(reason);
  for (const one of late) expect(await one).toMatchObject({ name: 'RefusedError', reason: 'deadline' });
  expect(await counted(served.metrics, 'senet_queue_depth{model="cifar"} ')).toBe(0);
  process.kill(worker, 'SIGCONT');
  const answers = [3, 2, 1, 0].map(async (which) => rightFor(await classify(served.model, which), expected));
  expect(await Promise.all(answers)).toEqual([[3], [2], [1], [0]]);
  expect(await refusal(classify(served.model, 0, { deadline: performance.now() }))).toMatchObject({ reason: 'deadline' });
  expect(await refusal(classify(served.model, 0, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(served.workers()).toEqual([worker]);
});

describe('workers', () => {
  test('that are killed under load are replaced: every answer is right, or a refusal', async () => {
    await using served = await hosted({ workers: 2, maxBatch: 4 });
    const kills = 5;
    const found = { right: 0, unavailable: 0 };
    let over = false;
    const clients = Array.from({ length: 6 }, async (_, client) => {
      for (let i = client; !over; i++) {
        const which = i % pictures.length;
        try {
          expect(rightFor(await classify(served.model, which, { gates: i % 7 === 0 }), expected)).toEqual([which]);
          found.right++;
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error;
          expect(error.reason).toBe('unavailable');
          found.unavailable++;
        }
      }
    });
    for (let killed = 0; killed < kills; killed++) {
      await until(() => served.workers().length > 0);
      process.kill(served.workers()[killed % served.workers().length] as number, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await until(() => served.workers().length === 2);
    over = true;
    await Promise.all(clients);
    expect(found.right).toBeGreaterThan(0);
    expect(await counted(served.metrics, 'senet_worker_restarts_total{model="cifar"} ')).toBe(kills);
    expect(await counted(served.metrics, 'senet_shed_total{model="cifar",reason="unavailable"} ')).toBe(found.unavailable);
  });

  test('that stall are replaced, and the requests they had are answered', async () => {
    await using served = await hosted({ stallMs: 2000 });
    const [worker] = served.workers() as [number];
    process.kill(worker, 'SIGSTOP');
    const answers = [0, 1, 2].map((which) => classify(served.model, which));
    for (const [which, answer] of answers.entries()) expect(rightFor(await answer, expected)).toEqual([which]);
    expect(served.workers()).not.toContain(worker);
    expect(isAlive(worker)).toBe(false);
  });

  test('that crash over a request twice leave it unanswered, and answer the next', async () => {
    await using served = await hosted();
    const [worker] = served.workers() as [number];
    process.kill(worker, 'SIGSTOP');
    const answer = refusal(classify(served.model, 0));
    served.onReady = (pid) => process.kill(pid, 'SIGKILL');
    process.kill(worker, 'SIGKILL');
    expect(await answer).toMatchObject({ name: 'RefusedError', reason: 'unavailable' });
    served.onReady = () => {};
    expect(rightFor(await classify(served.model, 1), expected)).toEqual([1]);
  });
});

describe('drain', () => {
  test('answers what was accepted, refuses the rest, and ends the workers', async () => {
    await using served = await hosted({ workers: 2 });
    const workers = served.workers();
    const accepted = Array.from({ length: 12 }, (_, i) => classify(served.model, i % 4));
    const drained = served.host.drain(60_000);
    expect(await refusal(classify(served.model, 0))).toMatchObject({ reason: 'stopping' });
    expect(served.model.ready).toBe(false);
    for (const [i, answer] of accepted.entries()) expect(rightFor(await answer, expected)).toEqual([i % 4]);
    await drained;
    expect(workers.map(isAlive)).toEqual([false, false]);
    expect(await refusal(served.host.reload('cifar'))).toMatchObject({ reason: 'stopping' });
  });

  test('refuses what is not answered in time', async () => {
    await using served = await hosted();
    const [worker] = served.workers() as [number];
    process.kill(worker, 'SIGSTOP');
    const answers = [0, 1, 2, 3].map((which) => refusal(classify(served.model, which)));
    await served.host.drain(100);
    for (const answer of answers) expect(await answer).toMatchObject({ reason: 'stopping' });
    expect(isAlive(worker)).toBe(false);
  });
});

test('nothing of a request is kept once it was answered', async () => {
  await using served = await hosted();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept: WeakRef<object>[] = [];
  for (let i = 0; i < 1000; i++) {
    const which = i % pictures.length;
    const image = (expected[which] as Expected).image.slice();
    const options = patient();
    const answer = await served.model.infer(image, options);
    expect(rightFor(answer, expected)).toEqual([which]);
    kept.push(new WeakRef(image), new WeakRef(answer), new WeakRef(answer.logits), new WeakRef(options.signal));
  }
  // what a stack or a cache still holds goes with a later turn; what is kept for good never does, and the test's limit tells
  await until(() => {
    collect();
    return kept.every((one) => one.deref() === undefined);
  });
}, 120_000);

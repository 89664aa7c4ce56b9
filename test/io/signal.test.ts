import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { abortable, onAbort } from '../../src/io/signal.js';

test('a signal is heard by all who ask, once, but for those who no longer do', () => {
  const controller = new AbortController();
  const heard: number[] = [];
  const ends = Array.from({ length: 5 }, (_, i) => onAbort(controller.signal, () => heard.push(i)));
  ends[1]?.();
  controller.abort();
  controller.abort();
  expect(heard).toEqual([0, 2, 3, 4]);
});

test('what is aborted rejects at once with the reason, and what ends first stays', async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve(7), signal)).toBe(7);
  const reason = new Error('enough');
  await expect(abortable(new Promise(() => {}), AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test('one signal for many calls is no leak to Node.js', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', note);
  const controller = new AbortController();
  const waiting = Array.from({ length: 50 }, () => abortable(new Promise(() => {}), controller.signal));
  await setImmediate();
  process.off('warning', note);
  controller.abort();
  expect((await Promise.allSettled(waiting)).every(({ status }) => status === 'rejected')).toBe(true);
  expect(warnings).toEqual([]);
});

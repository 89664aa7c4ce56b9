import { Worker } from 'node:worker_threads';
import { InputError, UnsupportedError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import type { BatchMaker } from './batch.js';
import type { StoredImages } from './imageSet.js';

/** What a worker answers, in the order in which it was asked. */
export type PrefetchAnswer = { readonly batch: Tensor } | { readonly refused: string } | { readonly failed: string };

interface Waiting {
  resolve(batch: Tensor): void;
  reject(error: Error): void;
}

/** Makes batches in a worker. It keeps the process alive only while a batch is awaited, and ends when disposed of. */
export function workerMaker(stored: StoredImages): Disposable & { readonly make: BatchMaker } {
  const waiting: Waiting[] = [];
  let over: Error | undefined;
  const end = (reason: Error): void => {
    over ??= reason;
    for (const { reject } of waiting.splice(0)) reject(over);
  };

  // without the process's own arguments, some of which workers refuse
  const worker = new Worker(new URL('./prefetchWorker.js', import.meta.url), { workerData: stored, execArgv: [] });
  worker.unref();
  worker.on('message', (answer: PrefetchAnswer) => {
    const asked = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if ('batch' in answer) asked?.resolve(answer.batch);
    else if ('refused' in answer) asked?.reject(new InputError(answer.refused));
    else asked?.reject(new Error(answer.failed));
  });
  worker.on('error', ({ message }) => end(new UnsupportedError(`the worker that reads images has crashed: ${message}`)));
  worker.on('messageerror', ({ message }) =>
    end(new UnsupportedError(`the worker that reads images sent what cannot be read: ${message}`)),
  );
  worker.on('exit', (code) => end(new UnsupportedError(`the worker that reads images has ended with exit code ${code}`)));
  return {
    make: (job) =>
      new Promise((resolve, reject) => {
        if (over) return reject(over);
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(job);
      }),
    [Symbol.dispose]: () => {
      end(new UnsupportedError('the reader of images was closed before this batch was made'));
      void worker.terminate();
    },
  };
}

import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../errors.js';
import { type BatchJob, batchMaker } from './batch.js';
import type { StoredImages } from './imageSet.js';
import type { PrefetchAnswer } from './prefetch.js';

/** The worker's own program: one batch after another, in the order of the jobs. */
const make = batchMaker(workerData as StoredImages);
const answer = (message: PrefetchAnswer, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer);

async function work(job: BatchJob): Promise<void> {
  try {
    const batch = await make(job);
    answer({ batch }, [batch.data.buffer as ArrayBuffer]);
  } catch (error) {
    if (error instanceof InputError) answer({ refused: error.message });
    else answer({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

let last = Promise.resolve();
parentPort?.on('message', (job: BatchJob) => {
  last = last.then(() => work(job));
});

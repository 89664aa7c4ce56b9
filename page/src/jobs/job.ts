import type { EngineTiming } from '#senet/measure/bench.js';
import type { Judged } from '#senet/verify/judge.js';

/** What the page has done in a worker of its own: it takes minutes, and the network on the page must not wait for it. */
export type Job =
  | { readonly kind: 'verify' }
  | { readonly kind: 'bench'; readonly models: readonly string[]; readonly rounds: number; readonly tfjs: boolean };

/** A conformance vector, run here. */
export interface Verified extends Judged {
  readonly limit: number;
  /** Whether the strict kernels' logits have the bits that they have in Node; undefined where none are recorded. */
  readonly sameBits: boolean | undefined;
}

export type Heard =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'verified'; readonly row: Verified }
  | { readonly kind: 'timed'; readonly rows: readonly EngineTiming[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done' };

/** Begins a job. @returns what ends it at once */
export function begin(job: Job, hear: (heard: Heard) => void): () => void {
  const worker = new Worker(new URL('./jobWorker.ts', import.meta.url), { type: 'module', name: job.kind });
  const end = (): void => worker.terminate();
  worker.onmessage = ({ data }: MessageEvent<Heard>) => {
    if (data.kind === 'done' || data.kind === 'failed') end();
    hear(data);
  };
  worker.onerror = ({ message }) => {
    end();
    hear({ kind: 'failed', message: message || 'the worker of this job could not be loaded' });
  };
  worker.postMessage(job);
  return end;
}

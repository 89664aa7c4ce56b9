import { timed } from './bench.js';
import type { Heard, Job } from './job.js';
import { verified } from './verify.js';

/** The worker of a job: it does one, and is ended by the page. */
const tell = (heard: Heard): void => self.postMessage(heard);
const progress = (text: string): void => tell({ kind: 'progress', text });

self.onmessage = async ({ data: job }: MessageEvent<Job>) => {
  try {
    if (job.kind === 'verify') for await (const row of verified(progress)) tell({ kind: 'verified', row });
    else for await (const rows of timed(job, progress)) tell({ kind: 'timed', rows });
    tell({ kind: 'done' });
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};

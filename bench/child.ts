import { bench } from '../src/measure/bench.js';
import { presentBuilds } from '../src/measure/engines.js';
import { findModel } from '../src/models/index.js';
import { enableRelaxed } from '../src/node/engine.js';
import { note } from '../src/node/output.js';
import { version } from '../src/node/package.js';
import { shippedLogits } from '../src/node/truth.js';
import type { Job } from './jobs.js';
import { benchNative } from './native.js';
import { benchPage } from './page.js';

/** What a process of the bench is told, as JSON in its only argument. */
export interface Task extends Pick<Job, 'kind' | 'threads' | 'builds' | 'against'> {
  readonly model: string;
  readonly batch: number;
  readonly rounds: number;
}

// runs in Node, Deno and Bun; prints the rows as JSON
const { model, kind, threads, builds, against, batch, rounds } = JSON.parse(process.argv[2] ?? '') as Task;
enableRelaxed();
const present = presentBuilds(); // the fastest last
const { id } = findModel(model);
const kinds = {
  native: () => benchNative(id, { batch, rounds }),
  page: () => benchPage(id, { batch, rounds }),
  wasm: async () => {
    const rows = await bench(id, {
      batch,
      rounds,
      against,
      threads,
      builds: builds === 'all' ? present : present.slice(-1),
      algorithms: ['direct', 'fast'],
      withoutSe: true,
      version,
      truthOf: shippedLogits,
      progress: note,
    });
    return threads.length === 1 ? rows : rows.filter((row) => row.threads !== threads[0]);
  },
};
const rows = await kinds[kind]();
process.stdout.write(`${JSON.stringify(rows)}\n`, () => process.exit());

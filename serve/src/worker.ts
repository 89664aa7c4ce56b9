#!/usr/bin/env node
import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import { InputError, SenetError } from 'senet';
import { startWorker, type WorkerOptions } from './queue/worker.js';

const usage = `senet-worker --queue redis://HOST:PORT [--images PLACE] [--weights PLACE] [--threads N] [--once]

Classifies for \`senet evaluate FOLDER --queue redis://HOST:PORT\`, on any number of machines.

  --queue URL       the Redis that the evaluation names
  --images PLACE    where the evaluation's images lie: a folder, or its http address (default: the current folder)
  --weights PLACE   a file of weights, a folder of them, or its http address (default: what ships with senet)
  --threads N       threads that share each step (default: 1)
  --once            end when the queue is empty
  --help            this text

Shards that are begun, done and failed are lines of JSON on stdout. SIGTERM and Ctrl-C end it after the shard that it is at; a second ends it at once.
`;

/** @throws InputError for flags that are none; undefined for --help */
function readFlags(): Omit<WorkerOptions, 'log'> | undefined {
  const { values } = parsed();
  const { queue, images, weights, threads, once, help } = values;
  if (help) return undefined;
  if (queue === undefined) throw new InputError('expected --queue redis://HOST:PORT');
  const count = Number(threads);
  if (!/^\d+$/.test(threads) || !Number.isSafeInteger(count) || count < 1)
    throw new InputError(`--threads: expected a whole number above 0, found ${threads}`);
  return { url: queue, images, weights, threads: count, once };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        queue: { type: 'string' },
        images: { type: 'string', default: '.' },
        weights: { type: 'string' },
        threads: { type: 'string', default: '1' },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new InputError((cause as Error).message, { cause });
  }
}

async function main(): Promise<void> {
  const flags = readFlags();
  if (flags === undefined) return void process.stdout.write(usage);
  if (process.versions.node.startsWith('20.')) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  const worker = await startWorker({ ...flags, log: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`) });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, worker.stop);
  await worker.ended;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SenetError)) throw error;
  process.stderr.write(`senet-worker: ${error.message}\n`);
  process.exitCode = 2;
}

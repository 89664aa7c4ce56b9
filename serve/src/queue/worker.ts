import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import { InputError, SenetError, UnsupportedError, WeightsError } from 'senet';
import type { QueuedAnswer } from 'senet/node';
import { readImage } from './images.js';
import { type Answerer, openNetworks } from './networks.js';
import { connectRedis } from './redis.js';
import { answersOf, keptSeconds, queueName, readShard, type Shard } from './shard.js';

const { version } = createRequire(import.meta.url)('senet/package.json') as { readonly version: string };

/** A worker that says nothing for so long is taken for dead: another takes its shard. It says something twice as often, between images. */
const silentMs = 10_000;
const lookMs = 5000;

/** A shard that so many workers died over is not given to the next. */
const mostDeaths = 10;

const idleMs = 500;

export interface WorkerOptions {
  /** `redis://HOST:PORT` */
  readonly url: string;
  /** The folder of the images, or its http address. */
  readonly images: string;
  /** A file of weights, a folder of them, or its http address. */
  readonly weights: string | undefined;
  readonly threads: number;
  /** End when the queue is empty. */
  readonly once: boolean;
  /** Told what becomes of each shard. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
}

export interface ShardWorker {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Ends after the shard that it is at. */
  stop(): void;
}

/** Takes shards and answers them, one at a time. @throws InputError where no Redis answers */
export async function startWorker(options: WorkerOptions): Promise<ShardWorker> {
  const { url, threads, once, log, ...places } = options;
  const redis = await connectRedis(url);
  const networks = lastOpened(places.weights, threads);

  async function work(job: Job<unknown>): Promise<void> {
    const start = performance.now();
    const shard = readShard(job.data);
    log({ event: 'started', shard: job.id });
    const answerer = await networks.of(shard);
    const answers: QueuedAnswer[] = [];
    for (const image of shard.images) answers.push(await answer(answerer, places.images, image));
    const stream = answersOf(shard.key);
    await redis.xadd(stream, '*', 'shard', job.id as string, 'answers', JSON.stringify(answers));
    await redis.expire(stream, keptSeconds);
    log({ event: 'done', shard: job.id, images: answers.length, seconds: (performance.now() - start) / 1000 });
  }
  const worker = new Worker(queueName, (job) => work(job).catch((error: unknown) => Promise.reject(told(error))), {
    connection: redis,
    lockDuration: silentMs,
    stalledInterval: lookMs,
    maxStalledCount: mostDeaths,
    drainDelay: 1,
  });
  worker.on('error', () => undefined); // said by the connection
  worker.on('failed', (job, error) => log({ event: 'failed', shard: job?.id, error: error.message }));

  const queue = new Queue(queueName, { connection: redis });
  queue.on('error', () => undefined);
  let stopping = false;
  const isEmpty = async (): Promise<boolean> =>
    Object.values(await queue.getJobCounts('waiting', 'delayed', 'active')).every((count) => count === 0);
  async function untilEnd(): Promise<void> {
    while (!stopping && !(once && (await isEmpty()))) await new Promise((resolve) => setTimeout(resolve, idleMs));
    await worker.close();
    await queue.close();
    networks.dispose();
    redis.disconnect();
  }
  return {
    ended: untilEnd(),
    stop: () => {
      stopping = true;
    },
  };
}

/** @throws what `readImage` throws; WeightsError. What is wrong with the picture itself is an answer, as it is to one process. */
async function answer(answerer: Answerer, folder: string, image: Shard['images'][0]): Promise<QueuedAnswer> {
  const { index, file } = image;
  const bytes = await readImage(folder, image);
  try {
    const { top } = await answerer.classify(bytes, { file });
    return { index, top: top.map((one) => one.index) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { index, error: error.message };
  }
}

/** Whose fault it is, for the coordinator. What another worker would do no better is not tried again. */
function told(error: unknown): Error {
  const { message } = error as Error;
  if (error instanceof WeightsError) return new UnrecoverableError(`${hostname()}: ${message}`);
  return error instanceof SenetError ? new InputError(`${hostname()}: ${message}`, { cause: error }) : (error as Error);
}

/** The networks of the last evaluation, which are likely the next shard's. */
function lastOpened(place: string | undefined, threads: number): { of(shard: Shard): Promise<Answerer>; dispose(): void } {
  let open: { readonly key: string; readonly answerer: Answerer } | undefined;
  const dispose = (): void => {
    open?.answerer.dispose();
    open = undefined;
  };
  return {
    async of(shard) {
      if (shard.version !== version) throw new UnsupportedError(`expected a worker of senet ${shard.version}, found ${version}`);
      if (open?.key === shard.key) return open.answerer;
      dispose();
      const answerer = await openNetworks(shard, place, threads);
      open = { key: shard.key, answerer };
      return answerer;
    },
    dispose,
  };
}

import { Queue } from 'bullmq';
import { InputError } from 'senet';
import type { QueuedAnswer, QueuedEvaluation, QueuedRun } from 'senet/node';
import { answerStream } from './answers.js';
import { connectRedis, secondTo } from './redis.js';
import { answersOf, keptSeconds, queueName, type Shard } from './shard.js';
import { keyOf, type NamedShard, shardsOf, shardText } from './shards.js';

/** A shard is tried so often, by whichever workers are free; 0.5, 1, 2 and 4 s lie between. */
const attempts = 5;
const firstDelayMs = 500;

/** Shards that are enqueued, or looked after, at once. */
const atOnce = 200;

/** How long a read waits for answers, and how often shards are looked after meanwhile. */
const waitMs = 500;
const lookMs = 2000;

/**
 * An evaluation on the queue. Redis keeps what is done under the evaluation's key, so a coordinator that died is followed by one that is given the same.
 *
 * @throws InputError where no Redis answers, and for answers that are none
 */
export async function openRun(url: string, evaluation: QueuedEvaluation): Promise<QueuedRun> {
  const redis = await connectRedis(url);
  const blocking = secondTo(redis);
  const queue = new Queue<Shard>(queueName, { connection: redis });
  queue.on('error', () => undefined); // said by the connection
  const close = async (): Promise<void> => {
    await queue.close();
    redis.disconnect();
    blocking.disconnect();
  };
  const key = answersOf(keyOf(evaluation));
  const left = new Map(shardsOf(evaluation).map((named) => [named.id, named]));
  const stream = answerStream(blocking, key, left);

  /** Enqueues what Redis does not have: all at the beginning, and later what a Redis lost that was restarted. */
  async function look(failedBefore: boolean): Promise<readonly QueuedAnswer[]> {
    const answers = [...(await stream.drain())];
    const states = await statesOf(queue, [...left.values()]);
    answers.push(...(await stream.drain())); // an answer is there before its job is gone
    const those = (state: string): readonly NamedShard[] => [...left.values()].filter(({ id }) => states.get(id) === state);
    const failed = those('failed');
    if (failed[0] && !failedBefore) throw await failure(queue, failed[0]);
    for (const { id } of failed) await queue.remove(id);
    await enqueue(queue, [...failed, ...those('unknown')]);
    return answers;
  }

  try {
    const before = await look(true);
    return {
      earlier: before.length,
      async *answers(stopped) {
        if (before.length > 0) yield before;
        for (let looked = performance.now(); left.size > 0 && !stopped(); ) {
          const some = await stream.wait(waitMs);
          if (some.length > 0) yield some;
          if (performance.now() - looked < lookMs) continue;
          const others = await look(false);
          if (others.length > 0) yield others;
          looked = performance.now();
        }
      },
      forget: async () => {
        await redis.del(key);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function statesOf(queue: Queue<Shard>, shards: readonly NamedShard[]): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  for (let from = 0; from < shards.length; from += atOnce)
    await Promise.all(shards.slice(from, from + atOnce).map(async ({ id }) => states.set(id, await queue.getJobState(id))));
  return states;
}

async function enqueue(queue: Queue<Shard>, shards: readonly NamedShard[]): Promise<void> {
  const opts = {
    attempts,
    backoff: { type: 'exponential', delay: firstDelayMs },
    removeOnComplete: true, // its answer stays
    removeOnFail: { age: keptSeconds },
  };
  for (let from = 0; from < shards.length; from += atOnce)
    await queue.addBulk(
      shards.slice(from, from + atOnce).map(({ id, shard }) => ({ name: 'shard', data: shard, opts: { ...opts, jobId: id } })),
    );
}

async function failure(queue: Queue<Shard>, { id, shard }: NamedShard): Promise<InputError> {
  const job = await queue.getJob(id);
  const times = job === undefined ? '' : ` (tried ${job.attemptsMade} time${job.attemptsMade === 1 ? '' : 's'})`;
  return new InputError(`${shardText(shard.images)}: no worker could do them${times}: ${job?.failedReason ?? 'the reason is lost'}`);
}

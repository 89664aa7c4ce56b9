import { type Job, Queue } from 'bullmq';
import { InputError } from 'senet';
import type { QueuedAnswer, QueuedEvaluation, QueuedRun } from 'senet/node';
import { connectRedis, secondTo } from './redis.js';
import { answersOf, keptSeconds, queueName, type Shard } from './shard.js';
import { keyOf, type NamedShard, shardsOf, shardText } from './shards.js';

/** A shard is tried so often, by whichever workers are free; 0.5, 1, 2 and 4 s lie between. */
const attempts = 5;
const firstDelayMs = 500;

/** Shards that are enqueued, or looked after, by one round trip. */
const atOnce = 200;

/** How long a read waits for answers, and how often shards are looked after meanwhile. */
const waitMs = 500;
const lookMs = 2000;

/**
 * An evaluation on the queue. Redis keeps what is done under the evaluation's key, so a coordinator that died is followed by one that is given the same.
 *
 * @throws InputError where no Redis answers
 */
export async function openRun(url: string, evaluation: QueuedEvaluation): Promise<QueuedRun> {
  const redis = await connectRedis(url);
  const reader = secondTo(redis);
  const queue = new Queue<Shard>(queueName, { connection: redis });
  queue.on('error', () => undefined); // said by the connection
  const close = async (): Promise<void> => {
    await queue.close();
    redis.disconnect();
    reader.disconnect();
  };
  try {
    const stream = answersOf(keyOf(evaluation));
    const left = new Map(shardsOf(evaluation).map((named) => [named.id, named]));
    const before: QueuedAnswer[] = [];
    let last = '0';
    const read = async (wait: boolean): Promise<readonly QueuedAnswer[]> => {
      const found = wait
        ? await reader.xread('COUNT', atOnce, 'BLOCK', waitMs, 'STREAMS', stream, last)
        : await reader.xread('COUNT', atOnce, 'STREAMS', stream, last);
      const entries = found?.[0]?.[1] ?? [];
      last = entries.at(-1)?.[0] ?? last;
      return entries.flatMap(([, fields]) => takeAnswers(fields, left));
    };
    for (let was = ''; was !== last; ) {
      was = last;
      before.push(...(await read(false)));
    }
    await look(queue, [...left.values()], 'begin');
    return {
      earlier: before.length,
      async *answers(stopped) {
        if (before.length > 0) yield before;
        for (let looked = performance.now(); left.size > 0 && !stopped(); ) {
          const some = await read(true);
          if (some.length > 0) yield some;
          if (performance.now() - looked < lookMs) continue;
          await look(queue, [...left.values()], 'go on');
          looked = performance.now();
        }
      },
      forget: async () => {
        await redis.del(stream);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The answers of an entry; none of a shard that is known already, or of none of these. @throws InputError for what is no answer */
function takeAnswers(fields: readonly string[], left: Map<string, NamedShard>): readonly QueuedAnswer[] {
  const { shard: id = '', answers: text = '' } = Object.fromEntries(pairs(fields));
  const named = left.get(id);
  if (named === undefined) return [];
  const answers = parsed(text);
  const { images } = named.shard;
  const fits = Array.isArray(answers) && answers.length === images.length && images.every(({ index }, i) => answers[i]?.index === index);
  if (!fits) throw new InputError(`shard ${id}: expected an answer for each of its ${images.length} images, found ${text.slice(0, 100)}`);
  left.delete(id);
  return answers as readonly QueuedAnswer[];
}

const pairs = (fields: readonly string[]): readonly (readonly [string, string])[] =>
  fields.flatMap((field, i) => (i % 2 === 0 ? [[field, fields[i + 1] ?? ''] as const] : []));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Enqueues the shards that Redis does not have: all at the beginning, and later what a Redis lost that was restarted. Those that an earlier coordinator saw
 * fail are tried anew.
 *
 * @throws InputError if, later, one has failed for good
 */
async function look(queue: Queue<Shard>, shards: readonly NamedShard[], when: 'begin' | 'go on'): Promise<void> {
  for (let from = 0; from < shards.length; from += atOnce) {
    const some = shards.slice(from, from + atOnce);
    const states = await Promise.all(some.map(({ id }) => queue.getJobState(id)));
    const failed = some.filter((_, i) => states[i] === 'failed');
    if (when === 'go on') for (const one of failed) throw await failure(queue, one);
    for (const { id } of failed) await queue.remove(id);
    const missing = some.filter((_, i) => states[i] === 'failed' || states[i] === 'unknown');
    await queue.addBulk(missing.map(({ id, shard }) => ({ name: 'shard', data: shard, opts: { ...options, jobId: id } })));
  }
}

/** An answer is in the stream before its job is done, so nothing is lost with the job. */
const options = {
  attempts,
  backoff: { type: 'exponential', delay: firstDelayMs },
  removeOnComplete: true,
  removeOnFail: { age: keptSeconds },
} as const;

async function failure(queue: Queue<Shard>, { id, shard }: NamedShard): Promise<InputError> {
  const job: Job<Shard> | undefined = await queue.getJob(id);
  const times = job === undefined ? '' : ` (tried ${job.attemptsMade} time${job.attemptsMade === 1 ? '' : 's'})`;
  return new InputError(`${shardText(shard.images)}: no worker could do them${times}: ${job?.failedReason ?? 'the reason is lost'}`);
}

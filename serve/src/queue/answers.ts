import type { Redis } from 'ioredis';
import { InputError } from 'senet';
import type { QueuedAnswer } from 'senet/node';
import type { NamedShard } from './shards.js';

/** Answers that one read takes, in shards. */
const atOnce = 200;

/** What of an evaluation is answered, as far as it was read. */
export interface AnswerStream {
  /** What is there and was not read yet. @throws InputError for what is no answer */
  drain(): Promise<readonly QueuedAnswer[]>;
  /** The same, after a wait for the first if there is none. */
  wait(ms: number): Promise<readonly QueuedAnswer[]>;
}

/** @param left the shards that are not answered; those that are read are taken out, so that one that was done twice counts once */
export function answerStream(redis: Redis, key: string, left: Map<string, NamedShard>): AnswerStream {
  let last = '0';
  const take = (found: Awaited<ReturnType<Redis['xread']>>): readonly QueuedAnswer[] => {
    const entries = found?.[0]?.[1] ?? [];
    last = entries.at(-1)?.[0] ?? last;
    return entries.flatMap(([, fields]) => takeAnswers(fields, left));
  };
  return {
    async drain() {
      const all: QueuedAnswer[] = [];
      for (let was = ''; was !== last; ) {
        was = last;
        all.push(...take(await redis.xread('COUNT', atOnce, 'STREAMS', key, last)));
      }
      return all;
    },
    wait: async (ms) => take(await redis.xread('COUNT', atOnce, 'BLOCK', ms, 'STREAMS', key, last)),
  };
}

/** The answers of an entry; none of a shard that is known already, or of no shard. */
function takeAnswers([, id = '', , text = '']: readonly string[], left: Map<string, NamedShard>): readonly QueuedAnswer[] {
  const named = left.get(id);
  if (named === undefined) return [];
  const answers = parsed(text);
  const { images } = named.shard;
  const fits = Array.isArray(answers) && answers.length === images.length && images.every(({ index }, i) => answers[i]?.index === index);
  if (!fits) throw new InputError(`shard ${id}: expected an answer for each of its ${images.length} images, found ${text.slice(0, 100)}`);
  left.delete(id);
  return answers as readonly QueuedAnswer[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

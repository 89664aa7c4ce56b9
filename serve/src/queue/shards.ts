import { createHash } from 'node:crypto';
import type { QueuedEvaluation, QueuedImage } from 'senet/node';
import type { Shard } from './shard.js';

/** So many images are lost with a worker that dies. Fewer, and what a shard says of its networks would be most of it. */
export const imagesPerShard = 32;

/** A shard under the name that the same images, networks and options always have: enqueued or done twice, it counts once. */
export interface NamedShard {
  readonly id: string;
  readonly shard: Shard;
}

/** Names an evaluation: the same for the same inputs only. */
export const keyOf = (evaluation: QueuedEvaluation): string => createHash('sha256').update(JSON.stringify(evaluation)).digest('hex');

export function shardsOf(evaluation: QueuedEvaluation): readonly NamedShard[] {
  const key = keyOf(evaluation);
  const { images } = evaluation;
  return Array.from({ length: Math.ceil(images.length / imagesPerShard) }, (_, i) => ({
    id: `${key}-${i}`,
    shard: { ...evaluation, key, images: images.slice(i * imagesPerShard, (i + 1) * imagesPerShard) },
  }));
}

/** The images of a shard, for people. */
export const shardText = ([first, ...others]: readonly QueuedImage[]): string =>
  others.length === 0 ? `the image ${first?.name}` : `the images ${first?.name} to ${others.at(-1)?.name}`;

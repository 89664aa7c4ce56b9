import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRun } from '../../serve/src/queue/coordinator.js';
import { readImage } from '../../serve/src/queue/images.js';
import { answersOf, readShard } from '../../serve/src/queue/shard.js';
import { imagesPerShard, keyOf, shardsOf } from '../../serve/src/queue/shards.js';
import { loadQueue, type QueuedEvaluation } from '../../src/node/queue.js';
import { evaluationOf } from './queuedEvaluation.js';
import { type RedisServer, startRedis } from './redis.js';

const hash = 'a'.repeat(64);

describe('shards', () => {
  test('have each image once, in order, and are what a worker reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * imagesPerShard }), (images) => {
        const evaluation = evaluationOf(images);
        const shards = shardsOf(evaluation);
        expect(shards.flatMap(({ shard }) => shard.images)).toEqual(evaluation.images);
        expect(new Set(shards.map(({ id }) => id)).size).toBe(shards.length);
        for (const { shard } of shards) expect(readShard(JSON.parse(JSON.stringify(shard)))).toEqual(shard);
      }),
    );
  });

  test('of other content have other names', () => {
    const evaluation = evaluationOf(3);
    const [first, ...rest] = evaluation.images;
    const others: readonly QueuedEvaluation[] = [
      { ...evaluation, version: '0.2.0' },
      { ...evaluation, images: [{ ...(first as (typeof evaluation.images)[0]), sha256: 'b'.repeat(64) }, ...rest] },
      { ...evaluation, run: { ...evaluation.run, tolerant: true } },
      { ...evaluation, members: evaluation.members.map((member) => ({ ...member, sha256: 'b'.repeat(64) })) },
    ];
    expect(new Set([evaluation, ...others].map(keyOf)).size).toBe(1 + others.length);
    expect(shardsOf(evaluationOf(3)).map(({ id }) => id)).toEqual(shardsOf(evaluation).map(({ id }) => id));
  });

  test('of anything else are refused', () => {
    const [{ shard }] = shardsOf(evaluationOf(2)) as [ReturnType<typeof shardsOf>[0]];
    const damaged = fc.record(
      Object.fromEntries(Object.entries(shard).map(([name, value]) => [name, fc.oneof(fc.constant(value), fc.jsonValue())])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged), (data) => {
        let read: unknown;
        try {
          read = readShard(data);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InputError', message: expect.stringMatching(/^a shard's /) });
          return;
        }
        expect(read).toMatchObject({ key: expect.any(String), images: expect.any(Array) });
      }),
    );
  });
});

describe('answers', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  const answersTo = (shard: { readonly images: QueuedEvaluation['images'] }) =>
    JSON.stringify(shard.images.map(({ index }) => ({ index, top: [1, 2, 3, 4, 5] })));

  test('of a shard that was done twice count once, whether they came before or after', async () => {
    const evaluation = evaluationOf(2 * imagesPerShard);
    const [one, two] = shardsOf(evaluation) as [ReturnType<typeof shardsOf>[0], ReturnType<typeof shardsOf>[0]];
    const stream = answersOf(keyOf(evaluation));
    const answered = ({ id, shard }: typeof one) => redis.client.xadd(stream, '*', 'shard', id, 'answers', answersTo(shard));
    await answered(one);
    await answered(one);
    const run = await openRun(redis.url, evaluation);
    expect(run.earlier).toBe(imagesPerShard);
    await answered(one);
    await answered(two);
    await answered(two);
    const found: number[] = [];
    for await (const some of run.answers(() => false)) found.push(...some.map(({ index }) => index));
    expect(found).toEqual(evaluation.images.map(({ index }) => index));
    await run.forget();
    await run.close();
    expect(await redis.client.exists(stream)).toBe(0);
  });

  test.each(['', '[]', '{}', '[{"index":1,"top":[]},{"index":0,"top":[]}]'])('that are none (%s) are refused', async (text) => {
    const evaluation = evaluationOf(2);
    const [{ id }] = shardsOf(evaluation) as [ReturnType<typeof shardsOf>[0]];
    await redis.client.xadd(answersOf(keyOf(evaluation)), '*', 'shard', id, 'answers', text);
    await expect(openRun(redis.url, evaluation)).rejects.toThrow('expected an answer for each of its 2 images');
    await redis.client.flushall();
  });
});

test('an image outside the folder is not read, whatever its hash', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'senet-images-'));
  await writeFile(join(folder, 'a.png'), 'a');
  for (const name of ['../a.png', '/etc/hostname', 'x/../../a.png', '.', ''])
    await expect(readImage(folder, { name, bytes: 1, sha256: hash })).rejects.toThrow('expected an image below');
  await expect(readImage(folder, { name: 'b.png', bytes: 1, sha256: hash })).rejects.toThrow('cannot be read (ENOENT)');
  await expect(readImage(folder, { name: 'a.png', bytes: 1, sha256: hash })).rejects.toThrow(
    `expected the image that the coordinator has, of SHA-256 ${hash}`,
  );
  await rm(folder, { recursive: true });
});

test('without senet-serve one sentence says what to install', async () => {
  await expect(loadQueue('senet-serve-that-is-not-installed/queue')).rejects.toMatchObject({
    name: 'UnsupportedError',
    message: expect.stringContaining('npm install senet-serve'),
  });
});

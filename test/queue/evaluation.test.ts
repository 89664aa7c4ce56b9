import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { encode } from 'fast-png';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openRun } from '../../serve/src/queue/coordinator.js';
import { queueName } from '../../serve/src/queue/shard.js';
import { sha256Of } from '../../src/node/download/sidecar.js';
import { asset, version } from '../../src/node/package.js';
import type { Evaluation } from '../../src/report/evaluation.js';
import { senet } from '../cli/senet.js';
import { serveFolder } from './fileServer.js';
import { endAll, type Running, startSenet, startWorker } from './processes.js';
import { evaluationOf } from './queuedEvaluation.js';
import { freePort, type RedisServer, startRedis } from './redis.js';

const images = 200;

const shipped = asset('weights/se_resnet20x2_cifar10.safetensors');
const smaller = asset('weights/seresnet20_cifar10.safetensors');

let folder: string;
let data: string;
/** The same images elsewhere, as another machine has them. */
let copy: string;
let redis: RedisServer;
/** What a single process says. */
let alone: { readonly code: number; readonly stdout: string; readonly html: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-queue-'));
  data = join(folder, 'data');
  copy = join(folder, 'copy');
  await writeImages(data);
  await cp(data, copy, { recursive: true, verbatimSymlinks: true });
  redis = await startRedis();
  const report = join(folder, 'alone.html');
  const { code, stdout } = await senet('evaluate', data, '--json', '--report', report);
  alone = { code, stdout, html: await readFile(report, 'utf8') };
}, 120_000);
afterAll(async () => {
  await redis?.stop();
  await rm(folder, { recursive: true });
});

/** Ten classes of small pictures of noise about a colour; one is no picture, and one a link to nothing. */
async function writeImages(root: string): Promise<void> {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    return state >>> 24;
  };
  for (let i = 0; i < images - 2; i++) {
    const colour = [next(), next(), next()];
    const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => ((colour[at % 3] as number) + next()) >> 1);
    await mkdir(join(root, String(i % 10)), { recursive: true });
    await writeFile(join(root, String(i % 10), `${i}.png`), encode({ width: 32, height: 32, channels: 3, depth: 8, data: pixels }));
  }
  await writeFile(join(root, '3', 'bad.png'), 'no picture');
  await symlink('nowhere.png', join(root, '4', 'gone.png'));
}

let started: Running[] = [];
afterEach(async () => {
  await endAll(started);
  started = [];
  await redis.client.flushall();
});
const kept = (process: Running): Running => {
  started.push(process);
  return process;
};
const worker = (...args: readonly string[]): Running => kept(startWorker('--queue', redis.url, ...args));
const coordinator = (...args: readonly string[]): Running => kept(startSenet('evaluate', data, '--json', '--queue', redis.url, ...args));

describe('an evaluation on a queue', () => {
  test('the single process has images of both kinds that cannot be read', () => {
    const { failed, images: scored } = JSON.parse(alone.stdout) as Evaluation;
    expect([alone.code, scored, failed.map(({ file }) => file)]).toEqual([2, images - 2, ['3/bad.png', '4/gone.png']]);
  });

  test('by two workers gives the JSON and the HTML of one process, and leaves nothing in Redis', async () => {
    const report = join(folder, 'queued.html');
    const workers = [worker('--images', data), worker('--images', copy)];
    const one = coordinator('--report', report);
    expect(await one.ended).toBe(alone.code);
    expect(one.stdout()).toBe(alone.stdout);
    expect(await readFile(report, 'utf8')).toBe(alone.html);
    const done = (): number =>
      workers.flatMap(({ stdout }) => eventsOf(stdout(), 'done')).reduce((sum, line) => sum + Number(line.images), 0);
    await expect.poll(done).toBe(images - 1); // not the one that is not there
    await expect.poll(async () => (await redis.client.keys('*')).filter((key) => /[0-9a-f]{64}/.test(key))).toEqual([]);
  });

  test('several views and an ensemble: as one process', async () => {
    const flags = ['--weights', shipped, '--weights', smaller, '--crops', '2', '--member-weights', '1,3', '--average', 'logits'];
    const expected = await senet('evaluate', data, '--json', ...flags);
    worker('--images', copy);
    const one = coordinator(...flags);
    expect(await one.ended).toBe(expected.code);
    expect(one.stdout()).toBe(expected.stdout);
  });

  test('by a worker that has images and weights from a server', async () => {
    const shippedElsewhere = join(folder, 'weights');
    await mkdir(shippedElsewhere);
    const mine = join(shippedElsewhere, 'mine.safetensors');
    await writeFile(mine, await oneBitOff(shipped));
    const [images, weights] = [await serveFolder(data), await serveFolder(shippedElsewhere)];
    const flags = ['--weights', mine, '--model', 'senet/se_resnet20x2_cifar10'];
    const expected = await senet('evaluate', data, '--json', ...flags);
    worker('--images', images.address, '--weights', weights.address);
    const one = coordinator(...flags);
    expect(await one.ended).toBe(expected.code);
    expect(one.stdout()).toBe(expected.stdout);
    for (const server of [images, weights]) await server.close();
  });

  test('a worker that is killed in the midst of a shard: another takes it over, and nothing counts twice', async () => {
    const killed = worker('--images', data);
    const one = coordinator();
    await killed.saw('started', 2);
    killed.child.kill('SIGKILL');
    worker('--images', copy);
    expect(await one.ended).toBe(alone.code);
    expect(one.stdout()).toBe(alone.stdout);
  });

  test('a coordinator that is killed: the same command goes on', async () => {
    const busy = worker('--images', data);
    const first = coordinator();
    await busy.saw('done', 2);
    first.child.kill('SIGKILL');
    const second = coordinator();
    expect(await second.ended).toBe(alone.code);
    expect(second.stderr()).toMatch(/resuming after (64|96|128|160|192|199) of 200 images/);
    expect(second.stdout()).toBe(alone.stdout);
  });

  test('Ctrl-C ends a coordinator in good order', async () => {
    const busy = worker('--images', data);
    const first = coordinator();
    await busy.saw('done');
    first.child.kill('SIGINT');
    expect([await first.ended, first.stdout()]).toEqual([130, '']);
    expect(first.stderr()).toContain('the same command goes on from here (Redis keeps them)');
  });

  test('a Redis that is killed and restarted on its append-only file', async () => {
    const busy = worker('--images', data);
    const one = coordinator();
    await busy.saw('done', 2);
    await redis.restart();
    expect(await one.ended).toBe(alone.code);
    expect(one.stdout()).toBe(alone.stdout);
    expect(one.stderr()).toContain('waiting for it');
  });

  test('a worker, the coordinator and Redis, killed in turn: nothing is lost, and nothing counts twice', async () => {
    const first = worker('--images', data);
    const killed = coordinator();
    await first.saw('done');
    first.child.kill('SIGKILL');
    const second = worker('--images', copy);
    killed.child.kill('SIGKILL');
    const one = coordinator();
    await second.saw('done');
    await redis.restart();
    expect(await one.ended).toBe(alone.code);
    expect(one.stdout()).toBe(alone.stdout);
  });

  test('tells programs how far it is, from where it goes on to its end', async () => {
    const busy = worker('--images', data);
    const first = coordinator();
    await busy.saw('done', 2);
    first.child.kill('SIGKILL');
    const second = coordinator('--progress', 'json');
    expect(await second.ended).toBe(alone.code);
    const lines = second
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<'done' | 'images' | 'earlier' | 'seconds', number>);
    const { earlier, images: all } = lines[0] as (typeof lines)[0];
    expect(earlier).toBeGreaterThanOrEqual(64);
    expect(all).toBe(images - 1); // one cannot be read, and is not asked for
    expect(lines[0]).toEqual({ done: earlier, images: all, earlier, seconds: expect.any(Number) });
    expect(lines.at(-1)).toEqual({ done: all, images: all, earlier, seconds: expect.any(Number) });
    const done = lines.map((line) => line.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  test('a Redis that lost everything: what is not answered is enqueued again', async () => {
    const busy = worker('--images', data);
    const one = coordinator();
    await busy.saw('done', 2);
    await redis.client.flushall();
    expect(await one.ended).toBe(alone.code);
    expect(one.stdout()).toBe(alone.stdout);
  });
});

describe('a worker', () => {
  test('with --once ends when the queue is empty; at SIGTERM after the shard that it is at', async () => {
    expect(await worker('--once').ended).toBe(0);
    const busy = worker('--images', data);
    const one = coordinator();
    await busy.saw('started', 2);
    busy.child.kill('SIGTERM');
    expect(await busy.ended).toBe(0);
    expect(eventsOf(busy.stdout(), 'done')).toHaveLength(eventsOf(busy.stdout(), 'started').length);
    const last = worker('--images', copy, '--once');
    expect(await last.ended).toBe(0);
    expect(await one.ended).toBe(alone.code);
    expect(one.stdout()).toBe(alone.stdout);
  });
});

describe('refused, in one line that says why', () => {
  test('an image of other content: both hashes', async () => {
    const other = join(folder, 'other');
    await cp(data, other, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(other, '7', '17.png'), await readFile(join(data, '7', '27.png')));
    worker('--images', other);
    const one = coordinator();
    expect([await one.ended, one.stdout()]).toEqual([2, '']);
    const [expected, found] = [await sha256Of(join(data, '7', '17.png')), await sha256Of(join(data, '7', '27.png'))];
    expect(one.stderr()).toContain(
      `${join(other, '7', '17.png')}: expected the image that the coordinator has, of SHA-256 ${expected}, found ${found}`,
    );
    expect(one.stderr()).toContain('no worker could do them (tried 5 times)');
  });

  test('weights that a worker does not have; with them it is done', async () => {
    const weights = join(folder, 'here.safetensors');
    await writeFile(weights, await oneBitOff(shipped));
    const poor = worker('--images', data);
    const flags = ['--weights', weights, '--model', 'senet/se_resnet20x2_cifar10'];
    const one = coordinator(...flags);
    expect([await one.ended, one.stdout()]).toEqual([2, '']);
    expect(one.stderr()).toMatch(new RegExp(`expected the weights here.safetensors of SHA-256 ${await sha256Of(weights)}, found no other`));
    poor.child.kill('SIGKILL');
    worker('--images', data, '--weights', folder);
    const again = coordinator(...flags);
    expect(await again.ended).toBe(alone.code);
    expect((JSON.parse(again.stdout()) as Evaluation).images).toBe(images - 2);
  });

  test('a file of weights that is another', async () => {
    const wrong = join(folder, 'wrong.safetensors');
    await writeFile(wrong, 'other');
    const weights = join(folder, 'mine.safetensors');
    await writeFile(weights, await oneBitOff(shipped));
    worker('--images', data, '--weights', wrong);
    const one = coordinator('--weights', weights, '--model', 'senet/se_resnet20x2_cifar10');
    expect(await one.ended).toBe(2);
    expect(one.stderr()).toContain(`of SHA-256 ${await sha256Of(weights)}, found wrong.safetensors of ${await sha256Of(wrong)}`);
  });

  test('damaged weights: once, in the words of one process', async () => {
    const weights = join(folder, 'nan.safetensors');
    const bytes = await readFile(shipped);
    bytes.set([0xff, 0x7f], bytes.length - 2); // not a number, of 16 bits and of 32
    await writeFile(weights, bytes);
    const flags = ['--weights', weights, '--model', 'senet/se_resnet20x2_cifar10'];
    const expected = await senet('evaluate', data, ...flags);
    expect([expected.code, expected.stderr]).toEqual([2, expect.stringContaining('tensor fc.bias holds NaN at index 9')]);
    worker('--images', data, '--weights', weights);
    const one = coordinator(...flags);
    expect([await one.ended, one.stdout()]).toEqual([2, '']);
    expect(one.stderr()).toMatch(/\(tried 1 time\): .*: tensor fc\.bias holds NaN at index 9/);
  });

  test('a shard of another version, and a job that is no shard; the worker goes on', async () => {
    const busy = worker('--images', data);
    const queue = new Queue(queueName, { connection: redis.client });
    await queue.add('shard', { key: 1 });
    await busy.saw('failed');
    expect(eventsOf(busy.stdout(), 'failed')).toEqual([
      expect.objectContaining({ error: expect.stringContaining("a shard's images: expected a list of 4096 at most, found nothing") }),
    ]);
    const other = { ...evaluationOf(1), version: '0.0.0' };
    const run = await openRun(redis.url, other);
    const all = async () => {
      for await (const _ of run.answers(() => false));
    };
    await expect(all()).rejects.toThrow(`expected a worker of senet 0.0.0, found ${version}`);
    await run.close();
    const one = coordinator();
    expect(await one.ended).toBe(alone.code);
    expect(one.stdout()).toBe(alone.stdout);
  });

  test('no Redis, no address, and what is of one process only', async () => {
    const nowhere = `redis://:secret@127.0.0.1:${await freePort()}`;
    const evaluate = (...args: readonly string[]) => senet('evaluate', data, '--queue', ...args);
    expect(await evaluate(nowhere)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/no Redis answers there \(ECONNREFUSED\)/),
    });
    expect((await evaluate(nowhere)).stderr).not.toContain('secret');
    expect(await evaluate('http://127.0.0.1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected the address of a Redis'),
    });
    expect(await evaluate(nowhere, '--journal', 'j')).toMatchObject({ code: 2, stderr: expect.stringContaining('--journal') });
    const lone = startWorker('--queue', nowhere);
    expect([await lone.ended, lone.stderr()]).toEqual([2, expect.stringMatching(/^senet-worker: redis:.*no Redis answers there/)]);
    const flagless = startWorker('--threads', '0', '--queue', nowhere);
    expect([await flagless.ended, flagless.stderr()]).toEqual([2, expect.stringContaining('expected a whole number above 0, found 0')]);
  });
});

type Line = Readonly<Record<string, unknown>>;

/** What a worker said of an event: each line of it. */
const eventsOf = (text: string, name: string): readonly Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ event }) => event === name);

/** The same weights, the last byte's last bit aside. */
async function oneBitOff(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  return bytes;
}

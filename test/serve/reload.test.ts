import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { serialised, tritonRequest } from './clients.js';
import { options } from './fakeHost.js';
import { classify, counted, type Expected, expectedOf, hosted, isAlive, pictures, rightFor, until } from './hosted.js';

const weightsOf = (name: string): string => fileURLToPath(new URL(`../../assets/weights/${name}.safetensors`, import.meta.url));
const [first, second] = ['seresnet20_cifar10', 'resnet20_cifar10'] as const;

let before: readonly Expected[];
let after: readonly Expected[];
beforeAll(async () => {
  before = await expectedOf(await readFile(weightsOf(first)));
  after = await expectedOf(await readFile(weightsOf(second)));
});

let folder: string;
let weights: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-reload-'));
  weights = join(folder, 'weights.safetensors');
  await copyFile(weightsOf(first), weights);
});
afterEach(() => rm(folder, { recursive: true }));

async function replaceWeights(name: string): Promise<void> {
  await copyFile(weightsOf(name), `${weights}.new`);
  await rename(`${weights}.new`, weights);
}

test('a reload under load fails no request, and what is asked after it is answered by the new weights', async () => {
  await using served = await hosted({ weights, workers: 2 });
  const old = served.workers();
  let over = false;
  const clients = Array.from({ length: 4 }, async (_, client) => {
    for (let i = client; !over; i++) {
      const which = i % pictures.length;
      const answer = await classify(served.model, which);
      expect([...rightFor(answer, before), ...rightFor(answer, after)]).toEqual([which]);
    }
  });
  await replaceWeights(second);
  // a worker that is replaced has the weights of the others, although their name is another file's now
  process.kill(old[0] as number, 'SIGKILL');
  await until(() => served.workers().length === 2 && !served.workers().includes(old[0] as number));
  const unchanged = await Promise.all(pictures.map((_, which) => classify(served.model, which)));
  expect(unchanged.map((answer) => rightFor(answer, before))).toEqual([[0], [1], [2], [3]]);

  await served.host.reload('cifar');
  expect(await counted(served.metrics, 'senet_model_loads_total{model="cifar"} ')).toBe(2);
  const changed = await Promise.all(pictures.map((_, which) => classify(served.model, which)));
  expect(changed.map((answer) => rightFor(answer, after))).toEqual([[0], [1], [2], [3]]);
  over = true;
  await Promise.all(clients);
  expect(old.map(isAlive)).toEqual([false, false]);
  expect(await counted(served.metrics, 'senet_workers_ready{model="cifar"} ')).toBe(2);
});

test('requests that name a version are answered during reloads and after them', async () => {
  await using served = await hosted({ weights });
  await using app = createApp({ host: served.host, options: { ...options, bodyLimit: 2 ** 20 } });
  const picture = serialised(Buffer.from(pictures[0] as Uint8Array));
  const infer = tritonRequest('cifar', [{ name: 'image', shape: [1], datatype: 'BYTES', data: picture }], { version: '1' });
  const ask = async (): Promise<readonly number[]> =>
    Promise.all([
      app.inject({ method: 'POST', ...infer }),
      app.inject('/v2/models/cifar/versions/1'),
      app.inject('/v2/models/cifar/versions/1/ready'),
    ]).then((answers) => answers.map(({ statusCode }) => statusCode));
  for (const name of [second, first]) {
    await replaceWeights(name);
    let over = false;
    const reload = served.host.reload('cifar').finally(() => {
      over = true;
    });
    while (!over) expect(await ask()).toEqual([200, 200, 200]);
    await reload;
  }
  expect(await ask()).toEqual([200, 200, 200]);
  expect((await app.inject('/v2/models/cifar')).json().versions).toEqual(['1']);
  expect(await counted(served.metrics, 'senet_model_loads_total{model="cifar"} ')).toBe(3);
});

test('labels are read anew with the weights, and each answer has those of the weights that gave it', async () => {
  const labels = join(folder, 'labels.txt');
  const name = (text: string): Promise<void> => writeFile(labels, Array.from({ length: 10 }, (_, i) => `${text} ${i}`).join('\n'));
  await name('old');
  await using served = await hosted({ models: [{ name: 'cifar', weights, labels }], workers: 2 });
  await using app = createApp({ host: served.host, options: { ...options, bodyLimit: 2 ** 20 } });
  let over = false;
  const clients = Array.from({ length: 4 }, async (_, client) => {
    for (let i = client; !over; i++) {
      const answer = await classify(served.model, i % pictures.length);
      expect(answer.labels?.[9]).toBe(rightFor(answer, before).length > 0 ? 'old 9' : 'new 9');
    }
  });
  await replaceWeights(second);
  await name('new');
  await served.host.reload('cifar');
  over = true;
  await Promise.all(clients);

  const labelsNow = async (): Promise<readonly string[]> => {
    const sent = { method: 'POST', headers: { 'content-type': 'image/png' }, payload: Buffer.from(pictures[0] as Uint8Array) } as const;
    const { top } = (await app.inject({ url: '/v1/classify?top=10', ...sent })).json() as {
      readonly top: readonly { readonly label: string }[];
    };
    return top.map(({ label }) => label).sort();
  };
  const named = Array.from({ length: 10 }, (_, i) => `new ${i}`);
  expect(await labelsNow()).toEqual(named);
  await writeFile(labels, 'a\nb\n');
  const refused = { name: 'InputError', message: `${labels}: expected 10 labels, one per class, found 2` };
  await expect(served.host.reload('cifar')).rejects.toMatchObject(refused);
  await writeFile(labels, '');
  await expect(served.host.reload('cifar')).rejects.toMatchObject({ name: 'InputError', message: `${labels}: holds no label` });
  expect(await labelsNow()).toEqual(named);
});

test('weights that cannot be loaded leave the old ones, and reloads of them do not add up', async () => {
  await using served = await hosted({ weights });
  await writeFile(`${weights}.new`, (await readFile(weights)).subarray(0, 1000));
  await rename(`${weights}.new`, weights);
  await expect(served.host.reload('cifar')).rejects.toMatchObject({ name: 'WeightsError' });
  await rm(weights);
  await expect(served.host.reload('cifar')).rejects.toMatchObject({ name: 'InputError', message: expect.stringContaining(weights) });
  await expect(served.host.reload('other')).rejects.toThrow('expected a model of cifar, found other');
  expect(await counted(served.metrics, 'senet_model_loads_total{model="cifar"} ')).toBe(1);
  expect(rightFor(await classify(served.model, 2), before)).toEqual([2]);
});

test('a file that is written to is not what workers have: no new one starts until it is reloaded', async () => {
  await using served = await hosted({ weights });
  const [worker] = served.workers() as [number];
  await writeFile(weights, await readFile(weightsOf(second)));
  expect(rightFor(await classify(served.model, 0), before)).toEqual([0]);
  process.kill(worker, 'SIGKILL');
  await until(() => served.workers().length === 0);
  await expect(classify(served.model, 0)).rejects.toMatchObject({ name: 'RefusedError', reason: 'unavailable' });
  expect(served.model.ready).toBe(false);
  await served.host.reload('cifar');
  expect(rightFor(await classify(served.model, 0), after)).toEqual([0]);
});

test('a host whose weights cannot be loaded does not start', async () => {
  await expect(hosted({ weights: join(folder, 'none') })).rejects.toMatchObject({ name: 'InputError' });
  await expect(hosted({ models: [{ name: 'a', model: 'no such network' }] })).rejects.toMatchObject({ name: 'InputError' });
  await expect(hosted({ models: [{ name: 'a' }, { name: 'a' }] })).rejects.toThrow('found a twice');
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RefusedError } from '../../serve/src/models/model.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { toOnnx } from '../../src/onnx/index.js';
import { classify, counted, hosted, sameBits } from './hosted.js';

/** A network whose run takes long against what comes before it, although its file is small: CIFAR's, on images of 384 x 384. */
let folder: string;
let weights: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-deadline-'));
  weights = join(folder, 'slow.onnx');
  const graph = createModel('senet/se_resnet20bn_cifar10', { size: 384 });
  await writeFile(weights, await toOnnx(graph, syntheticWeights(graph, { seed: 1 })));
});
afterAll(() => rm(folder, { recursive: true }));

test('a deadline and a client that goes away end a run that began, and the next request is answered by its own picture', async () => {
  await using served = await hosted({ weights });
  const { model } = served;
  const [worker] = served.workers();
  const expected = [await classify(model, 0), await classify(model, 1)] as const;
  const { prepare, run } = expected[1].timing;
  let right = expected.length;
  let ended = 0;
  for (const share of [0.3, 0.6]) {
    const ms = prepare + share * run;
    const late = await classify(model, 1, { deadline: performance.now() + ms }).catch((error: unknown) => error);
    if (late instanceof RefusedError) {
      expect(late.reason).toBe('deadline');
      ended++;
    } else right++; // the machine was that much faster this time
    const controller = new AbortController();
    const aborted = classify(model, 1, { signal: controller.signal }).catch((error: unknown) => error);
    await sleep(ms);
    controller.abort(new Error('the client went away'));
    if ((await aborted) instanceof Error) ended++;
    else right++;
    expect(sameBits((await classify(model, 0)).logits, expected[0].logits)).toBe(true);
    right++;
  }
  expect(ended).toBeGreaterThan(0);
  // what was ended did not run to its end; one may have come to it as the word reached the worker
  const ran = await counted(served.metrics, 'senet_batch_size_sum{model="cifar"} ');
  expect(ran).toBeGreaterThanOrEqual(right);
  expect(ran).toBeLessThan(right + ended);
  expect(served.workers()).toEqual([worker]);
});

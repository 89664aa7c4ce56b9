import { afterEach, expect, test, vi } from 'vitest';
import { InputError, PlanError, ShapeError, UnsupportedError, WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { seeded } from '../support/arbitraries.js';
import { param } from '../support/graphs.js';

const graph = createModel('legacy_seresnet18', { size: 32, classes: 7, gates: ['layer1.0.se_module.sigmoid'] });
const weights = syntheticWeights(graph, { seed: 1, gain: 1 });
const image = syntheticTensor('input', [1, 3, 32, 32], 1);

test('a session gives named outputs that outlive the next run, the same bits each time', async () => {
  using session = await compile(graph, weights);
  const first = session.run(image);
  expect([...first.keys()]).toEqual(['logits', 'layer1.0.se_module.sigmoid']);
  expect(first.get('logits')?.shape).toEqual([1, 7]);
  const kept = first.get('logits')?.data.slice();
  session.run(seeded([1, 3, 32, 32], 9));
  expect(first.get('logits')?.data).toEqual(kept);
  expect(session.run(image)).toEqual(first);
  expect(session.run({ input: image })).toEqual(first);
  expect(session.run({ shape: image.shape, data: Float64Array.from(image.data) })).toEqual(first);
});

test('a wrong image is a ShapeError that gives both shapes', async () => {
  using session = await compile(graph, weights);
  expect(() => session.run(seeded([1, 3, 32, 33], 1))).toThrow(
    new ShapeError('input input', { expected: [1, 3, 32, 32], found: [1, 3, 32, 33] }),
  );
  expect(() => session.run({})).toThrow(ShapeError);
});

test('a disposed session does not run', async () => {
  const session = await compile(graph, weights);
  session.dispose();
  session.dispose();
  expect(() => session.run(image)).toThrow(PlanError);
});

const without = (name: string): Map<string, Tensor> => new Map([...weights].filter(([key]) => key !== name));

test('weights that are missing, extra, misshapen or not finite are a WeightsError that names the tensor', async () => {
  const name = 'layer1.0.bn1.running_var';
  await expect(compile(graph, without(name))).rejects.toThrow(/tensor layer1.0.bn1.running_var is missing, expected \[64\]/);
  await expect(compile(graph, new Map([...weights, ['layer1.0.bn1.running_vat', image]]))).rejects.toThrow(
    /layer1.0.bn1.running_vat is not one of the network's \(did you mean layer1.0.bn1.running_var/,
  );
  await expect(compile(graph, without(name).set(name, seeded([63], 1)))).rejects.toThrow(/another shape, expected \[64\], found \[63\]/);
  for (const data of [new BigInt64Array(64), new Int32Array(64), undefined]) {
    const integers = compile(graph, without(name).set(name, { shape: [64], data } as unknown as Tensor));
    await expect(integers).rejects.toThrow(WeightsError);
    await expect(integers).rejects.toThrow(/running_var: expected a Float32Array or a Float64Array of values/);
  }
  const poisoned = compile(graph, without(name).set(name, tensor([64], new Float32Array(64).fill(Number.NaN))));
  await expect(poisoned).rejects.toThrow(WeightsError);
  await expect(poisoned).rejects.toThrow(/running_var holds NaN at index 0/);
});

test('what this version or engine does not have is refused by name', async () => {
  for (const threads of [0, -1, 1.5, 33, Number.NaN, Number.POSITIVE_INFINITY])
    await expect(compile(graph, weights, { threads })).rejects.toThrow(
      new InputError(`threads is a whole number from 1 to 32, not ${threads}`),
    );
  const enormous = createModel('resnet18', { size: 8192, batch: 64 });
  await expect(compile(enormous, syntheticWeights(enormous, { seed: 1, gain: 1 }))).rejects.toThrow(/more than the 4 GiB/);
});

test('weights that are computed, not given, are a PlanError', async () => {
  const computed = build([1, 4], (x) => x.graph.emit('linear', [x, x.graph.emit('relu', [param(x, 'w', [3, 4])], {})], {}));
  await expect(compile(computed, new Map([['w', seeded([3, 4], 1)]]))).rejects.toThrow(PlanError);
});

afterEach(() => void vi.unstubAllGlobals());

test('where there is no shared memory, a session has one thread and says why', async () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  using session = await compile(graph, weights, { threads: 4 });
  expect(session).toMatchObject({ threads: 1, threadsNote: 'this engine has no SharedArrayBuffer' });
  expect(session.plan.target.threads).toBe(1);
  vi.unstubAllGlobals();
  vi.stubGlobal('crossOriginIsolated', false);
  using isolated = await compile(graph, weights, { threads: 4 });
  expect(isolated.threads).toBe(1);
  expect(isolated.threadsNote).toMatch(/not cross-origin isolated; serve it with/);
});

test('one thread walks asynchronously in turns with the event loop, to the same bits', async () => {
  const larger = createModel('legacy_seresnet18', { size: 96, batch: 3, classes: 7 });
  const images = syntheticTensor('input', [3, 3, 96, 96], 1);
  using session = await compile(larger, syntheticWeights(larger, { seed: 1, gain: 1 }));
  for (const walk of ['in pieces of an image', 'in pieces of known length']) {
    let turns = 0;
    const count = setInterval(() => turns++);
    const outputs = await session.runAsync(images);
    clearInterval(count);
    expect(turns, walk).toBeGreaterThan(0);
    expect(outputs, walk).toEqual(session.run(images));
  }
});

test('runAsync calls are queued; run meanwhile, or disposal, is an error', async () => {
  const session = await compile(graph, weights);
  const expected = session.run(image);
  const other = seeded([1, 3, 32, 32], 9);
  const both = [session.runAsync(image), session.runAsync(other)] as const;
  expect(() => session.run(image)).toThrow(PlanError);
  expect(() => session.profile(image)).toThrow(/await it first/);
  expect(await both[0]).toEqual(expected);
  expect(await both[1]).toEqual(session.run(other));
  await expect(session.runAsync({})).rejects.toThrow(ShapeError);
  expect(await session.runAsync(image)).toEqual(expected);
  const late = session.runAsync(image);
  session.dispose();
  await expect(late).rejects.toThrow(new PlanError('this session is disposed'));
});

test('threads that do not start are an error: here, in the sources, there is no worker.js', async () => {
  const started = compile(graph, weights, { threads: 2 });
  await expect(started).rejects.toThrow(UnsupportedError);
  await expect(started).rejects.toThrow(/^2 threads did not start: thread \d: Cannot find module .*worker\.js/);
});

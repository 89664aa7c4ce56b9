import { afterEach, expect, test, vi } from 'vitest';
import { InputError, PlanError, ShapeError, WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { grad } from '../../src/graph/grad.js';
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
  expect(() => session.run({})).toThrow('input input is missing: expected [1, 3, 32, 32]');
});

test('an input by another name is told, beside the one that is missing', async () => {
  using session = await compile(graph, weights);
  const misnamed = (): unknown => session.run({ image });
  expect(misnamed).toThrow(new ShapeError('input input is missing, and no input is called image', { expected: [1, 3, 32, 32] }));
  await expect(session.runAsync({ image })).rejects.toThrow('no input is called image');
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
    await expect(integers).rejects.toThrow(/running_var holds .*, not Float32Array or Float64Array/);
  }
  const poisoned = compile(graph, without(name).set(name, tensor([64], new Float32Array(64).fill(Number.NaN))));
  await expect(poisoned).rejects.toThrow(WeightsError);
  await expect(poisoned).rejects.toThrow(/running_var holds NaN at index 0/);
});

test('weights whose values do not fill their shape, or are no floats, are a WeightsError that names the tensor', async () => {
  const name = 'layer1.0.bn1.weight';
  const refused = async (value: unknown, message: RegExp): Promise<void> => {
    const error = await compile(graph, without(name).set(name, value as Tensor)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(error).toMatchObject({ tensor: name, message: expect.stringMatching(message) });
  };
  const gamma = (data: unknown) => ({ shape: [64], data });
  const detached = new Float32Array(64);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  await refused(gamma(new Float32Array(63)), /layer1\.0\.bn1\.weight of shape \[64\] holds 63 values/);
  await refused(gamma(new Float32Array(65)), /holds 65 values/);
  await refused(gamma(detached), /holds 0 values, its buffer being empty or detached/);
  await refused(gamma(new Float64Array(64).fill(1e300)), /holds 1e\+300 at index 0, more than float32 holds/);
  await refused(gamma(new Int8Array(64)), /holds Int8Array, not Float32Array or Float64Array/);
  await refused(gamma(new BigInt64Array(64)), /holds BigInt64Array/);
  await refused(gamma(Array.from({ length: 64 }, () => 1)), /holds Array/);
  await refused({ data: new Float32Array(64) }, /has no shape/);
  await refused(null, /is no tensor but null/);
  for (const none of [undefined, null, Object.fromEntries(weights), [...weights]])
    await expect(compile(graph, none as never)).rejects.toThrow(/^weights are a Map of tensors by name, not /);
});

test('an image whose values do not fill its shape, or are no floats, is refused, and leaves the session as it was', async () => {
  using session = await compile(graph, weights);
  const expected = session.run(image);
  const { shape } = image;
  const strange: readonly [given: unknown, message: RegExp][] = [
    [{ shape, data: image.data.subarray(1) }, /input input of shape \[1, 3, 32, 32\] holds 3071 values/],
    [{ shape, data: new Float32Array(4 * 3072) }, /holds 12288 values/],
    [{ shape, data: new Uint8Array(3072) }, /holds Uint8Array, not Float32Array or Float64Array/],
    [{ shape, data: new BigInt64Array(3072) }, /holds BigInt64Array/],
    [{ shape, data: Array.from(image.data) }, /holds Array/],
    [{ shape }, /holds undefined/],
    [{ input: null }, /input input is no tensor but null/],
    [null, /^run takes a tensor, or tensors by name \(input\), not null/],
    [undefined, /not undefined/],
    [image.data, /not floats: tensor\(\[1, 3, 32, 32\], data\)$/],
  ];
  for (const [given, message] of strange) {
    expect(() => session.run(given as Tensor)).toThrow(message);
    expect(() => session.profile(given as Tensor)).toThrow(message);
    await expect(session.runAsync(given as Tensor)).rejects.toThrow(message);
    const error = await session.runAsync(given as Tensor).catch((thrown: unknown) => thrown);
    expect([InputError, ShapeError]).toContain((error as Error).constructor);
    expect(session.run(image)).toEqual(expected);
  }
});

test('of several inputs none is written if one does not fit', async () => {
  const sum = build([1, 4], (x) => x.graph.emit('add', [x, x.graph.emit('input', [], { name: 'other', shape: [1, 4] })], {}));
  using session = await compile(sum, new Map());
  const one = tensor([1, 4], [1, 2, 3, 4]);
  const before = session.run({ input: one, other: one });
  expect(() => session.run({ input: tensor([1, 4], [9, 9, 9, 9]), other: tensor([4], [1, 2, 3, 4]) })).toThrow(ShapeError);
  expect(session.run({ input: one, other: one })).toEqual(before);
});

test('an update that does not fit as a whole changes nothing', async () => {
  const { session, weight } = await trained();
  using own = session;
  const input = tensor([1, 2], [1, 1]);
  const before = own.run(input);
  const other = tensor([3, 2], [9, 9, 9, 9, 9, 9]);
  const flawed = { shape: [3], data: new Float32Array(2) };
  expect(() => own.update(new Map([['w', other], ['b', flawed]]))).toThrow(/tensor b of shape \[3\] holds 2 values/); // biome-ignore format: one line
  expect(() => own.update(new Map([['w', other], ['c', other]]))).toThrow(/tensor c is none that this plan can change/); // biome-ignore format: one line
  for (const none of [undefined, null, { w: other }]) expect(() => own.update(none as never)).toThrow(WeightsError);
  expect(own.run(input)).toEqual(before);
  own.update(new Map([['w', weight]]));
  expect(own.run(input)).toEqual(before);
});

/** A linear layer and its gradient, so that its parameters may change. */
async function trained() {
  const layer = build([1, 2], (x) => x.graph.emit('linear', [x, param(x, 'w', [3, 2]), param(x, 'b', [3])], {}));
  const weight = tensor([3, 2], [1, 2, 3, 4, 5, 6]);
  const own = new Map([['w', weight], ['b', tensor([3], [1, 1, 1])]]); // biome-ignore format: one line
  return {
    weight,
    session: await compile(
      grad(layer, (y) => y.graph.emit('mean', [y], {})),
      own,
    ),
  };
}

test('more than 4 GiB are refused before tiles are timed, the graph is lowered or weights are read', async () => {
  const enormous = createModel('resnet18', { size: 8192, batch: 64 });
  const untouched = new Proxy(new Map<string, Tensor>(), {
    get: () => {
      throw new Error('the weights were read');
    },
  });
  const timed = vi.spyOn(performance, 'now');
  await expect(compile(enormous, untouched)).rejects.toThrow(/^the plan needs \d+ MiB, more than the 4 GiB that WebAssembly addresses/);
  expect(timed).not.toHaveBeenCalled();
  timed.mockRestore();
  // each value is small enough, and all together are not
  const many = createModel('resnet50', { size: 224, batch: 700 });
  await expect(compile(many, untouched, { tile: '4x8' })).rejects.toThrow(/more than the 4 GiB/);
});

test('options that do not exist, and values of more than four extents, are refused', async () => {
  for (const options of [null, 3, { thread: 2 }, { kernels: 'fastest' }, { tile: Symbol('6x8') }, { algorithms: {} }, { threads: '2' }])
    await expect(compile(graph, weights, options as never)).rejects.toThrow(InputError);
  await expect(compile(graph, weights, { thread: 2 } as never)).rejects.toThrow(/unknown option thread \(did you mean threads/);
  const deep = build([1, 2, 3, 4, 5], (x) => x.graph.emit('relu', [x], {}));
  await expect(compile(deep, new Map())).rejects.toThrow(ShapeError);
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

test('a signal ends runAsync, before its turn or in it, and the next run has the bits that it always has', async () => {
  const larger = createModel('legacy_seresnet18', { size: 160, classes: 7 });
  const [image, other] = [1, 2].map((seed) => syntheticTensor('input', [1, 3, 160, 160], seed)) as [Tensor, Tensor];
  using session = await compile(larger, syntheticWeights(larger, { seed: 1, gain: 1 }));
  const expected = session.run(image);
  const reason = new Error('nobody waits');
  /** Aborted from the so-manieth look on. */
  const abortedFrom = (look: number) => {
    let looks = 0;
    return {
      get looks() {
        return looks;
      },
      aborted: false,
      reason,
      throwIfAborted: () => {
        if (++looks >= look) throw reason;
      },
      addEventListener: () => {},
      removeEventListener: () => {},
    };
  };
  const unheard = abortedFrom(Number.POSITIVE_INFINITY);
  expect(await session.runAsync(image, {}, { signal: unheard })).toEqual(expected);
  expect(unheard.looks).toBeGreaterThan(2); // before, in the turns, and behind the last step
  for (const look of [1, 2, 3]) {
    const [first, second] = [session.runAsync(other, {}, { signal: abortedFrom(look) }), session.runAsync(image)];
    await expect(first).rejects.toBe(reason);
    expect(await second).toEqual(expected);
    expect(session.run(image)).toEqual(expected);
  }
  await expect(session.runAsync(image, {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
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

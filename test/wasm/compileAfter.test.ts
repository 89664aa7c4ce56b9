import { expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { conv, linear, relu } from '../../src/models/layers.js';
import type { ReadableTensor, Tensor } from '../../src/tensor.js';
import { compileAfter } from '../../src/wasm/compileAfter.js';
import type { CompiledSession } from '../../src/wasm/compiled.js';
import type { CompileOptions } from '../../src/wasm/options.js';
import { compile } from '../../src/wasm/session.js';
import { seeded } from '../support/arbitraries.js';
import { weightsFor } from '../support/engines.js';

/** Layers of any plane, of which the second is direct on a plane of 3×3, and by Winograd's filtering on larger ones. */
const graphOf = (side: number, outputs = 5): Graph =>
  build([1, 3, side, side], (image) => {
    const x = relu(conv(image, 'stem', { out: 32, kernel: 3, bias: true }));
    const y = relu(conv(x, 'body', { out: 64, kernel: 3, bias: true }));
    return { map: conv(y, 'head', { out: outputs, kernel: 1, bias: true }) };
  });

/** Weights that count how often each is read. */
function counting(graph: Graph) {
  const reads = new Map<string, number>();
  const weights = new Map(
    [...weightsFor(graph, 4)].map(([name, tensor]): [string, ReadableTensor] => [
      name,
      {
        shape: tensor.shape,
        read: async () => {
          reads.set(name, (reads.get(name) ?? 0) + 1);
          return tensor;
        },
      },
    ]),
  );
  return { weights, reads };
}

const sizes = [24, 40, 16, 24, 56, 9];

test.each<[string, CompileOptions]>([
  ['one thread, directly', { algorithms: 'direct' }],
  ['one thread, fast', { algorithms: 'fast' }],
  ['two threads, whose memory cannot grow', { threads: 2, algorithms: 'direct' }],
])('sizes in turn give the bits of sessions of their own: %s', async (_, options) => {
  const weights = weightsFor(graphOf(24), 4);
  let session: CompiledSession | undefined;
  for (const side of sizes) {
    const input = seeded([1, 3, side, side], side);
    session = await compileAfter(session, graphOf(side), weights, options);
    using alone = await compile(graphOf(side), weights, options);
    expect((session.run(input).get('map') as Tensor).data).toEqual((alone.run(input).get('map') as Tensor).data);
  }
  session?.dispose();
});

test('of a second size no weight is read or packed again, and the first session has ended', async () => {
  const { weights, reads } = counting(graphOf(24));
  const options = { algorithms: 'direct' } as const;
  const first = await compileAfter(undefined, graphOf(24), weights, options);
  expect([...reads.values()]).toEqual([1, 1, 1, 1, 1, 1]);
  using second = await compileAfter(first, graphOf(40), weights, options);
  expect([...reads.values()]).toEqual([1, 1, 1, 1, 1, 1]);
  expect(() => first.run(seeded([1, 3, 24, 24], 1))).toThrow('disposed');
  expect(second.run(seeded([1, 3, 40, 40], 1)).size).toBe(1);
});

test('what a size packs otherwise is packed once, and stays for the next time', async () => {
  const { weights, reads } = counting(graphOf(3, 4000));
  let session: CompiledSession | undefined;
  for (const side of [3, 4, 3, 4]) session = await compileAfter(session, graphOf(side, 4000), weights, { algorithms: 'fast' });
  expect(['stem', 'body', 'head'].map((layer) => reads.get(`${layer}.weight`))).toEqual([1, 2, 1]);
  session?.dispose();
});

test('a memory of more than twice what is needed is let go', async () => {
  const { weights, reads } = counting(graphOf(24));
  const large = await compileAfter(undefined, graphOf(400), weights, { algorithms: 'direct' });
  using small = await compileAfter(large, graphOf(9), weights, { algorithms: 'direct' });
  expect([...reads.values()]).toEqual([2, 2, 2, 2, 2, 2]);
  expect(small.run(seeded([1, 3, 9, 9], 1)).size).toBe(1);
});

test('weights that do not fit are refused, and the session before has ended', async () => {
  const weights = weightsFor(graphOf(24), 4);
  const first = await compileAfter(undefined, graphOf(24), weights, {});
  const other = build([1, 3, 8, 8], (x) => ({ logits: linear(x, 'fc', 2) }));
  await expect(compileAfter(first, other, weights, {})).rejects.toThrow(WeightsError);
  expect(() => first.run(seeded([1, 3, 24, 24], 1))).toThrow('disposed');
});

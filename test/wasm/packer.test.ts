import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { furtherRulesOf } from '../../src/plan/further.js';
import { lower } from '../../src/plan/lower.js';
import { pack, packingSize, parametersOf } from '../../src/plan/pack.js';
import type { Packing } from '../../src/plan/packing.js';
import { place } from '../../src/plan/place.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { allocate, bindKernels, compileKernels } from '../../src/wasm/kernels.js';
import { tileNames, tiles } from '../../src/wasm/options.js';
import { packAll, scratchBytes } from '../../src/wasm/packer.js';
import { compile } from '../../src/wasm/session.js';
import { extents, seeds } from '../support/arbitraries.js';
import { builds, weightsFor } from '../support/engines.js';
import { inputLike, norm, param } from '../support/graphs.js';
import { cases } from '../support/length.js';

/** A NaN that no computation makes. */
const canary = 0x7fc0dead;

const gap = 128;

/** Packs into memory full of NaN, each constant between gaps. @returns the constants, and checks that the gaps are as they were */
async function packed(graph: Graph, weights: ReadonlyMap<string, Tensor>, engine: (typeof builds)[number], tile: keyof typeof tiles) {
  const plan = place(lower(graph, { tile: tiles[tile], threads: 1, algorithms: engine.algorithms ?? 'direct' }, furtherRulesOf(graph)));
  const addresses = new Map<string, number>();
  let end = 65536;
  for (const [name, packing] of plan.weights) {
    addresses.set(name, end);
    end += Math.ceil((packingSize(packing) * 4 + gap) / 64) * 64;
  }
  const memory = allocate(end + scratchBytes(plan) + gap, 'unshared');
  const words = new Int32Array(memory.buffer).fill(canary);
  const kernels = await bindKernels(await compileKernels(engine.kernels, 'unshared'), memory);
  const own = words.slice(0, 65536 / 4); // page 0, with the kernels' own constants
  await packAll(plan, weights, { memory, kernels, addresses, scratch: end });

  const blocks = new Map<string, Int32Array>();
  const used = new Uint8Array(words.length);
  for (const [name, packing] of plan.weights) {
    const at = (addresses.get(name) as number) / 4;
    blocks.set(name, words.slice(at, at + packingSize(packing)));
    used.fill(1, at, at + packingSize(packing));
  }
  used.fill(1, end / 4, (end + scratchBytes(plan)) / 4);
  expect(
    words.findIndex((word, i) => word !== (own[i] ?? canary) && used[i] === 0),
    'a write outside every constant',
  ).toBe(-1);
  return { plan, blocks };
}

function specified(packing: Packing, weights: ReadonlyMap<string, Tensor>): Int32Array {
  const { buffer } = new Int32Array(packingSize(packing)).fill(canary);
  pack(packing, weights, { f32: new Float32Array(buffer), i32: new Int32Array(buffer) });
  return new Int32Array(buffer);
}

const layer = fc.record({
  groups: fc.constantFrom(1, 1, 1, 2, 3),
  inputs: fc.oneof(extents(9), fc.constantFrom(16, 40)),
  outputs: fc.oneof(extents(9), fc.constantFrom(16, 24, 40)),
  side: fc.constantFrom(1, 3, 3, 5),
  stride: fc.constantFrom(1, 2),
  bias: fc.boolean(),
  normed: fc.boolean(),
  algorithms: fc.constantFrom('direct' as const, 'winograd2' as const, 'winograd4' as const),
  tile: fc.constantFrom(...tileNames),
  double: fc.boolean(),
  seed: seeds(),
});

test('what the kernels pack is what src/plan/pack.ts packs, bit for bit, for every build and tile', async () => {
  await fc.assert(
    fc.asyncProperty(layer, async ({ groups, inputs, outputs, side, stride, bias, normed, algorithms, tile, double, seed }) => {
      const graph = build([1, inputs * groups, 7, 8], (image) => {
        const x = image.graph.emit('concat', [image], {}); // an image of few channels, read by a convolution alone, has a layout of its own
        const filter = [outputs * groups, inputs, side, side];
        const operands = [x, param(x, 'conv.weight', filter), ...(bias ? [param(x, 'conv.bias', [outputs * groups])] : [])];
        const attrs = { stride: [stride, stride] as const, padding: [2, 2, 2, 2] as const, dilation: [1, 1] as const, groups };
        const y = x.graph.emit('conv2d', operands, attrs);
        return normed ? norm(y, 'bn') : y;
      });
      const single = weightsFor(graph, seed);
      const weights = double
        ? new Map(
            [...single].map(([name, { shape, data }]) => [
              name,
              tensor(
                shape,
                Float64Array.from(data, (value) => value / 3),
              ),
            ]),
          )
        : single;
      for (const { kernels } of builds) {
        const { plan, blocks } = await packed(graph, weights, { kernels, algorithms, tile: tiles[tile] }, tile);
        for (const [name, packing] of plan.weights) expect(blocks.get(name), `${kernels} ${name}`).toEqual(specified(packing, weights));
      }
    }),
    { numRuns: cases(60) },
  );
});

test('so are the lines of pooled planes, which are products of their own', async () => {
  await fc.assert(
    fc.asyncProperty(
      extents(20),
      fc.constantFrom(8, 700, 704),
      fc.constantFrom(...tileNames),
      seeds(),
      async (outputs, channels, tile, seed) => {
        const graph = build([2, 6], (x) => {
          const map = inputLike(x, 'map', [1, channels, 3, 3]);
          const pooled = x.graph.emit('roiAlign', [map, x], { output: [5, 3], scales: [1], samplingRatio: 1, aligned: false });
          return x.graph.emit('linear', [pooled, param(x, 'fc.weight', [outputs, channels * 15]), param(x, 'fc.bias', [outputs])], {});
        });
        const weights = weightsFor(graph, seed);
        for (const { kernels } of builds) {
          const { plan, blocks } = await packed(graph, weights, { kernels, tile: tiles[tile] }, tile);
          for (const [name, packing] of plan.weights) expect(blocks.get(name), `${kernels} ${name}`).toEqual(specified(packing, weights));
        }
      },
    ),
    { numRuns: cases(12) },
  );
});

const small = createModel('pytorchcv/seresnet20_cifar10');

test('tensors that are read when they are packed give the same bits, each read once', async () => {
  const weights = syntheticWeights(small, { seed: 3 });
  let reads = 0;
  const readable = new Map(
    [...weights].map(([name, values]) => [
      name,
      {
        shape: values.shape,
        read: async () => {
          reads++;
          return values;
        },
      },
    ]),
  );
  const input = tensor(
    [1, 3, 32, 32],
    Float32Array.from({ length: 3072 }, (_, i) => Math.sin(i)),
  );
  using whole = await compile(small, weights);
  using streamed = await compile(small, readable);
  expect(streamed.run(input)).toEqual(whole.run(input));
  expect(reads).toBe(weights.size);
});

test('every parameter is in some packing, so that each is read and checked', () => {
  const plan = lower(small, { tile: tiles['6x8'], threads: 1, algorithms: 'fast' });
  const needed = new Set([...plan.weights.values()].flatMap(parametersOf));
  expect([...needed].sort()).toEqual([...syntheticWeights(small, { seed: 3 }).keys()].sort());
});

test.each([
  ['a value that is not finite', (data: Float32Array) => data.fill(Number.NaN, 7, 8), 'tensor output.weight holds NaN at index 7'],
  ['too few values', (data: Float32Array) => data.subarray(1), 'tensor output.weight of shape [10, 64] holds 639 values'],
])('of a tensor that is read, %s is a WeightsError', async (_, damage, message) => {
  const weights = new Map<string, Tensor | { readonly shape: readonly number[]; read(): Promise<Tensor> }>(
    syntheticWeights(small, { seed: 3 }),
  );
  const { shape, data } = weights.get('output.weight') as Tensor;
  weights.set('output.weight', { shape, read: async () => ({ shape, data: damage(data.slice() as Float32Array) }) });
  const error = await compile(small, weights).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WeightsError);
  expect((error as Error).message).toContain(message);
});

test('of a tensor that is read another shape is refused before anything is', async () => {
  const weights = syntheticWeights(small, { seed: 3 });
  const refuse = () => Promise.reject(new Error('was read'));
  const readable = new Map([...weights].map(([name, { shape }]) => [name, { shape: name === 'output.bias' ? [11] : shape, read: refuse }]));
  await expect(compile(small, readable)).rejects.toThrow('tensor output.bias has another shape');
});

test('the event loop has turns while a network is packed', async () => {
  const graph = createModel('timm/legacy_seresnet18');
  const weights = syntheticWeights(graph, { seed: 3 });
  await compile(small, syntheticWeights(small, { seed: 3 })); // so that the tile is known: that is measured without a turn
  let turns = 0;
  const counted = setInterval(() => turns++, 0);
  using session = await compile(graph, weights);
  clearInterval(counted);
  expect(session.weightBytes).toBeGreaterThan(2 ** 25);
  expect(turns).toBeGreaterThan(0);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { forwards } from '../../src/ops/forwards.js';
import type { Node } from '../../src/ops/op.js';
import { activations, onConv } from '../../src/plan/activation.js';
import { map, sizeOf, type Tensor, tensor, widen } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { type Engine, engines, expectAllWithin, onWasm, weightsFor } from '../support/engines.js';
import { expectWithin } from '../support/expectWithin.js';
import { behind, type ConvGroup, convGraph, convGroup, kernelsOf, param } from '../support/graphs.js';
import { long } from '../support/length.js';

/** Of these a plain run has fewer than of other properties: each is computed by every build and tile. */
const cases = (all: number): number => (long ? all : Math.ceil(all / 10));

const inputsOf = (graph: Graph, seed: number): Record<string, Tensor> =>
  Object.fromEntries(
    graph.nodes
      .filter((node): node is Node<'input'> => node.op === 'input')
      .map(({ attrs }, i) => [attrs.name, seeded(attrs.shape, seed + i)]),
  );

const run = async (graph: Graph, seed: number, engine: Engine, inputs = inputsOf(graph, seed)): Promise<Tensor> =>
  (await onWasm(graph, weightsFor(graph, seed), inputs, engine, 'placed')).get('logits') as Tensor;

test('conv: any convolution with any riders, every build and tile, stays within the float32 error bound', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), async (group) => {
      const graph = convGraph(group);
      await expectAllWithin(graph, inputsOf(graph, group.seed), weightsFor(graph, group.seed));
    }),
    { numRuns: cases(250) },
  );
});

test('conv: a long sum is rounded without its bias, and once with it', async () => {
  const shape = fc.record({
    inputs: extents(130, 64),
    outputs: extents(40),
    side: fc.constantFrom(1, 3),
    width: extents(64),
    seed: seeds(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ inputs, outputs, side, width, seed }) => {
      const [image, filter] = [
        [1, inputs, side, width + side - 1],
        [outputs, inputs, side, side],
      ] as const;
      const attrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
      const graph = convGraph({ image, filter, attrs, bias: true, norm: false, residual: 'none', relu: false, squeeze: false, seed });
      const [x, w, bias] = [seeded(image, seed), seeded(filter, seed + 1), map(seeded([outputs], seed + 2), (b) => b * 2 ** 20)] as const;
      const value = forwards.conv2d([widen(x), widen(w), widen(bias)], attrs);
      const scale = forwards.conv2d([map(widen(x), Math.abs), map(widen(w), Math.abs)], attrs);
      const weights = new Map([
        ['conv.weight', w],
        ['conv.bias', bias],
      ]);
      for (const engine of engines) {
        const y = (await onWasm(graph, weights, { input: x }, engine, 'placed')).get('logits') as Tensor;
        expectWithin(y, { value, scale, roundings: inputs * side * side + 1 });
      }
    }),
    { numRuns: cases(30) },
  );
});

test('conv: every number of rows, with a shortcut, a ReLU and a squeeze behind', async () => {
  for (let width = 1; width <= 64; width += !long && width >= 17 ? 5 : 1) {
    const group: ConvGroup = {
      image: [1, 5, 1, width],
      filter: [9, 5, 1, 1],
      attrs: { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 },
      bias: true,
      norm: false,
      residual: 'other',
      relu: true,
      squeeze: true,
      seed: width,
    };
    const graph = convGraph(group);
    await expectAllWithin(graph, inputsOf(graph, width), weightsFor(graph, width));
  }
});

test('conv: a batch of N is N singles, bit for bit', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), async (group) => {
      const [N, ...image] = group.image as readonly [number, ...number[]];
      const batch = convGraph({ ...group, residual: 'none' });
      const alone = convGraph({ ...group, residual: 'none', image: [1, ...image] });
      const x = seeded(group.image, group.seed);
      for (const engine of engines) {
        const whole = await run(batch, group.seed, engine, { input: x });
        const size = sizeOf(image);
        for (let n = 0; n < N; n++) {
          const one = await run(alone, group.seed, engine, { input: tensor([1, ...image], x.data.slice(n * size, (n + 1) * size)) });
          expect(whole.data.slice(n * one.data.length, (n + 1) * one.data.length)).toEqual(one.data);
        }
      }
    }),
    { numRuns: cases(40) },
  );
});

test('conv: groups are the concatenation of their own convolutions', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), async (group) => {
      const { groups } = group.attrs;
      const [N, C, H, W] = group.image as readonly [number, number, number, number];
      const [O, Cg, P, Q] = group.filter as readonly [number, number, number, number];
      const x = seeded(group.image, group.seed);
      const w = seeded(group.filter, group.seed + 1);
      const plain = { ...group, bias: false, norm: false, residual: 'none', relu: false, squeeze: false } as const;
      const together = convGraph(plain);
      const apart = convGraph({ ...plain, image: [N, Cg, H, W], filter: [O / groups, Cg, P, Q], attrs: { ...group.attrs, groups: 1 } });
      for (const engine of engines) {
        const y = (await onWasm(together, new Map([['conv.weight', w]]), { input: x }, engine, 'placed')).get('logits') as Tensor;
        const plane = sizeOf(y.shape) / N / O;
        for (let g = 0; g < groups; g++) {
          const part = { input: channelsOf(x, g * Cg, Cg, C) };
          const filter = new Map([
            ['conv.weight', tensor([O / groups, Cg, P, Q], w.data.slice((g * w.data.length) / groups, ((g + 1) * w.data.length) / groups))],
          ]);
          const own = (await onWasm(apart, filter, part, engine, 'placed')).get('logits') as Tensor;
          expect(map(own, Math.abs).data).toEqual(map(channelsOf(y, (g * O) / groups, O / groups, O), Math.abs).data);
          expect(own.data.length).toBe((N * O * plane) / groups);
        }
      }
    }),
    { numRuns: cases(40) },
  );
});

test('conv: a NaN stays in its group, where groups have 8 outputs or more', async () => {
  const shape = fc.record({ groups: fc.integer({ min: 2, max: 4 }), inputs: extents(9), outputs: extents(27, 8), seed: seeds() });
  await fc.assert(
    fc.asyncProperty(shape, async ({ groups, inputs, outputs, seed }) => {
      const image = [1, groups * inputs, 2, 2];
      const graph = convGraph({
        image,
        filter: [groups * outputs, inputs, 1, 1],
        attrs: { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups },
        bias: false,
        norm: false,
        residual: 'none',
        relu: false,
        squeeze: false,
        seed,
      });
      const sick = seed % (groups - 1); // not the last, which has the pads
      const x = seeded(image, seed);
      x.data.fill(NaN, sick * inputs * 4, (sick + 1) * inputs * 4);
      for (const engine of engines) {
        const { data } = await run(graph, seed, engine, { input: x });
        expect([...data].map(Number.isNaN)).toEqual([...data].map((_, i) => Math.floor(i / (outputs * 4)) === sick));
      }
    }),
    { numRuns: cases(40) },
  );
});

/** Channels [from, from + count) of x [N, C, ...]. */
function channelsOf(x: Tensor, from: number, count: number, C: number): Tensor {
  const [N = 1, , ...plane] = x.shape;
  const size = sizeOf(plane);
  const parts = Array.from({ length: N }, (_, n) => [...x.data.subarray((n * C + from) * size, (n * C + from + count) * size)]);
  return tensor([N, count, ...plane], parts.flat());
}

test('conv: doubling the image doubles the result, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), async (group) => {
      const graph = convGraph({ ...group, bias: false, norm: false, residual: 'none' });
      const x = seeded(group.image, group.seed);
      for (const engine of engines) {
        const once = await run(graph, group.seed, engine, { input: x });
        const twice = await run(graph, group.seed, engine, { input: map(x, (value) => 2 * value) });
        expect(twice.data).toEqual(map(once, (value) => 2 * value).data);
      }
    }),
    { numRuns: cases(40) },
  );
});

test('linear: every batch, width and build stays within the bound, with weights as a matrix or a 1x1 convolution', async () => {
  const shape = fc.record({
    batch: extents(70),
    inputs: fc.oneof(extents(40), fc.constantFrom(63, 64, 65, 129, 300)), // sums are taken 32 inputs at a time
    outputs: extents(40),
    square: fc.boolean(),
    bias: fc.boolean(),
    relu: fc.boolean(),
    seed: seeds(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ batch, inputs, outputs, square, bias, relu, seed }) => {
      const graph = build([batch, inputs], (x) => {
        const weight = param(x, 'fc.weight', square ? [outputs, inputs, 1, 1] : [outputs, inputs]);
        const y = x.graph.emit('linear', [x, weight, ...(bias ? [param(x, 'fc.bias', [outputs])] : [])], {});
        return relu ? x.graph.emit('relu', [y], {}) : y;
      });
      await expectAllWithin(graph, { input: seeded([batch, inputs], seed) }, weightsFor(graph, seed));
    }),
    { numRuns: cases(60) },
  );
});

test('linear: each image of a batch is the same to the bit as alone', async () => {
  const shape = fc.tuple(extents(130), fc.oneof(extents(300), fc.constantFrom(255, 256, 257, 513)), extents(70), seeds());
  const graphOf = (batch: number, inputs: number, outputs: number) =>
    build([batch, inputs], (x) =>
      x.graph.emit(
        'sigmoid',
        [x.graph.emit('linear', [x, param(x, 'fc.weight', [outputs, inputs]), param(x, 'fc.bias', [outputs])], {})],
        {},
      ),
    );
  await fc.assert(
    fc.asyncProperty(shape, async ([batch, inputs, outputs, seed]) => {
      const x = seeded([batch, inputs], seed);
      const graph = graphOf(batch, inputs, outputs);
      const n = seed % batch;
      const image = { shape: [1, inputs], data: x.data.slice(n * inputs, (n + 1) * inputs) };
      for (const engine of engines) {
        const all = await run(graph, seed, engine, { input: x });
        const { data } = await run(graphOf(1, inputs, outputs), seed, engine, { input: image });
        expect(all.data.slice(n * outputs, (n + 1) * outputs)).toEqual(data);
      }
    }),
    { numRuns: cases(40) },
  );
});

test('linear of a plane: every batch, plane and width stays within the bound', async () => {
  const shape = fc.record({
    image: fc.tuple(extents(5), extents(20), extents(5), extents(5)),
    outputs: extents(40),
    matrix: fc.boolean(),
    relu: fc.boolean(),
    seed: seeds(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ image, outputs, matrix, relu, seed }) => {
      const [, C, H, W] = image;
      const graph = build(image, (x) => {
        const weight = param(x, 'fc.weight', matrix ? [outputs, C * H * W] : [outputs, C, H, W]);
        const y = x.graph.emit('linear', [x, weight, param(x, 'fc.bias', [outputs])], {});
        return relu ? x.graph.emit('relu', [y], {}) : y;
      });
      await expectAllWithin(graph, { input: seeded(image, seed) }, weightsFor(graph, seed));
    }),
    { numRuns: cases(60) },
  );
});

test('conv: any function behind stays within the bound; what is 0 at 0 needs no step of its own unless panels overlap', async () => {
  const riders = fc.constantFrom(...activations.filter((op) => op !== undefined && op !== 'relu'));
  await fc.assert(
    fc.asyncProperty(convGroup(), riders, fc.constantFrom(1, 8), async (group, op, size) => {
      const plain = convGraph({ ...group, residual: 'none', relu: false, squeeze: false });
      const graph = behind(plain, op);
      const inputs = { input: map(seeded(group.image, group.seed), (value) => value * size) };
      const [O = 0] = group.filter;
      const each = O / group.attrs.groups;
      const overlapping = group.attrs.groups > 1 && each >= 8 && each % 8 !== 0;
      expect(kernelsOf(graph)).toEqual(['nchwToNhwc', 'conv', ...(!onConv.includes(op) || overlapping ? ['activation'] : [])]);
      await expectAllWithin(graph, inputs, weightsFor(graph, group.seed));
    }),
    { numRuns: cases(150) },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bounded, bounds } from '../../src/bound/bound.js';
import { build } from '../../src/graph/build.js';
import { evaluate } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { compile } from '../../src/index.js';
import { linear } from '../../src/models/layers.js';
import type { Pair } from '../../src/ops/op.js';
import { map, type Tensor, tensor } from '../../src/tensor.js';
import { extents, pairs, seeded, seeds } from '../support/arbitraries.js';
import { builds, engines, expectAllWithin, type Inputs, onWasm, weightsFor } from '../support/engines.js';
import { expectWithin } from '../support/expectWithin.js';
import { inputLike, kernelsOf, single } from '../support/graphs.js';
import { cases } from '../support/length.js';

const none = new Map();

interface Drawn {
  readonly images: number;
  readonly channels: number;
  readonly planes: readonly Pair[];
  readonly regions: number;
  readonly output: Pair;
  readonly samplingRatio: number;
  readonly aligned: boolean;
  readonly scale: number;
  readonly seed: number;
}

/** Channels on both sides of a pad and of the 32 that are summed at once; bins of more samples than are collected at once; regions that hang over every side. */
const drawn = (): fc.Arbitrary<Drawn> =>
  fc.record({
    images: extents(2),
    channels: fc.oneof(extents(20), fc.constantFrom(31, 32, 33, 64, 72)),
    planes: fc.array(fc.oneof(pairs(6), pairs(30)), { minLength: 1, maxLength: 3 }),
    regions: extents(6),
    output: fc.oneof(pairs(2), pairs(7)),
    samplingRatio: fc.constantFrom(0, 1, 2, 3, 9),
    aligned: fc.boolean(),
    scale: fc.constantFrom(1, 0.5, 0.25, 0.3),
    seed: seeds(),
  });

/** Rows of a map or a pad, an image, and corners, which are halves of pixels in every other row, and in some the wrong way round. */
function rois({ images, planes, regions, scale, seed }: Drawn, pads: boolean): Tensor {
  const uniform = seeded([regions, 6], seed + 100).data;
  const rows = Array.from({ length: regions }, (_, r) => {
    const at = (i: number): number => ((uniform[r * 6 + i] as number) + 1) / 2;
    const which = pads ? Math.floor(at(0) * (planes.length + 1)) - 1 : Math.floor(at(0) * planes.length);
    const [H, W] = planes[Math.max(which, 0)] as Pair;
    const corner = (i: number, extent: number): number => {
      const pixel = ((1.8 * at(i) - 0.4) * extent) / scale;
      return r % 2 === 0 ? pixel : Math.round(2 * pixel) / 2;
    };
    return [which, Math.floor(at(1) * images), corner(2, W), corner(3, H), corner(4, W), corner(5, H)];
  });
  return tensor([regions, 6], rows.flat());
}

const fixed: Drawn = {
  images: 2,
  channels: 9,
  planes: [
    [5, 6],
    [3, 3],
  ],
  regions: 1,
  output: [2, 3],
  samplingRatio: 2,
  aligned: false,
  scale: 1,
  seed: 5,
};

const scalesOf = ({ planes, scale }: Drawn): readonly number[] => planes.map((_, i) => scale / 2 ** i);

function alignGraph(one: Drawn): Graph {
  const { images, channels, planes, regions, output, samplingRatio, aligned } = one;
  return build([regions, 6], (x) => {
    const maps = planes.map((plane, i) => inputLike(x, `map${i}`, [images, channels, ...plane]));
    return x.graph.emit('roiAlign', [...maps, x], { output, scales: scalesOf(one), samplingRatio, aligned });
  });
}

function poolGraph({ images, channels, planes, regions, output, scale }: Drawn): Graph {
  return build([regions, 6], (x) =>
    x.graph.emit('roiPool', [inputLike(x, 'map0', [images, channels, ...(planes[0] as Pair)]), x], { output, scale }),
  );
}

function inputsOf(one: Drawn, { pads = true, change = (value: number, _: number): number => value } = {}): Inputs {
  const { images, channels, planes, seed } = one;
  const maps = planes.map((plane, i) => {
    const { shape, data } = seeded([images, channels, ...plane], seed + i);
    return [`map${i}`, { shape, data: data.map(change) }] as const;
  });
  return { ...Object.fromEntries(maps), input: rois(one, pads) };
}

test('roiAlign: any regions of any maps stay within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(drawn(), async (one) => {
      expect(kernelsOf(alignGraph(one)).filter((kernel) => kernel === 'roiAlign')).toHaveLength(one.planes.length);
      await expectAllWithin(alignGraph(one), inputsOf(one), none, builds);
    }),
  );
});

test('roiPool: any regions of a map, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(drawn(), async (drawn) => {
      const one = { ...drawn, planes: drawn.planes.slice(0, 1) };
      expect(kernelsOf(poolGraph(one))).toContain('roiPool');
      await expectAllWithin(poolGraph(one), inputsOf(one), none, builds);
    }),
  );
});

test('upsampleNearest: to any extents, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(extents(2), extents(20), pairs(9), pairs(20), seeds(), async (N, C, plane, output, seed) => {
      const graph = single('upsampleNearest', [N, C, ...plane], { output });
      expect(kernelsOf(graph).at(-1)).toBe('upsampleNearest');
      await expectAllWithin(graph, { input: seeded([N, C, ...plane], seed) }, none, builds);
    }),
  );
});

/** A box head: two layers with a function behind each, which an excitation has too, and two that share what comes in. */
function headGraph(one: Drawn, hidden: number, functions: readonly ['relu' | 'silu', 'relu' | 'sigmoid']): Graph {
  const { images, channels, planes, regions, output } = one;
  return build(
    [regions, 6],
    (x) => {
      const map = inputLike(x, 'map0', [images, channels, ...(planes[0] as Pair)]);
      const pooled = x.graph.emit('roiAlign', [map, x], { output, scales: [one.scale], samplingRatio: 2, aligned: false });
      const first = x.graph.emit(functions[0], [linear(pooled, 'fc6', hidden)], {});
      const second = x.graph.emit(functions[1], [linear(first, 'fc7', hidden + 3)], {});
      x.graph.feature('boxes', linear(second, 'bbox_pred', 20, { bias: false }));
      return linear(second, 'cls_score', 5);
    },
    { features: true },
  );
}

const heads = () =>
  fc.tuple(
    drawn(),
    extents(40),
    fc.tuple(fc.constantFrom('relu' as const, 'silu' as const), fc.constantFrom('relu' as const, 'sigmoid' as const)),
  );

test('a box head stays within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(heads(), async ([drawn, hidden, functions]) => {
      const one = { ...drawn, planes: drawn.planes.slice(0, 1) };
      const graph = headGraph(one, hidden, functions);
      const [fc6, fc7] = functions.map((behind) => (behind === 'relu' ? 'conv' : 'dense'));
      const linear = kernelsOf(graph).filter((kernel) => kernel === 'conv' || kernel === 'dense'); // and sums of a plane's parts
      expect([linear[0], ...linear.slice(-3)]).toEqual([fc6, fc7, 'conv', 'conv']);
      await expectAllWithin(graph, inputsOf(one), weightsFor(graph, one.seed));
    }),
    { numRuns: cases(60) },
  );
});

test('what a head makes of a region does not depend on how many there are', async () => {
  const plane: Pair = [9, 11];
  const one: Drawn = { ...fixed, planes: [plane], regions: 130, output: [3, 2] };
  const few = { ...one, regions: 2 };
  const weights = weightsFor(headGraph(few, 21, ['relu', 'relu']), 1);
  const inputs = inputsOf(one);
  const two = { shape: [2, 6], data: (inputs.input as Tensor).data.slice(-12) };
  for (const engine of engines) {
    const all = await onWasm(headGraph(one, 21, ['relu', 'relu']), weights, inputs, engine, 'placed');
    const last = await onWasm(headGraph(few, 21, ['relu', 'relu']), weights, { ...inputs, input: two }, engine, 'placed');
    for (const [name, { data }] of last) expect(all.get(name)?.data.slice(-data.length), name).toEqual(data);
  }
});

/** What is no number must be there to the bit, the rest within its bound. */
async function expectSame(graph: Graph, inputs: Inputs): Promise<void> {
  const exact = evaluate(graph, bounds(none, inputs)).get('logits') as Bounded;
  for (const engine of builds) {
    const actual = (await onWasm(graph, none, inputs, engine, 'placed')).get('logits') as Tensor;
    const odd = (x: Tensor): readonly number[] => [...map(x, (value) => (Number.isFinite(value) ? 0 : value)).data];
    expect(odd(actual)).toEqual(odd(exact.value));
    const finite = (x: Tensor): Tensor => map(x, (value) => (Number.isFinite(value) ? value : 0));
    expectWithin(finite(actual), { ...exact, value: finite(exact.value), scale: finite(exact.scale) });
  }
}

test('infinities and NaN in maps are where the formula has them', async () => {
  await fc.assert(
    fc.asyncProperty(drawn(), fc.constantFrom(7, 30, 200), async (one, each) => {
      const oddities = [NaN, Infinity, -Infinity];
      const change = (value: number, i: number): number => ((i + one.seed) % each === 0 ? (oddities[i % 3] as number) : value);
      await expectSame(alignGraph(one), inputsOf(one, { change }));
      const pooled = { ...one, planes: one.planes.slice(0, 1) };
      await expectSame(poolGraph(pooled), inputsOf(pooled, { change }));
    }),
  );
});

test('a row that means no region gives zeros, and its neighbours are as without it', async () => {
  // biome-ignore format: one row a line
  const wrong = [
    [2, 0, 0, 0, 4, 4], [-1, 0, 0, 0, 4, 4], [-2, 0, 0, 0, 4, 4], [0.5, 0, 0, 0, 4, 4], [NaN, 0, 0, 0, 4, 4], [Infinity, 0, 0, 0, 4, 4],
    [0, 2, 0, 0, 4, 4], [0, -1, 0, 0, 4, 4], [1, 0.5, 0, 0, 4, 4], [1, NaN, 0, 0, 4, 4], [0, 2 ** 31, 0, 0, 4, 4],
    [0, 0, NaN, 0, 4, 4], [0, 0, 0, Infinity, 4, 4], [1, 0, 0, 0, -Infinity, 4], [1, 0, 0, 0, 4, 3e38], [0, 0, -3e38, -3e38, 3e38, 3e38],
  ];
  const right = [0, 1, 0.5, 0.25, 4, 3];
  const rows = wrong.flatMap((row) => [row, right]);
  for (const samplingRatio of [0, 2]) {
    const graphs = { roiAlign: alignGraph, roiPool: poolGraph };
    for (const [op, graphFor] of Object.entries(graphs)) {
      const given = op === 'roiPool' ? { ...fixed, planes: fixed.planes.slice(0, 1) } : fixed;
      const maps = inputsOf(given);
      const alone = { ...maps, input: tensor([1, 6], right) };
      const all = { ...maps, input: tensor([rows.length, 6], rows.flat()) };
      for (const engine of builds) {
        const graph = graphFor({ ...given, samplingRatio, regions: rows.length });
        const expected = (await onWasm(graphFor({ ...given, samplingRatio }), none, alone, engine, 'placed')).get('logits') as Tensor;
        const { data } = (await onWasm(graph, none, all, engine, 'spread')).get('logits') as Tensor;
        const size = expected.data.length;
        expect(expected.data.some((value) => value !== 0)).toBe(true);
        rows.forEach((row, r) => {
          expect(data.subarray(r * size, (r + 1) * size), `${op} of ${row}`).toEqual(
            row === right ? expected.data : new Float32Array(size),
          );
        });
      }
    }
  }
});

test('any number of threads gives the same bits', async () => {
  const planes: readonly Pair[] = [
    [19, 23],
    [10, 12],
  ];
  const one: Drawn = { ...fixed, channels: 40, planes, regions: 13, output: [7, 7], samplingRatio: 0, scale: 0.25 };
  const pooled = { ...one, planes: one.planes.slice(0, 1) };
  for (const [graph, inputs] of [
    [alignGraph(one), inputsOf(one)],
    [poolGraph(pooled), inputsOf(pooled)],
  ] as const) {
    const results: Tensor[] = [];
    for (const threads of [1, 2, 3]) {
      using session = await compile(graph, none, { kernels: 'strict', threads });
      results.push(session.run(inputs).get('logits') as Tensor);
    }
    for (const result of results) expect(result).toEqual(results[0]);
  }
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { combinationNames, type FunctionName, functionNames } from '../../src/ops/functionNames.js';
import type { OpAttrs, OpName, Taps } from '../../src/ops/op.js';
import { map, type Shape, type Tensor } from '../../src/tensor.js';
import { boxes, extents, pairs, seeded, seeds } from '../support/arbitraries.js';
import { builds, engines, expectAllWithin, weightsFor } from '../support/engines.js';
import { inputLike, kernelsOf, param, single } from '../support/graphs.js';
import { cases } from '../support/length.js';

const none = new Map();
const runs = { numRuns: cases(100) };

/** [N, C] or [N, C, H, W], channels on both sides of a pad. */
const shapes = (): fc.Arbitrary<Shape> =>
  fc.oneof(fc.tuple(extents(3), extents(20)), fc.tuple(extents(2), extents(20), extents(5), extents(5)));

/** Of arguments that it is defined for, large and small. */
function argumentsOf(name: FunctionName, shape: Shape, seed: number): Tensor {
  const size = [0.01, 1, 4, 20][seed % 4] as number;
  const positive = name === 'log' || name === 'sqrt' || name === 'power';
  return map(seeded(shape, seed), (value) => (positive ? Math.abs(value) + 2 ** -10 : value) * size);
}

test('apply: every function of exact arguments, and of what another has rounded', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...functionNames),
      shapes(),
      fc.constantFrom(0.01, 0.3, 1, 2, -0.5),
      seeds(),
      async (name, shape, a, seed) => {
        const attrs = { function: name, a: name === 'clip' ? -Math.abs(a) : a, b: 0.75 };
        const x = argumentsOf(name, shape, seed);
        await expectAllWithin(single('apply', shape, attrs), { input: x }, none, builds);
        const behind = build(shape, (value) => {
          const shifted = value.graph.emit('scaleBy', [value], { factor: 1.1 });
          return value.graph.emit('apply', [shifted], attrs);
        });
        await expectAllWithin(behind, { input: x }, none, builds);
      },
    ),
    runs,
  );
});

test('combine: either operand repeated along any axes, a value or a parameter', async () => {
  const axes = fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...combinationNames),
      shapes(),
      axes,
      fc.boolean(),
      seeds(),
      async (combination, shape, repeated, isParam, seed) => {
        const without = (which: number): Shape => shape.map((extent, axis) => (repeated[axis] === which ? 1 : extent));
        const [a, b] = [without(1), without(2)];
        const graph = build(a, (x) => x.graph.emit('combine', [x, isParam ? param(x, 'b', b) : inputLike(x, 'b', b)], { combination }));
        const away = (x: Tensor): Tensor =>
          map(x, (value) => (combination === 'power' ? Math.abs(value) + 0.1 : value + (value < 0 ? -0.1 : 0.1)));
        const inputs = { input: away(seeded(a, seed)), ...(isParam ? {} : { b: away(seeded(b, seed + 1)) }) };
        const weights = isParam ? new Map([['b', away(seeded(b, seed + 1))]]) : none;
        await expectAllWithin(graph, inputs, weights, builds);
      },
    ),
    runs,
  );
});

test('reduce: along any axes', async () => {
  const reductions = fc.constantFrom('sum' as const, 'mean' as const, 'max' as const, 'min' as const);
  await fc.assert(
    fc.asyncProperty(reductions, shapes(), fc.subarray([0, 1, 2, 3], { minLength: 1 }), seeds(), async (reduction, shape, axes, seed) => {
      const graph = single('reduce', shape, { reduction, axes: axes.filter((axis) => axis < shape.length) });
      await expectAllWithin(graph, { input: seeded(shape, seed) }, none, builds);
    }),
    runs,
  );
});

test('matMul: one or many images and heads on either side', async () => {
  const size = fc.tuple(extents(2), extents(10), extents(5), extents(9), extents(5));
  await fc.assert(
    fc.asyncProperty(
      size,
      fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
      fc.boolean(),
      seeds(),
      async ([N, H, M, K, L], ones, isParam, seed) => {
        const [a, b] = [
          [ones[0] ? 1 : N, ones[1] ? 1 : H, M, K],
          [ones[2] ? 1 : N, ones[3] ? 1 : H, K, L],
        ];
        const graph = build(a, (x) => x.graph.emit('matMul', [x, isParam ? param(x, 'b', b) : inputLike(x, 'b', b)], {}));
        const inputs = { input: seeded(a, seed), ...(isParam ? {} : { b: seeded(b, seed + 1) }) };
        await expectAllWithin(graph, inputs, isParam ? new Map([['b', seeded(b, seed + 1)]]) : none, builds);
      },
    ),
    runs,
  );
});

/** Lines of up to four cells each, some of them twice. */
const taps = (extent: number, lines: number, seed: number): Taps =>
  Array.from({ length: lines }, (_, i) =>
    Array.from(
      { length: 1 + ((seed + i) % 4) },
      (__, k) => [(seed + 3 * i + k) % extent, (((seed + i * 7 + k * 5) % 11) - 5) / 4] as const,
    ),
  );

test('resample: any taps', async () => {
  await fc.assert(
    fc.asyncProperty(extents(2), extents(20), pairs(6), pairs(8), seeds(), async (N, C, [H, W], [I, J], seed) => {
      const graph = single('resample', [N, C, H, W], { rows: taps(H, I, seed % 1000), columns: taps(W, J, seed % 997) });
      await expectAllWithin(graph, { input: seeded([N, C, H, W], seed) }, none, builds);
    }),
    runs,
  );
});

test('rearrange: any order of the axes, cells left out, repeated and outside, and another shape', async () => {
  const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });
  const written = fc.constantFrom<(shape: Shape) => Shape>(
    (shape) => shape,
    ([a = 1, b = 1, c = 1, d = 1]) => [a * b, c * d],
    ([a = 1, b = 1, c = 1, d = 1]) => [1, a, b * c, d],
    ([a = 1, b = 1, c = 1, d = 1]) => [a, c, b, d],
  );
  const kernels = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      extents(2),
      extents(12),
      pairs(4),
      orders,
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      written,
      seeds(),
      async (N, C, [H, W], order, chosen, as, seed) => {
        const view = [N, C, H, W];
        const cells = order.map((axis, k) =>
          chosen[k] ? Array.from({ length: 1 + ((seed + k) % 5) }, (_, i) => ((seed + 7 * i) % ((view[axis] as number) + 1)) - 1) : null,
        );
        const extentsOf = order.map((axis, k) => cells[k]?.length ?? (view[axis] as number));
        const graph = single('rearrange', view, { view, order, cells, shape: as(extentsOf), outside: 0.5 });
        kernels.add(kernelsOf(graph).at(-1) as string);
        await expectAllWithin(graph, { input: seeded(view, seed) }, none, builds);
      },
    ),
    runs,
  );
  expect(kernels).toEqual(new Set(['rearrange', 'rearrangeEach']));
});

/** A plane that the windows reach over, and one that they do not reach the end of. */
function transposedGraph(shape: Shape, filter: Shape, attrs: OpAttrs['convTranspose2d']): Graph {
  return build(shape, (x) => x.graph.emit('convTranspose2d' satisfies OpName, [x, param(x, 'w', filter)], attrs));
}

test('convTranspose2d: any stride, dilation, padding, groups and plane', async () => {
  const windows = fc.record({ stride: pairs(3), dilation: pairs(2), padding: boxes(2), more: pairs(3) });
  await fc.assert(
    fc.asyncProperty(
      extents(2),
      fc.tuple(extents(3), extents(9), extents(9)),
      pairs(4),
      pairs(3),
      windows,
      seeds(),
      async (N, [G, Cg, Og], [H, W], [P, Q], { more, ...attrs }, seed) => {
        const [top, right, bottom, left] = attrs.padding;
        const extent = (axis: 0 | 1, x: number, k: number, pads: number): number =>
          Math.max((x - 1) * attrs.stride[axis] + (k - 1) * attrs.dilation[axis] + more[axis] - pads, 1);
        const plane = [extent(0, H, P, top + bottom), extent(1, W, Q, left + right)] as const;
        const graph = transposedGraph([N, G * Cg, H, W], [G * Cg, Og, P, Q], { ...attrs, groups: G, plane });
        await expectAllWithin(graph, { input: seeded([N, G * Cg, H, W], seed) }, weightsFor(graph, seed), engines);
      },
    ),
    { numRuns: cases(60) },
  );
});

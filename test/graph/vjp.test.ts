import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convolutions, pools } from '../../reference/properties/windows.js';
import { build } from '../../src/graph/build.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import type { Graph } from '../../src/graph/graph.js';
import type { AvgPoolAttrs, OpAttrs, OpName, PointwiseOp, Value } from '../../src/ops/op.js';
import { vjps } from '../../src/ops/vjps.js';
import { map, type Shape, sizeOf, type Tensor, tensor } from '../../src/tensor.js';
import { extents, pairs, seeded, seeds } from '../support/arbitraries.js';
import { inputLike, param } from '../support/graphs.js';
import { count, dot, expectSlope, lossAt } from '../support/slope.js';

/** Everything here is float64. */

/** One use of an op on operands called x0, x1, …: parameters where the op has a cotangent for them, inputs elsewhere. */
interface VjpCase {
  readonly operands: readonly Operand[];
  readonly model: (operands: readonly Value[]) => Value;
  readonly seed: number;
}

interface Operand {
  readonly shape: Shape;
  /** `distinct`: no two closer than an eighth, for maxima; `spread`: from −8 to 8, no closer than a sixteenth to an eighth, where the kinks are. */
  readonly values?: 'distinct' | 'spread' | 'positive' | 'bits';
  readonly constant?: boolean;
}

const drawn = (shapes: fc.Arbitrary<Omit<VjpCase, 'seed'>>): fc.Arbitrary<VjpCase> =>
  fc.record({ shapes, seed: seeds() }).map(({ shapes, seed }) => ({ ...shapes, seed }));

const use = <K extends OpName>(op: K, operands: readonly Operand[], attrs: OpAttrs[K]): Omit<VjpCase, 'seed'> => ({
  operands,
  model: (values) => (values[0] as Value).graph.emit(op, values, attrs),
});

const planes = (): fc.Arbitrary<Shape> => fc.tuple(extents(2), extents(3), extents(4), extents(4));
const rows = (): fc.Arbitrary<Shape> => fc.tuple(extents(3), extents(5));

const pointwise = (op: PointwiseOp) => () => drawn(planes().map((shape) => use(op, [{ shape, values: 'spread' }], {})));

const vectors = (C: number, ...values: readonly (Operand['values'] | undefined)[]): readonly Operand[] =>
  values.map((kind) => ({ shape: [C], ...(kind && { values: kind }) }));

/** A case for each op that has a vjp. */
const cases: Partial<Record<OpName, () => fc.Arbitrary<VjpCase>>> = {
  conv2d: () =>
    drawn(
      convolutions(fc.tuple(extents(2), extents(2), extents(2)), 6).map(({ image, filter, attrs, bias }) =>
        use(
          'conv2d',
          [image, filter, ...(bias ? [[filter[0] as number]] : [])].map((shape) => ({ shape })),
          attrs,
        ),
      ),
    ),
  linear: () =>
    drawn(
      fc
        .record({ x: fc.oneof(rows(), planes()), outputs: extents(4), flat: fc.boolean(), bias: fc.boolean() })
        .map(({ x, outputs, flat, bias }) => {
          const filter = flat ? [sizeOf(x.slice(1))] : [x[1] as number, x[2] ?? 1, x[3] ?? 1];
          return use(
            'linear',
            [x, [outputs, ...filter], ...(bias ? [[outputs]] : [])].map((shape) => ({ shape })),
            {},
          );
        }),
    ),
  batchNorm: () =>
    drawn(
      fc
        .oneof(planes(), rows())
        .map((shape) =>
          use('batchNorm', [{ shape }, ...vectors(shape[1] as number, undefined, undefined, undefined, 'positive')], { eps: 1e-5 }),
        ),
    ),
  relu: pointwise('relu'),
  relu6: pointwise('relu6'),
  sigmoid: pointwise('sigmoid'),
  hardSigmoid: pointwise('hardSigmoid'),
  hardSwish: pointwise('hardSwish'),
  silu: pointwise('silu'),
  tanh: pointwise('tanh'),
  softmax: () => drawn(rows().map((shape) => use('softmax', [{ shape }], {}))),
  add: () => drawn(planes().map((shape) => use('add', [{ shape }, { shape }], {}))),
  multiply: () => drawn(planes().map((shape) => use('multiply', [{ shape }, { shape }], {}))),
  scale: () => drawn(planes().map((shape) => use('scale', [{ shape }, { shape: shape.slice(0, 2) }], {}))),
  scaleBy: () => drawn(planes().map((shape) => use('scaleBy', [{ shape }], { factor: 0.375 }))),
  concat: () =>
    drawn(
      fc.tuple(extents(2), pairs(3), fc.array(extents(3), { minLength: 1, maxLength: 3 })).map(([N, plane, channels]) =>
        use(
          'concat',
          channels.map((C) => ({ shape: [N, C, ...plane] })),
          {},
        ),
      ),
    ),
  channelShuffle: () =>
    drawn(
      fc
        .tuple(extents(2), extents(3), extents(3), pairs(3))
        .map(([N, groups, C, plane]) => use('channelShuffle', [{ shape: [N, groups * C, ...plane] }], { groups })),
    ),
  channelSlice: () =>
    drawn(
      fc.tuple(fc.oneof(rows(), planes()), fc.nat(9), fc.nat(9)).map(([shape, from, count]) => {
        const C = shape[1] as number;
        const begin = from % C;
        return use('channelSlice', [{ shape }], { begin, channels: 1 + (count % (C - begin)) });
      }),
    ),
  globalAvgPool: () => drawn(planes().map((shape) => use('globalAvgPool', [{ shape }], {}))),
  globalMaxPool: () => drawn(planes().map((shape) => use('globalMaxPool', [{ shape, values: 'distinct' }], {}))),
  maxPool2d: () => drawn(pools(2).map(({ image, attrs }) => use('maxPool2d', [{ shape: image, values: 'distinct' }], attrs))),
  avgPool2d: () =>
    drawn(
      fc
        .tuple(pools(2), fc.constantFrom<AvgPoolAttrs['divisor'][]>('window', 'inside'))
        .map(([{ image, attrs }, divisor]) => use('avgPool2d', [{ shape: image }], { ...attrs, divisor })),
    ),
  adaptiveAvgPool2d: () => drawn(fc.tuple(planes(), pairs(5)).map(([shape, output]) => use('adaptiveAvgPool2d', [{ shape }], { output }))),
  mean: () => drawn(fc.oneof(rows(), planes()).map((shape) => use('mean', [{ shape }], {}))),
  channelMean: () => drawn(fc.oneof(rows(), planes()).map((shape) => use('channelMean', [{ shape }], {}))),
  /** Its mean is x's own, or it is no variance. */
  channelVariance: () =>
    drawn(
      fc.oneof(rows(), planes()).map((shape) => ({
        operands: [{ shape }],
        model: ([x]) => {
          const { graph } = x as Value;
          return graph.emit('channelVariance', [x as Value, graph.emit('channelMean', [x as Value], {})], {});
        },
      })),
    ),
  dropout: () => drawn(planes().map((shape) => use('dropout', [{ shape }, { shape, values: 'bits', constant: true }], { rate: 0.25 }))),
  crossEntropy: () => drawn(rows().map((shape) => use('crossEntropy', [{ shape }, { shape, values: 'positive', constant: true }], {}))),
};

/** Ops that are linear in each operand, given the others, and without subtractions: of absolute values they sum the absolute values of their terms. */
const linearOps: readonly OpName[] = [
  'conv2d',
  'linear',
  'add',
  'multiply',
  'scale',
  'scaleBy',
  'concat',
  'channelShuffle',
  'channelSlice',
  'globalAvgPool',
  'avgPool2d',
  'adaptiveAvgPool2d',
  'mean',
  'channelMean',
  'dropout',
];

const nameOf = (i: number): string => `x${i}`;

/** The mean of dy · y, dy an input, so that its gradient is the vjp of dy. */
function graphOf({ operands, model }: VjpCase): Graph {
  const host = build([1], (one) => model(operands.map(({ shape, constant }, i) => (constant ? inputLike : param)(one, nameOf(i), shape))));
  return grad(host, (y) => y.graph.emit('mean', [y.graph.emit('multiply', [y, inputLike(y, 'dy', y.shape)], {})], {}));
}

/** Uniform in [−1, 1), or as the operand asks. */
function valuesOf({ shape, values }: Operand, seed: number): Tensor {
  const uniform = Float64Array.from(seeded(shape, seed).data);
  const ranks = [...uniform.keys()].sort((a, b) => (uniform[a] as number) - (uniform[b] as number));
  const data = {
    any: () => uniform,
    distinct: () => uniform.map((_, i) => (ranks[i] as number) / 8),
    spread: () => uniform.map((value) => Math.round(value * 64) / 8 + 1 / 16),
    positive: () => uniform.map((value) => 1 + value / 2),
    bits: () => uniform.map((value) => Number(value > 0)),
  }[values ?? 'any']();
  return { shape, data };
}

function numbersOf({ operands, seed }: VjpCase, graph: Graph) {
  const named = operands.map((operand, i) => [nameOf(i), valuesOf(operand, seed + i)] as const);
  const dy = graph.nodes.find((node) => node.op === 'input' && node.attrs.name === 'dy')?.shape as Shape;
  const constants = named.filter((_, i) => operands[i]?.constant);
  return {
    point: new Map(named.filter((_, i) => !operands[i]?.constant)),
    inputs: { ...Object.fromEntries(constants), dy: valuesOf({ shape: dy }, seed + 100), input: valuesOf({ shape: [1] }, 0) },
  };
}

/** Ops whose slope is an estimate, which differences do not find. */
const estimated: readonly OpName[] = ['fakeQuantise'];

test('fakeQuantise: dy goes straight through where x does not clip', () => {
  const y = { dtype: 'int8', scale: 0.5, zeroPoint: -3, range: [-5, 4] } as const;
  const graph = grad(
    build([1], (one) => one.graph.emit('fakeQuantise', [param(one, 'x', [1, 6])], { y })),
    (value) => value.graph.emit('mean', [value.graph.emit('multiply', [value, inputLike(value, 'dy', value.shape)], {})], {}),
  );
  const inputs = { input: tensor([1], [0]), dy: tensor([1, 6], [6, 12, 18, 24, 30, 36]) };
  const point = new Map([['x', tensor([1, 6], [-1.25, -1.26, 0, 3.7, 3.75, 3.76])]]); // what clips is below -1 or above 3.5, once rounded
  expect([...(evaluate(graph, reference(point, inputs)).get('x')?.data ?? [])]).toEqual([1, 0, 3, 4, 0, 0]);
});

test('every op that has a vjp has a case', () => {
  const differentiable = Object.keys(vjps);
  expect([...Object.keys(cases), ...estimated].sort()).toEqual(differentiable.sort());
});

test.each(Object.entries(cases))('%s: its vjp is the slope that central differences find', (_, arbitrary) => {
  fc.assert(
    fc.property(arbitrary(), (drawnCase) => {
      const graph = graphOf(drawnCase);
      const { point, inputs } = numbersOf(drawnCase, graph);
      expectSlope(graph, point, inputs, drawnCase.seed + 50);
    }),
    { numRuns: 40 },
  );
});

test.each(linearOps)('%s: ⟨dy, Jx⟩ = ⟨Jᵀdy, x⟩ for each operand', (op) => {
  fc.assert(
    fc.property((cases[op] as () => fc.Arbitrary<VjpCase>)(), (drawnCase) => {
      const graph = graphOf(drawnCase);
      const { point, inputs } = numbersOf(drawnCase, graph);
      const gradient = evaluate(graph, reference(point, inputs));
      const absolute = lossAt(graph, new Map([...point].map(([name, x]) => [name, map(x, Math.abs)])), {
        ...inputs,
        dy: map(inputs.dy, Math.abs),
      });
      const n = count(point) + inputs.dy.data.length;
      for (const [name, x] of point) {
        const without = new Map([...point, [name, map(x, () => 0)]]);
        const forwards = lossAt(graph, point, inputs) - lossAt(graph, without, inputs);
        const backwards = dot(new Map([[name, x]]), gradient);
        // Each side is sums of at most n terms, and a few products; forwards it is taken twice.
        expect(Math.abs(forwards - backwards)).toBeLessThanOrEqual(3 * (n + 8) * (Number.EPSILON / 2) * absolute);
      }
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convolutions } from '../../../reference/properties/windows.js';
import { build } from '../../../src/graph/build.js';
import { evaluate, reference } from '../../../src/graph/evaluate.js';
import type { Graph } from '../../../src/graph/graph.js';
import type { Conv2dAttrs, Value } from '../../../src/ops/op.js';
import { type IntegerDtype, type Quantisation, rangeOf } from '../../../src/ops/quantised/quantisation.js';
import { map, type Shape, type Tensor } from '../../../src/tensor.js';
import { compile } from '../../../src/wasm/session.js';
import { extents, seeded, seeds } from '../../support/arbitraries.js';
import { wholesWithin } from '../../support/integers.js';
import { cases } from '../../support/length.js';

const quantisations: fc.Arbitrary<Quantisation> = fc
  .record({
    dtype: fc.constantFrom('uint8' as const, 'int8' as const),
    scale: fc.integer({ min: 2 ** 23, max: 2 ** 25 - 1 }).map((mantissa) => Math.fround(mantissa * 2 ** -29)),
    zero: fc.integer({ min: 0, max: 255 }),
  })
  .map(({ dtype, scale, zero }) => ({ dtype, scale, zeroPoint: rangeOf[dtype][0] + zero, range: rangeOf[dtype] }));

/** One of each op of quantised graphs; every value is an output. */
function graphOf(image: Shape, filter: Shape, attrs: Conv2dAttrs, [a, b, c, d, e]: readonly Quantisation[]): Graph {
  const [x8, y8, t8, sum8, se8] = [a, b, c, d, e] as [Quantisation, Quantisation, Quantisation, Quantisation, Quantisation];
  const O = filter[0] as number;
  return build(image, (x) => {
    const { graph } = x;
    const param = (name: string, shape: Shape, dtype?: IntegerDtype): Value =>
      graph.emit('param', [], { name, shape, trainable: true, ...(dtype && { dtype }) });
    const q = graph.emit('quantise', [x], { y: x8 });
    const weights = { dtype: 'int8', zeroPoints: [3] } as const;
    const w = param('w', filter, 'int8');
    const y = graph.emit('quantisedConv2d', [q, w, param('scale', [O]), param('bias', [O], 'int32')], {
      ...attrs,
      x: x8,
      w: weights,
      y: y8,
    });
    const table = graph.emit('quantisedPointwise', [y], { x: y8, y: t8, of: 'hardSwish' });
    const sum = graph.emit('quantisedAdd', [y, table], { a: y8, b: t8, y: sum8 });
    const z = graph.emit('quantisedGlobalAvgPool', [sum], { u: sum8 });
    const se = graph.emit('quantisedScale', [sum, graph.emit('hardSigmoid', [z], {}), y], { u: sum8, residual: y8, y: se8 });
    const scaled = graph.emit('quantisedScale', [sum, z], { u: sum8, y: se8 });
    const pool = { kernel: [2, 2], stride: [1, 1], padding: [1, 1, 1, 1], rounding: 'floor' } as const;
    const pooled = graph.emit('maxPool2d', [se], pool);
    const [, C, H, W] = pooled.shape as readonly [number, number, number, number];
    const matrix = { dtype: 'uint8', zeroPoints: [100] } as const;
    const logits = graph.emit('quantisedLinear', [pooled, param('matrix', [5, C * H * W], 'uint8'), param('scales', [5])], {
      x: se8,
      w: matrix,
    });
    const pointwise = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
    const own = { xDtype: se8.dtype, xZeroPoint: se8.zeroPoint, w: { dtype: 'int8', zeroPoints: [0] } } as const;
    const sums = graph.emit('integerConv2d', [pooled, param('small', [O, C, 1, 1], 'int8')], { ...pointwise, ...own });
    const spread = { axis: 1, scales: Array.from({ length: O }, (_, o) => (o + 1) / 8), zeroPoints: [0] };
    const floats = graph.emit('dequantiseAxis', [sums], { along: { ...spread, dtype: 'int32' } });
    const again = graph.emit('quantiseAxis', [floats], { along: { ...spread, dtype: 'int8' } });
    const [by, zero] = [graph.emit('dynamicScale', [floats], {}), graph.emit('dynamicZeroPoint', [floats], {})];
    const dynamic = graph.emit('quantiseBy', [floats, by, zero], {});
    const rows = param('rows', [3, O * H * W], 'int8');
    const product = graph.emit('integerLinear', [dynamic, rows, zero], { xDtype: 'uint8', w: { dtype: 'int8', zeroPoints: [1, 2, 3] } });
    const seen = { y, table, sum, z, se, scaled, pooled, logits, sums, floats, again, by, zero, dynamic, product };
    return { ...seen, real: graph.emit('dequantise', [pooled], { x: se8 }) };
  });
}

function weightsOf({ nodes }: Graph, seed: number): ReadonlyMap<string, Tensor> {
  return new Map(
    nodes.flatMap((node): (readonly [string, Tensor])[] => {
      if (node.op !== 'param') return [];
      const { name, shape, dtype } = node.attrs;
      if (dtype === undefined) return [[name, map(seeded(shape, seed), (value) => 2 ** -7 * (2 + value))]];
      return [[name, wholesWithin(shape, seed + name.length, dtype === 'int32' ? [-5000, 5000] : rangeOf[dtype])]];
    }),
  );
}

test('a graph of every op on integers is the reference to the bit, on one thread and on two', async () => {
  await fc.assert(
    fc.asyncProperty(
      convolutions(fc.tuple(extents(3), extents(5), extents(5)), 7),
      fc.array(quantisations, { minLength: 5, maxLength: 5 }),
      fc.constantFrom(1, 1, 1, 1, 1, 2),
      seeds(),
      async ({ image, filter, attrs }, quantised, threads, seed) => {
        const graph = graphOf(image, filter, attrs, quantised);
        const weights = weightsOf(graph, seed);
        const input = map(seeded(image, seed), (value) => 4 * value);
        const expected = evaluate(graph, reference(weights, { input }));
        using session = await compile(graph, weights, { threads, tile: '4x8' });
        const found = session.run(input);
        for (const [name, { data }] of expected) expect([name, ...(found.get(name) as Tensor).data]).toEqual([name, ...data]);
      },
    ),
    { numRuns: cases(120) },
  );
});

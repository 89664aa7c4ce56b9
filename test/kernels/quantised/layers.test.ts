import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convolutions } from '../../../reference/properties/windows.js';
import { build } from '../../../src/graph/build.js';
import { parameters as parametersOf } from '../../../src/graph/count.js';
import { evaluate, reference } from '../../../src/graph/evaluate.js';
import type { Graph } from '../../../src/graph/graph.js';
import { pointwiseOps, type Value } from '../../../src/ops/op.js';
import { type IntegerDtype, type Quantisation, rangeOf } from '../../../src/ops/quantised/quantisation.js';
import { productForms } from '../../../src/plan/quantised/forms.js';
import { map, type Shape, sizeOf, type Tensor } from '../../../src/tensor.js';
import { productForm } from '../../../src/wasm/quantised/form.js';
import { boxes, extents, pairs, seeded, seeds } from '../../support/arbitraries.js';
import { builds, type Engine, engines, expectAllWithin, onWasm } from '../../support/engines.js';
import { kernelsOf } from '../../support/graphs.js';
import { cases } from '../../support/length.js';
import { between, garbage } from './memory.js';

/** Every engine, with every form of products that is right here; tiles take turns. */
const forms: readonly Engine[] = engines.flatMap((engine, i) => {
  const known = productForms.slice(0, productForms.indexOf(productForm(engine.kernels)) + 1);
  return [{ ...engine, form: known[i % known.length] as (typeof productForms)[number] }];
});

interface Drawn {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly input: Tensor;
}

const fround = Math.fround;

/** A quantisation of a stream of bytes: of any dtype, any range that has the zero point or not. */
function quantisation(take: (low: number, high: number) => number): Quantisation {
  const dtype = take(0, 1) ? 'uint8' : 'int8';
  const [least, most] = rangeOf[dtype];
  const [a, b] = [take(0, 255) + least, take(0, 255) + least];
  const narrow = take(0, 2);
  const range: readonly [number, number] =
    narrow === 0 ? [least, most] : narrow === 1 ? [least, least + 127] : [Math.min(a, b), Math.max(a, b)];
  return {
    dtype,
    scale: fround(take(1, 255) / 1000),
    zeroPoint: take(0, 3) ? between(take(0, 255), range[0], range[1]) : take(0, 255) + least,
    range,
  };
}

/** Emits parameters with values, and remembers these. */
class Parameters {
  readonly weights = new Map<string, Tensor>();
  #stream: Uint8Array;
  #at = 0;

  constructor(seed: number, size: number) {
    this.#stream = garbage(size, seed);
  }

  readonly take = (low: number, high: number): number => between(this.#stream[this.#at++ % this.#stream.length] as number, low, high);

  emit(x: Value, name: string, shape: Shape, dtype: IntegerDtype | undefined, value: () => number): Value {
    this.weights.set(name, { shape, data: Float64Array.from({ length: sizeOf(shape) }, value) });
    return x.graph.emit('param', [], { name, shape, trainable: false, ...(dtype && { dtype }) });
  }

  /** A layer's weights, their scales and maybe a bias. */
  layer(x: Value, name: string, shape: Shape, biased: boolean) {
    const { take } = this;
    const dtype = take(0, 2) ? 'int8' : 'uint8';
    const [least] = rangeOf[dtype];
    const fitting = least + 128;
    const zeroPoints = take(0, 3) ? [fitting] : Array.from({ length: take(0, 1) ? 1 : (shape[0] as number) }, () => take(0, 255) + least);
    const w = this.emit(x, `${name}.weight`, shape, dtype, () => take(0, 255) + least);
    const scales = this.emit(x, `${name}.scales`, [shape[0] as number], undefined, () => fround(take(1, 255) / 30000));
    const bias = biased
      ? [this.emit(x, `${name}.bias`, [shape[0] as number], 'int32', () => take(-128, 127) * take(0, 127) * take(0, 16))]
      : [];
    return { operands: [w, scales, ...bias], plain: [w], w: { dtype, zeroPoints } as const };
  }
}

/** Those that the graph has. */
function weightsOf(graph: Graph, { weights }: Parameters): ReadonlyMap<string, Tensor> {
  const known = new Set(parametersOf(graph).map(({ name }) => name));
  return new Map([...weights].filter(([name]) => known.has(name)));
}

async function expectSameBits({ graph, weights, input }: Drawn, which = forms): Promise<void> {
  const expected = evaluate(graph, reference(weights, { input }));
  for (const engine of which)
    for (const how of ['placed', 'spread'] as const) {
      const outputs = await onWasm(graph, weights, { input }, engine, how);
      for (const [name, { shape, data }] of expected) {
        const found = outputs.get(name) as Tensor;
        expect(found.shape).toEqual(shape);
        const at = data.findIndex((value, i) => value !== found.data[i]);
        if (at >= 0) expect([engine, how, name, at, found.data[at]]).toEqual([engine, how, name, at, data[at]]);
      }
    }
}

/** Floats that a quantisation has integers for, and some beyond. */
const spread = (shape: Shape, seed: number, { scale }: Quantisation): Tensor => map(seeded(shape, seed), (value) => value * scale * 300);

const groupings = fc.oneof(
  fc.tuple(fc.constant(1), extents(21), extents(40)),
  fc.tuple(extents(3), extents(9), extents(27)),
  fc.tuple(extents(40), fc.constant(1), fc.constant(1)),
  fc.tuple(extents(9), fc.constant(4), fc.constant(4)),
);

test('a convolution of integers is the reference to the bit: any dtypes, ranges, zero points, groups, windows', async () => {
  await fc.assert(
    fc.asyncProperty(convolutions(groupings, 9), fc.constantFrom('bytes', 'floats', 'sums'), seeds(), async (convolution, result, seed) => {
      const { image, filter, attrs, bias } = convolution;
      const parameters = new Parameters(seed, 5000);
      const [x, y] = [quantisation(parameters.take), quantisation(parameters.take)];
      const graph = build(image, (input) => {
        const q = input.graph.emit('quantise', [input], { y: x });
        const { operands, plain, w } = parameters.layer(q, 'conv', filter, bias);
        const [xDtype, xZeroPoint] = [x.dtype, x.zeroPoint];
        if (result === 'sums') return q.graph.emit('integerConv2d', [q, ...plain], { ...attrs, xDtype, xZeroPoint, w });
        return q.graph.emit('quantisedConv2d', [q, ...operands], { ...attrs, x, w, ...(result === 'bytes' && { y }) });
      });
      const weights = weightsOf(graph, parameters);
      await expectSameBits({
        graph,
        weights,
        input: { ...seeded(image, seed), data: seeded(image, seed).data.map((v) => v * x.scale * 140) },
      });
    }),
    { numRuns: cases(60) },
  );
});

test('a fully connected layer of integers, of vectors and of planes, is the reference to the bit', async () => {
  const shape = fc.record({
    image: fc.oneof(fc.tuple(extents(9), extents(70)), fc.tuple(extents(3), extents(20), extents(4), extents(4))),
    outputs: extents(40),
    result: fc.constantFrom('bytes', 'floats', 'sums'),
    biased: fc.boolean(),
    seed: seeds(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ image, outputs, result, biased, seed }) => {
      const parameters = new Parameters(seed, 9000);
      const [x, y] = [quantisation(parameters.take), quantisation(parameters.take)];
      const graph = build(image, (input) => {
        const q = input.graph.emit('quantise', [input], { y: x });
        const { operands, plain, w } = parameters.layer(q, 'fc', [outputs, ...image.slice(1)], biased);
        const [xDtype, xZeroPoint] = [x.dtype, x.zeroPoint];
        if (result === 'sums') return q.graph.emit('integerLinear', [q, ...plain], { xDtype, xZeroPoint, w });
        return q.graph.emit('quantisedLinear', [q, ...operands], { x, w, ...(result === 'bytes' && { y }) });
      });
      await expectSameBits({ graph, weights: weightsOf(graph, parameters), input: spread(image, seed, x) });
    }),
    { numRuns: cases(40) },
  );
});

const functions = ['identity', ...pointwiseOps] as const;

test('sums, gates, squeezes, tables, pools, pieces of integers are the reference to the bit', async () => {
  const shape = fc.record({ image: fc.tuple(extents(2), extents(40), extents(9, 2), extents(9, 2)), op: fc.nat(8), seed: seeds() });
  await fc.assert(
    fc.asyncProperty(shape, async ({ image, op, seed }) => {
      const parameters = new Parameters(seed, 300);
      const { take } = parameters;
      const [a, b, y] = [quantisation(take), quantisation(take), quantisation(take)];
      const C = image[1];
      const [least, most] = rangeOf[a.dtype];
      const other = { ...a, range: [least + (seed % 99), most - (seed % 77)] } as const;
      const graph = build(image, (input) => {
        const emit = input.graph.emit.bind(input.graph);
        const p = emit('quantise', [input], { y: a });
        const q = emit('quantise', [input], { y: b });
        const gates = emit('quantisedGlobalAvgPool', [q], { u: b }); // any floats, to the bit
        switch (op) {
          case 0:
            return emit('quantisedAdd', [p, q], { a, b, y });
          case 1:
            return emit('quantisedGlobalAvgPool', [p], { u: a });
          case 2:
            return emit('quantisedPointwise', [p], { x: a, y, of: functions[seed % functions.length] as (typeof functions)[number] });
          case 3:
            return emit('maxPool2d', [p], { kernel: [2, 2], stride: [2, 1], padding: [1, 0, 1, 1], rounding: seed % 2 ? 'ceil' : 'floor' });
          case 4:
            return emit('globalMaxPool', [p], {});
          case 5:
            return emit('dequantise', [emit('concat', [p, emit('quantise', [input], { y: other }), p], {})], {
              x: { ...a, range: rangeOf[a.dtype] },
            });
          case 6:
            return emit('channelSlice', [p], { begin: seed % C, channels: 1 + ((seed >> 8) % (C - (seed % C))) });
          case 7:
            return emit('quantisedScale', [p, gates], { u: a, y });
          default:
            return emit('quantisedScale', [p, gates, q], { u: a, residual: b, y });
        }
      });
      await expectSameBits({ graph, weights: new Map(), input: spread(image, seed, a) });
    }),
    { numRuns: cases(120) },
  );
});

test('a layer of floats whose weights are int8 stays within the bound of any, with a function behind it or without', async () => {
  const shape = fc.record({
    image: fc.oneof(fc.tuple(extents(9), extents(150)), fc.tuple(extents(3), extents(20), extents(4), extents(4))),
    outputs: extents(40),
    after: fc.constantFrom(undefined, 'relu', 'sigmoid', 'hardSigmoid'),
    biased: fc.boolean(),
    seed: seeds(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ image, outputs, after, biased, seed }) => {
      const parameters = new Parameters(seed, 9000);
      const { take } = parameters;
      const graph = build(image, (x) => {
        const w = parameters.emit(x, 'fc.weight', [outputs, ...image.slice(1)], 'int8', () => take(-128, 127));
        const scales = parameters.emit(x, 'fc.scales', [outputs], undefined, () => fround(take(1, 255) / 30000));
        const bias = biased ? [parameters.emit(x, 'fc.bias', [outputs], undefined, () => fround(take(-128, 127) / 64))] : [];
        const y = x.graph.emit('scaledLinear', [x, w, scales, ...bias], {});
        return after === undefined ? y : x.graph.emit(after, [y], {});
      });
      await expectAllWithin(graph, { input: seeded(image, seed) }, parameters.weights, builds);
    }),
    { numRuns: cases(60) },
  );
});

test('a stem reads an image with a border of zero points, a row of its filter at a time', async () => {
  const shape = fc.record({
    image: fc.tuple(extents(2), extents(4), extents(12, 7), extents(12, 7)),
    outputs: extents(20),
    attrs: fc.record({ stride: pairs(2), padding: boxes(3), dilation: fc.tuple(extents(2), fc.constant(1)), groups: fc.constant(1) }),
    kernel: pairs(4),
    seed: seeds(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ image, outputs, attrs, kernel, seed }) => {
      const parameters = new Parameters(seed, 3000);
      const { take } = parameters;
      const x = { dtype: 'uint8', scale: fround(1 / 64), zeroPoint: take(0, 127), range: [0, 127] } as const;
      const graph = build(image, (input) => {
        const q = input.graph.emit('quantise', [input], { y: x });
        const w = parameters.emit(q, 'conv.weight', [outputs, image[1], ...kernel], 'int8', () => take(-128, 127));
        const scales = parameters.emit(q, 'conv.scales', [outputs], undefined, () => fround(take(1, 255) / 30000));
        return input.graph.emit('quantisedConv2d', [q, w, scales], { ...attrs, x, w: { dtype: 'int8', zeroPoints: [0] } });
      });
      expect(kernelsOf(graph)).toEqual(['nchwToNhwc', 'quantiseBorder8', 'conv8']);
      await expectSameBits({ graph, weights: parameters.weights, input: spread(image, seed, x) });
    }),
    { numRuns: cases(24) },
  );
});

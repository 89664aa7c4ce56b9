import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { add, conv, maxPool2d, upsampleNearest } from '../../src/models/layers.js';
import type { Pair, Value } from '../../src/ops/op.js';
import { type Shape, sizeOf, type Tensor, tensor, widen } from '../../src/tensor.js';
import { builds, engines, expectAllWithin, type Inputs, type Weights, weightsFor } from '../support/engines.js';
import { inputLike, kernelsOf } from '../support/graphs.js';

/** What torchvision 0.14 computes in float64: test/fixtures/detection/README.md. */
interface Vectors {
  readonly seed: number;
  readonly roi: {
    readonly single: readonly {
      readonly op: 'RoIAlign' | 'RoIPool';
      readonly features: Shape;
      readonly featuresTensor: string;
      readonly spatialScale: number;
      readonly size: Pair;
      readonly samplingRatio?: number;
      readonly aligned?: boolean;
      readonly rois: readonly (readonly number[])[];
      readonly output: readonly number[];
    }[];
    readonly multi: {
      readonly features: Readonly<Record<string, Shape>>;
      readonly boxes: readonly (readonly number[])[];
      readonly levels: readonly number[];
      readonly scales: readonly number[];
      readonly output: readonly number[];
    };
  };
  readonly fpn: readonly {
    readonly outChannels: number;
    readonly inputs: Readonly<Record<string, Shape>>;
    readonly outputs: Readonly<Record<string, { readonly shape: Shape; readonly values: readonly number[] }>>;
  }[];
}

const { seed, roi, fpn } = JSON.parse(readFileSync(new URL('../fixtures/detection/ops.json', import.meta.url), 'utf8')) as Vectors;

/** The plain numbers of uniform-v1, in [−1, 1): those of weights of three inputs, whose spread is 1. */
const named = (name: string, shape: Shape): Tensor => {
  const { data } = syntheticTensor(name, [Math.ceil(sizeOf(shape) / 3), 3], seed);
  return { shape, data: data.slice(0, sizeOf(shape)) };
};

/** What a value is off by that is stored to nine digits. */
const storedWithin = (value: number): number => (value === 0 ? 0 : 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(value))) - 8));

/** The vectors' own limit in float64. */
function expectEqual(actual: Tensor, expected: readonly number[]): void {
  const largest = Math.max(...expected.map(Math.abs));
  expect(actual.data).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((actual.data[i] as number) - value)).toBeLessThanOrEqual(1e-9 * largest + storedWithin(value));
  });
}

const wide = (tensors: Iterable<readonly [string, Tensor]>): ReadonlyMap<string, Tensor> =>
  new Map([...tensors].map(([name, x]) => [name, widen(x)]));

const inFloat64 = (graph: Graph, weights: Weights, inputs: Inputs): ReadonlyMap<string, Tensor> =>
  evaluate(graph, reference(wide(weights), Object.fromEntries(wide(Object.entries(inputs)))));

test.each(roi.single)('$op of $features: the reference is torchvision’s, and kernels are within the bound', async (vector) => {
  const { op, features, featuresTensor, spatialScale, size: output, samplingRatio = 0, aligned = false, rois } = vector;
  const graph = build(features, (x) => {
    const regions = inputLike(x, 'rois', [rois.length, 6]);
    return op === 'RoIPool'
      ? x.graph.emit('roiPool', [x, regions], { output, scale: spatialScale })
      : x.graph.emit('roiAlign', [x, regions], { output, scales: [spatialScale], samplingRatio, aligned });
  });
  const inputs = {
    input: named(featuresTensor, features),
    rois: tensor(
      [rois.length, 6],
      rois.flatMap((row) => [0, ...row]),
    ),
  };
  expectEqual(inFloat64(graph, new Map(), inputs).get('logits') as Tensor, vector.output);
  await expectAllWithin(graph, inputs, new Map(), builds);
});

test('regions of four maps', async () => {
  const { features, boxes, levels, scales, output } = roi.multi;
  const maps = Object.entries(features);
  const graph = build([boxes.length, 6], (x) => {
    const values = maps.map(([level, shape]) => inputLike(x, `levels.${level}`, shape));
    return x.graph.emit('roiAlign', [...values, x], { output: [7, 7], scales, samplingRatio: 2, aligned: false });
  });
  const rows = boxes.flatMap((box, r) => [levels[r] as number, 0, ...box]);
  const inputs = {
    input: tensor([boxes.length, 6], rows),
    ...Object.fromEntries(maps.map(([level, shape]) => [`levels.${level}`, named(`levels.${level}`, shape)])),
  };
  expectEqual(inFloat64(graph, new Map(), inputs).get('logits') as Tensor, output);
  await expectAllWithin(graph, inputs, new Map(), builds);
});

/** Lin 2017 (arXiv:1612.03144), §3, with torchvision's names; `pool` is every second pixel of the last output. */
function pyramid({ outChannels: out, inputs }: Vectors['fpn'][number]): Graph {
  const maps = Object.entries(inputs);
  return build(
    (maps[0] as [string, Shape])[1],
    (first) => {
      const given = maps.map(([key, shape], i) => (i === 0 ? first : inputLike(first, key, shape)));
      const inner = given.map((x, i) => conv(x, `inner_blocks.${i}.0`, { out, kernel: 1, bias: true }));
      const last = (inner.length - 1) as number;
      let above = inner[last] as Value;
      const outputs: Value[] = [];
      for (let i = last; i >= 0; i--) {
        const lateral = inner[i] as Value;
        const [, , H, W] = lateral.shape as readonly [number, number, number, number];
        above = i === last ? lateral : add(lateral, upsampleNearest(above, [H, W]));
        outputs[i] = conv(above, `layer_blocks.${i}.0`, { out, kernel: 3, bias: true });
      }
      outputs.forEach((y, i) => {
        first.graph.feature(String(i), y);
      });
      const pooled = maxPool2d(outputs[last] as Value, { kernel: 1, stride: 2 });
      first.graph.feature('pool', pooled);
      return pooled;
    },
    { features: true },
  );
}

test.each(fpn)('a feature pyramid of $inputs', async (vector) => {
  const graph = pyramid(vector);
  const weights = weightsFor(graph, seed);
  const inputs = Object.fromEntries(
    Object.entries(vector.inputs).map(([key, shape], i) => [i === 0 ? 'input' : key, named(`fpn.${key}`, shape)]),
  );
  const outputs = inFloat64(graph, weights, inputs);
  for (const [key, { shape, values }] of Object.entries(vector.outputs)) {
    expect(outputs.get(key)?.shape).toEqual(shape);
    expectEqual(outputs.get(key) as Tensor, values);
  }
  expect(kernelsOf(graph).filter((kernel) => kernel === 'upsampleNearest')).toHaveLength(3);
  expect(kernelsOf(graph).at(-1)).toBe('maxPool');
  await expectAllWithin(graph, inputs, weights, engines);
});

import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import { evaluateTfjs } from '../../reference/engines/tfjs.js';
import { loadTfjs } from '../../reference/engines/tfjsRuntime.js';
import { tfliteModel } from '../../reference/engines/tflite.js';
import { type Bounded, bounds } from '../../src/bound/bound.js';
import { UnsupportedError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { evaluate } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { toOnnx } from '../../src/onnx/index.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { extents, pairs, seeded, seeds } from '../support/arbitraries.js';
import type { Inputs } from '../support/engines.js';
import { expectWithin } from '../support/expectWithin.js';
import { inputLike } from '../support/graphs.js';

async function onOrt(graph: Graph, inputs: Inputs, opset = 17): Promise<Tensor> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await toOnnx(graph, new Map(), { opset }), { executionProviders: ['wasm'] });
  const feeds = Object.entries(inputs).map(([name, { shape, data }]) => [name, new ort.Tensor('float32', Float32Array.from(data), shape)]);
  const { logits } = await session.run(Object.fromEntries(feeds));
  await session.release();
  return { shape: (logits as ort.Tensor).dims, data: (logits as ort.Tensor).data as Float32Array };
}

const exactly = (graph: Graph, inputs: Inputs): Bounded => evaluate(graph, bounds(new Map(), inputs)).get('logits') as Bounded;

/** Corners in eighths of a pixel, and scales that are powers of two: so every sample is at a float32, and an engine whose positions are such finds the same cells. */
const regions = (seed: number, maps: number, images: number): Tensor => {
  const uniform = seeded([6, 6], seed).data;
  const rows = Array.from({ length: 6 }, (_, r) => {
    const at = (i: number): number => ((uniform[r * 6 + i] as number) + 1) / 2;
    const [x1, y1, width, height] = [2, 3, 4, 5].map((i) => Math.floor(at(i) * 96) / 8) as [number, number, number, number];
    return [Math.floor(at(0) * (maps + 1)) - 1, Math.floor(at(1) * images), x1 - 2, y1 - 2, x1 - 2 + width, y1 - 2 + height];
  });
  return tensor([6, 6], rows.flat());
};

test('onnxruntime, by opset 13, 16 and 17: regions of several maps, pads among them, are within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(pairs(9), { minLength: 1, maxLength: 3 }),
      extents(2),
      fc.constantFrom(1, 2, 4),
      fc.constantFrom(1, 2, 4),
      fc.boolean(),
      seeds(),
      async (planes, images, bins, samplingRatio, aligned, seed) => {
        const scales = planes.map((_, i) => 2 ** -i);
        const graph = build([6, 6], (x) => {
          const maps = planes.map((plane, i) => inputLike(x, `map${i}`, [images, 3, ...plane]));
          return x.graph.emit('roiAlign', [...maps, x], { output: [bins, 2 * bins], scales, samplingRatio, aligned });
        });
        const maps = planes.map((plane, i) => [`map${i}`, seeded([images, 3, ...plane], seed + i)] as const);
        const inputs = { ...Object.fromEntries(maps), input: regions(seed, planes.length, images) };
        for (const opset of aligned ? [16, 17] : [13, 17]) expectWithin(await onOrt(graph, inputs, opset), exactly(graph, inputs), 'ort');
      },
    ),
  );
});

test('onnxruntime: as many samples as cells, of which a bin has four', async () => {
  for (const aligned of [false, true]) {
    const graph = build([1, 6], (x) => {
      const map = inputLike(x, 'map0', [1, 3, 6, 9]);
      return x.graph.emit('roiAlign', [map, x], { output: [1, 2], scales: [1], samplingRatio: 0, aligned });
    });
    const inputs = { map0: seeded([1, 3, 6, 9], 1), input: tensor([1, 6], [0, 0, 0.5, 0.25, 8.25, 4.125]) };
    expectWithin(await onOrt(graph, inputs), exactly(graph, inputs), 'ort');
  }
});

test('onnxruntime: the largest values of regions, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(pairs(9), extents(2), fc.constantFrom(1, 2, 4), seeds(), async (plane, images, bins, seed) => {
      const graph = build([6, 6], (x) =>
        x.graph.emit('roiPool', [inputLike(x, 'map0', [images, 3, ...plane]), x], { output: [bins, 2 * bins], scale: 0.5 }),
      );
      const inputs = { map0: seeded([images, 3, ...plane], seed), input: regions(seed, 1, images) };
      expectWithin(await onOrt(graph, inputs), exactly(graph, inputs), 'ort');
    }),
  );
});

const maps = [1, 2, 4, 4];
const align = build([1, 6], (x) =>
  x.graph.emit('roiAlign', [inputLike(x, 'map0', maps), x], { output: [2, 2], scales: [1], samplingRatio: 2, aligned: false }),
);
const pool = build([1, 6], (x) => x.graph.emit('roiPool', [inputLike(x, 'map0', maps), x], { output: [2, 2], scale: 1 }));

test.each([
  ['roiAlign', align],
  ['roiPool', pool],
])('%s: TensorFlow.js and LiteRT have none, and say so', async (op, graph) => {
  const inputs = { map0: seeded(maps, 1), input: tensor([1, 6], [0, 0, 0, 0, 2, 2]) };
  await loadTfjs({});
  expect(() => evaluateTfjs(tf, graph, new Map(), inputs)).toThrow(UnsupportedError);
  expect(() => evaluateTfjs(tf, graph, new Map(), inputs)).toThrow(`TensorFlow.js has no ${op}`);
  expect(() => tfliteModel(graph, new Map())).toThrow(UnsupportedError);
  expect(() => tfliteModel(graph, new Map())).toThrow(`litert has no ${op}`);
});

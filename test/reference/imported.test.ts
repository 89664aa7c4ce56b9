import { describe, expect, test } from 'vitest';
import { compileOrt } from '../../reference/engines/ort.js';
import { tfliteModel } from '../../reference/engines/tflite.js';
import { UnsupportedError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { combinationNames, functionNames } from '../../src/ops/functionNames.js';
import type { OpAttrs, OpName, Value } from '../../src/ops/op.js';
import { map } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { param } from '../support/graphs.js';
import { exactly, expectAgreement } from './agree.js';

/** The ops that only files of others have, as onnxruntime computes what we write of them. */

const shape = [2, 3, 4, 5] as const;
const emit = <K extends OpName>(x: Value, op: K, attrs: OpAttrs[K], ...more: readonly Value[]): Value =>
  x.graph.emit(op, [x, ...more], attrs);
const window = { stride: [2, 1], padding: [1, 0, 0, 1], dilation: [1, 2], groups: 1, plane: [8, 7] } as const;
const half = [
  [0, 0.5],
  [1, 0.5],
] as const;

const graphs: readonly (readonly [string, (x: Value) => Value])[] = [
  ['a transposed convolution', (x) => emit(x, 'convTranspose2d', window, param(x, 'w', [3, 2, 3, 2]))],
  [
    'a transposed convolution that leaves more of the plane empty',
    (x) => emit(x, 'convTranspose2d', { ...window, plane: [8, 11] }, param(x, 'w', [3, 2, 3, 2])),
  ],
  ['a product of matrices', (x) => emit(x, 'matMul', {}, param(x, 'w', [1, 3, 5, 2]))],
  ['other cells', (x) => emit(x, 'resample', { rows: [half, [[3, 1]]], columns: [[[4, 0.25]], half, [[0, 1]]] })],
  [
    'another order',
    (x) => emit(x, 'rearrange', { view: [6, 4, 5], order: [2, 0, 1], cells: [[4, -1], null, [3, 0]], shape: [2, 6, 2, 1], outside: 0.5 }),
  ],
  ['a sum along two axes', (x) => emit(x, 'reduce', { reduction: 'sum', axes: [1, 3] })],
  ['a mean along one', (x) => emit(x, 'reduce', { reduction: 'mean', axes: [0] })],
  ['the largest', (x) => emit(x, 'reduce', { reduction: 'max', axes: [2, 3] })],
  ...combinationNames.map(
    (combination) => [combination, (x: Value) => emit(x, 'combine', { combination }, param(x, 'w', [1, 3, 1, 5]))] as const,
  ),
  ...functionNames.map((name) => [name as string, (x: Value) => emit(x, 'apply', { function: name, a: 0.4, b: 0.7 })] as const),
];

const graphOf = (code: (x: Value) => Value): Graph => build([...shape], code);

describe('onnxruntime agrees with what is written of', () => {
  test.each(graphs)('%s', async (_, code) => {
    const graph = graphOf(code);
    const weights = new Map(
      [...syntheticWeights(graph, { seed: 1 })].map(([name, tensor]) => [name, map(tensor, (value) => Math.abs(value) + 0.1)]),
    );
    const input = map(seeded([...shape], 3), (value) => Math.abs(value) + 0.05);
    const session = await compileOrt(graph, weights);
    const found = await session.run(input);
    await session.dispose();
    expectAgreement(graph, found, exactly(graph, weights, input));
  });
});

test('an engine that has no word for an op says so', () => {
  for (const [, code] of graphs) {
    const graph = graphOf(code);
    expect(() => tfliteModel(graph, syntheticWeights(graph, { seed: 1 }))).toThrow(UnsupportedError);
  }
});

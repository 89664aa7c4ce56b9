import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluateTfjs } from '../../reference/engines/tfjs.js';
import { loadTfjs } from '../../reference/engines/tfjsRuntime.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { exactly, expectAgreement } from './agree.js';
import { type Case, everyOp, imageFor } from './cases.js';

const inputsOf = ({ graph, seed }: Case) => ({ weights: syntheticWeights(graph, { seed }), input: imageFor(graph, seed) });

describe.each(['cpu', 'wasm'])('tfjs, node by node, on its %s back end', (backend) => {
  beforeAll(async () => {
    if (backend === 'wasm') await loadTfjs();
    else await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  test('a network of every op agrees with the reference, and leaves no tensor behind', () => {
    const graph = everyOp();
    const { weights, input } = inputsOf({ graph, seed: 1 });
    const before = tf.memory().numTensors;
    const worst = expectAgreement(graph, evaluateTfjs(tf, graph, weights, { input }), exactly(graph, weights, input));
    console.log(`every op, tfjs ${backend}: ${worst.toFixed(1)} u`);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a missing weight is named', () => {
    const graph = createModel('resnet18', { size: 32 });
    expect(() => evaluateTfjs(tf, graph, new Map(), { input: syntheticTensor('input', [1, 3, 32, 32], 1) })).toThrow('conv1.weight');
  });
});

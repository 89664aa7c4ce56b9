import { describe, expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { graphOfOnnx, readOnnx, toOnnx } from '../../src/onnx/index.js';
import { relativeError } from '../../src/stats/error.js';
import type { Tensor } from '../../src/tensor.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { bytesOf } from '../support/files/bytes.js';
import { opsOf } from './run.js';

/** `toEqual` takes minutes for millions of numbers. */
const sameBytes = (found: Tensor['data'] | undefined, expected: Tensor['data']): boolean =>
  found !== undefined && Buffer.compare(bytesOf(found), bytesOf(expected)) === 0;

/** A network of each family, that does little at this size. */
const networks = [
  ['senet/se_resnet8_cifar10', 16],
  ['pytorchcv/sepreresnet20_cifar10', 16],
  ['torchvision/mobilenet_v3_small', 32],
  ['timm/tf_mobilenetv3_small_100', 32],
  ['timm/efficientnet_b0', 32],
  ['timm/regnety_002', 32],
  ['pytorchcv/shufflenet_g3_w1', 32],
  ['caffe/SE-BN-Inception', 32],
  ['timm/legacy_seresnet18', 32],
] as const;

describe('what is written as ONNX is read back as the same network', () => {
  test.each(networks)('%s', async (id, size) => {
    const graph = createModel(id, { size, classes: 5, gates: true });
    const weights = syntheticWeights(graph, { seed: 1 });
    const plain = createModel(id, { size, classes: 5 });
    const read = graphOfOnnx(await readOnnx(await toOnnx(plain, weights)), { gates: true });
    expect(read.outputName).toBe('logits');
    expect([...opsOf(read.graph)].sort()).toEqual([...opsOf(plain)].sort());
    for (const [name, { data }] of weights) expect(sameBytes(read.weights.get(name)?.data, data), name).toBe(true);
    const inputs = { input: syntheticTensor('input', [1, 3, size, size], 1) };
    const [expected, found] = [evaluate(graph, reference(weights, inputs)), evaluate(read.graph, reference(read.weights, inputs))];
    const [gates, foundGates] = [expected, found].map((outputs) => [...outputs].filter(([name]) => name !== 'logits'));
    expect(foundGates?.length).toBe(gates?.length);
    for (const [i, [name, gate]] of (gates ?? []).entries())
      expect(relativeError(foundGates?.[i]?.[1].data ?? [], gate.data), name).toBeLessThan(conformanceLimits.direct);
    expect(relativeError(found.get('logits')?.data ?? [], expected.get('logits')?.data ?? [])).toBeLessThan(conformanceLimits.direct);
  });
});

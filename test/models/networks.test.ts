import { expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { type Tensor, widen } from '../../src/tensor.js';
import { engines, onWasm } from '../support/engines.js';
import { long } from '../support/length.js';
import { plainFloat32 } from '../support/plainFloat32.js';

/** Root mean square of a − b. */
function rms(a: Tensor, b: Tensor): number {
  let squares = 0;
  for (let i = 0; i < b.data.length; i++) squares += ((a.data[i] as number) - (b.data[i] as number)) ** 2;
  return Math.sqrt(squares / b.data.length);
}

/**
 * How much further from the truth than plain float32 loops a network may be. Ours also rounds the weights that batch norm is folded into,
 * and the gates; a wrong layer would be 10⁵ times off.
 */
const multiple = 4;

/** One network of each form; other depths repeat the blocks of these, and plans of all are checked elsewhere. */
const networks = [
  'timm/resnet18',
  'timm/resnext50_32x4d',
  'timm/seresnext26d_32x4d',
  'timm/legacy_seresnet18',
  'timm/legacy_seresnet50',
  'moskomule/se_resnet50',
  'pytorchcv/sepreresnet18',
  'pytorchcv/seresnet20_cifar10',
  'senet/se_mobilenetv1_100',
  'senet/se_shufflenet_g3_w1',
  'timm/tf_mobilenetv3_small_100',
  'torchvision/efficientnet_b0',
  'timm/regnety_002',
];

/** What a plain run is content with: of few multiply-adds, with basic blocks, groups, depthwise convolutions and gates. */
const few = ['pytorchcv/seresnet20_cifar10', 'timm/tf_mobilenetv3_small_100', 'timm/regnety_002'];

test.each(long ? networks : few)(
  '%s: every build and tile is about as near to float64 as plain float32 loops',
  { timeout: 120_000 },
  async (id) => {
    const shape = [1, 3, 33, 40];
    const graph = createModel(id, { size: [33, 40], classes: 10 });
    const weights = syntheticWeights(graph, { seed: 3, gain: 1 });
    const input = syntheticTensor('input', shape, 3);
    const wide = new Map([...weights].map(([name, value]) => [name, widen(value)]));
    const exact = evaluate(graph, reference(wide, { input: widen(input) })).get('logits') as Tensor;
    const plain = rms(evaluate(graph, plainFloat32(weights, { input })).get('logits') as Tensor, exact);
    for (const engine of engines) {
      const logits = (await onWasm(graph, weights, { input }, engine, 'placed')).get('logits') as Tensor;
      expect(rms(logits, exact), `${engine.kernels} ${engine.tile.rows}x8`).toBeLessThanOrEqual(multiple * plain);
    }
  },
);

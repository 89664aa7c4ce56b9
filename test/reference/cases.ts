import fc from 'fast-check';
import { graphOf } from '../../reference/properties/case.js';
import { properties } from '../../reference/properties/properties.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import {
  adaptiveAvgPool2d,
  add,
  bn,
  channelShuffle,
  conv,
  globalAvgPool,
  globalMaxPool,
  hardSigmoid,
  hardSwish,
  linear,
  maxPool2d,
  multiply,
  relu,
  relu6,
  scale,
  scaleBy,
  sigmoid,
  silu,
  tanh,
  upsampleNearest,
} from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import type { Node } from '../../src/ops/op.js';
import type { Tensor } from '../../src/tensor.js';

/** An image of the graph's input shape. */
export const imageFor = (graph: Graph, seed: number): Tensor => syntheticTensor('input', (graph.nodes[0] as Node).shape, seed);

/** A graph of one op; its weights come from the seed. */
export interface Case {
  readonly graph: Graph;
  readonly seed: number;
}

/** Any convolution or pool that the cross-check draws; ordinary numbers from the seed. */
export const opCase: fc.Arbitrary<Case> = fc
  .oneof(properties.conv2d(), properties.maxPool2d(), properties.avgPool2d())
  .map((drawn) => ({ graph: graphOf(drawn), seed: drawn.seed }));

/**
 * Every op in one small network, in the company that the engines fuse or special-case: a grouped convolution that finds its input in
 * slices and one that does not, a batch norm of its own, a pool over one cell, weights in both ranks, outputs that are also read on.
 */
export function everyOp(): Graph {
  return build(
    [2, 3, 17, 14],
    (image) => {
      let x = relu(bn(conv(image, 'stem', { out: 64, kernel: 5, stride: 2 }), 'stem.bn'));
      x = maxPool2d(x, { kernel: 3, stride: 2, padding: 0, rounding: 'ceil' });
      x = upsampleNearest(x, [5, 5]);
      // Read by the grouped convolution alone, so tfjs makes it in slices; then once more, so tfjs must cut it.
      const alone = relu(bn(conv(x, 'a1', { out: 64, kernel: 1 }), 'a1.bn'));
      let y = relu(bn(conv(alone, 'a2', { out: 96, kernel: 3, groups: 16 }), 'a2.bn'));
      y = relu(bn(conv(y, 'a3', { out: 96, kernel: 3, groups: 12, stride: 2 }), 'a3.bn'));
      y = relu(conv(y, 'depthwise', { out: 96, kernel: 3, groups: 96 }));
      y = squeezeExcite(bn(conv(y, 'a4', { out: 32, kernel: 1 }), 'a4.bn'), 'se', { squeezed: 8, gate: 'sigmoid' });
      const pool = { kernel: [3, 3], stride: [2, 2], rounding: 'ceil', padding: [0, 1, 1, 0] } as const;
      const window = x.graph.emit('avgPool2d', [x], { ...pool, divisor: 'window' });
      const inside = x.graph.emit('avgPool2d', [x], { ...pool, divisor: 'inside' });
      const averaged = relu(conv(add(window, inside), 'b', { out: 32, kernel: 1 }));
      y = relu(add(y, averaged));
      let z = relu(bn(x.graph.emit('concat', [y, averaged], {}), 'pre'));
      z = x.graph.emit('maxPool2d', [z], { kernel: [1, 1], stride: [2, 2], rounding: 'floor', padding: [0, 0, 0, 0] });
      const gate = sigmoid(linear(globalAvgPool(z), 'gate', 64, { weight: 'conv1x1' }));
      x.graph.gate('gate.sigmoid', gate);
      z = scale(z, gate);
      x.graph.gate('features', z);
      z = hardSwish(bn(conv(z, 'c1', { out: 18, kernel: 3 }), 'c1.bn'));
      z = relu6(conv(channelShuffle(z, 3), 'c2', { out: 18, kernel: 1, groups: 3 }));
      z = add(scaleBy(silu(conv(z, 'c3', { out: 18, kernel: 1 })), 0.17), z);
      z = multiply(z, hardSigmoid(conv(z, 'c4', { out: 18, kernel: 1 })));
      const squeezed = tanh(linear(globalMaxPool(z), 'c5', 18));
      const features = relu(linear(adaptiveAvgPool2d(scale(z, squeezed), [3, 2]), 'fc0', 32));
      return x.graph.emit('softmax', [linear(relu(bn(linear(features, 'fc1', 20), 'fc1.bn')), 'fc2', 10)], {});
    },
    { gates: ['se.sigmoid', 'gate.sigmoid', 'features'] },
  );
}

import fc from 'fast-check';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { add, bn, conv, globalAvgPool, linear, maxPool2d, relu, scale, sigmoid, squeezeExcite } from '../../src/models/layers.js';
import type { AvgPoolAttrs, Box, Conv2dAttrs, Node, Pair, PoolAttrs, Value } from '../../src/ops/op.js';
import type { Shape, Tensor } from '../../src/tensor.js';

/** An image of the graph's input shape. */
export const imageFor = (graph: Graph, seed: number): Tensor => syntheticTensor('input', (graph.nodes[0] as Node).shape, seed);

const param = (x: Value, name: string, shape: Shape): Value => x.graph.emit('param', [], { name, shape, trainable: true });

const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const pair = (min: number, max: number): fc.Arbitrary<Pair> => fc.tuple(int(min, max), int(min, max));

/** A graph of one op; its weights come from the seed. */
export interface Case {
  readonly graph: Graph;
  readonly seed: number;
}

const seed = int(0, 2 ** 31 - 1);

/** Any convolution over a plane that holds its kernel: one group, several, one a channel; asymmetric padding, strides and dilations. */
const convCase: fc.Arbitrary<Case> = fc
  .record({
    batch: int(1, 2),
    groups: fc.constantFrom(1, 1, 2, 3, 8, 32),
    channels: int(1, 4),
    out: int(1, 3),
    kernel: pair(1, 4),
    stride: pair(1, 3),
    dilation: pair(1, 2),
    spare: pair(0, 6),
    padding: fc.tuple(...[0, 1, 2, 3].map(() => int(0, 2))),
    bias: fc.boolean(),
    seed,
  })
  .map(({ batch, groups, channels, out, kernel, stride, dilation, spare, padding, bias, seed }) => {
    const extent = (axis: 0 | 1): number => dilation[axis] * (kernel[axis] - 1) + 1 + spare[axis];
    const attrs: Conv2dAttrs = { stride, dilation, groups, padding: padding as unknown as Box };
    const graph = build([batch, groups * channels, extent(0), extent(1)], (x) => {
      const weight = param(x, 'conv.weight', [groups * out, channels, ...kernel]);
      return x.graph.emit('conv2d', bias ? [x, weight, param(x, 'conv.bias', [groups * out])] : [x, weight], attrs);
    });
    return { graph, seed };
  });

/** Any pool over a plane that holds its window: floor and ceil, explicit padding on four sides, both divisors. */
const poolCase: fc.Arbitrary<Case> = pair(1, 4).chain((kernel) =>
  fc
    .record({
      op: fc.constantFrom('max', 'window', 'inside'),
      batch: int(1, 2),
      channels: int(1, 9),
      stride: pair(1, 4),
      spare: pair(0, 6),
      padding: fc.tuple(...[0, 1, 0, 1].map((axis) => int(0, Math.min(2, (kernel[axis] as number) - 1)))),
      rounding: fc.constantFrom('floor' as const, 'ceil' as const),
      seed,
    })
    .map(({ op, batch, channels, stride, spare, padding, rounding, seed }) => {
      const attrs: PoolAttrs = { kernel, stride, rounding, padding: padding as unknown as Box };
      const graph = build([batch, channels, kernel[0] + spare[0], kernel[1] + spare[1]], (x) =>
        op === 'max'
          ? x.graph.emit('maxPool2d', [x], attrs)
          : x.graph.emit('avgPool2d', [x], { ...attrs, divisor: op as AvgPoolAttrs['divisor'] }),
      );
      return { graph, seed };
    }),
);

export const opCase: fc.Arbitrary<Case> = fc.oneof(convCase, poolCase);

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
      const gate = sigmoid(linear(globalAvgPool(z), 'gate', 64, 'conv1x1'));
      x.graph.gate('gate.sigmoid', gate);
      z = scale(z, gate);
      x.graph.gate('features', z);
      const features = globalAvgPool(z);
      return x.graph.emit('softmax', [linear(relu(bn(linear(features, 'fc1', 20), 'fc1.bn')), 'fc2', 10)], {});
    },
    ['se.sigmoid', 'gate.sigmoid', 'features'],
  );
}

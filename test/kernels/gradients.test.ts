import fc from 'fast-check';
import { test } from 'vitest';
import { trainingBounds } from '../../src/bound/training.js';
import { build } from '../../src/graph/build.js';
import { ops } from '../../src/ops/index.js';
import { seeded } from '../support/arbitraries.js';
import { engines, expectAllWithin, weightsFor } from '../support/engines.js';
import { convGroup, param } from '../support/graphs.js';

test('conv2dGradInput: any convolution’s, within the derived bound; strict bits whatever the tile', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), async ({ image, filter, attrs, seed }) => {
      const [, , H, W] = image as readonly [number, number, number, number];
      const dy = ops.conv2d.infer([image, filter], attrs);
      const graph = build(dy, (x) => x.graph.emit('conv2dGradInput', [param(x, 'conv.weight', filter), x], { ...attrs, plane: [H, W] }));
      const weights = weightsFor(graph, seed);
      const inputs = { input: seeded(dy, seed) };
      await expectAllWithin(graph, inputs, weights, engines, trainingBounds(weights, inputs));
    }),
  );
}, 300_000);

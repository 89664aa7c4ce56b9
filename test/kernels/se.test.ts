import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { squeezeExcite } from '../../src/models/layers.js';
import { lower } from '../../src/plan/lower.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { builds, expectAllWithin, weightsFor } from '../support/engines.js';
import { inputLike } from '../support/graphs.js';

const block = () =>
  fc.record({
    batch: extents(3),
    channels: extents(80),
    squeezed: extents(40),
    plane: fc.tuple(extents(9), extents(9)),
    residual: fc.boolean(),
    relu: fc.boolean(),
    seed: seeds(),
  });

test('an SE block of any width, with and without a shortcut and a ReLU, stays within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(block(), async ({ batch, channels, squeezed, plane, residual, relu, seed }) => {
      const shape = [batch, channels, ...plane];
      const graph = build(
        shape,
        (u) => {
          const shortcut = residual ? inputLike(u, 'residual', shape) : undefined;
          let y = squeezeExcite(u, 'se', { squeezed, gate: 'gate' });
          if (shortcut) y = u.graph.emit('add', [y, shortcut], {});
          return relu ? u.graph.emit('relu', [y], {}) : y;
        },
        true,
      );
      const kernels = lower(graph, { tile: { rows: 4, columns: 8 }, threads: 1, algorithms: 'direct' }).steps.map(({ kernel }) => kernel);
      expect(kernels.filter((kernel) => kernel !== 'nchwToNhwc')).toEqual(['squeeze', 'mean', 'dense', 'dense', 'scaleAddRelu']);
      await expectAllWithin(graph, { input: seeded(shape, seed), residual: seeded(shape, seed + 1) }, weightsFor(graph, seed), builds);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { globalAvgPool, linear, scale } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import { pointwiseOps } from '../../src/ops/op.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { builds, expectAllWithin, weightsFor } from '../support/engines.js';
import { inputLike, kernelsOf } from '../support/graphs.js';

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
        { gates: true },
      );
      expect(kernelsOf(graph).filter((kernel) => kernel !== 'nchwToNhwc')).toEqual(['squeeze', 'mean', 'dense', 'dense', 'scaleAddRelu']);
      await expectAllWithin(graph, { input: seeded(shape, seed), residual: seeded(shape, seed + 1) }, weightsFor(graph, seed), builds);
    }),
  );
});

test('an excitation of any two functions is two dense steps and stays within the bound', async () => {
  const functions = fc.tuple(fc.constantFrom(...pointwiseOps), fc.constantFrom(...pointwiseOps));
  await fc.assert(
    fc.asyncProperty(block(), functions, async ({ batch, channels, squeezed, plane, seed }, [inner, gate]) => {
      const shape = [batch, channels, ...plane];
      const graph = build(shape, (u) => {
        const hidden = u.graph.emit(inner, [linear(globalAvgPool(u), 'fc1', squeezed)], {});
        return scale(u, u.graph.emit(gate, [linear(hidden, 'fc2', channels)], {}));
      });
      expect(kernelsOf(graph).slice(1)).toEqual(['squeeze', 'mean', 'dense', 'dense', 'scaleAddRelu']);
      await expectAllWithin(graph, { input: seeded(shape, seed) }, weightsFor(graph, seed), builds);
    }),
  );
});

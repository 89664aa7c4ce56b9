import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bounds } from '../../src/bound/bound.js';
import { winogradConv } from '../../src/bound/winograd.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { onConv } from '../../src/plan/activation.js';
import { lower } from '../../src/plan/lower.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { engines, expectAllWithin, weightsFor } from '../support/engines.js';
import { inputLike, norm, param } from '../support/graphs.js';
import { cases } from '../support/length.js';

const conv3x3 = () =>
  fc.record({
    batch: extents(2),
    inputs: fc.oneof(extents(9), fc.constantFrom(16, 17, 24)),
    outputs: fc.oneof(extents(9), fc.constantFrom(16, 17, 24)),
    plane: fc.tuple(extents(15, 2), extents(15, 2)),
    padding: fc.tuple(extents(2, 1), fc.nat(2), fc.nat(2), extents(2, 1)),
    bias: fc.boolean(),
    normed: fc.boolean(),
    residual: fc.boolean(),
    activation: fc.constantFrom(undefined, ...onConv),
    squeeze: fc.boolean(),
    seed: seeds(),
  });

test.each([2, 4] as const)(
  'F(%i): any 3x3 convolution of stride 1 with any riders, every build and tile, stays within its own bound',
  async (m) => {
    const algorithms = `winograd${m}` as const;
    await fc.assert(
      fc.asyncProperty(
        conv3x3(),
        async ({ batch, inputs, outputs, plane: [H, W], padding, bias, normed, residual, activation, squeeze, seed }) => {
          const shape = [batch, inputs, H, W];
          const [top, right, bottom, left] = padding;
          const result = [batch, outputs, H + top + bottom - 2, W + left + right - 2];
          const graph: Graph = build(
            shape,
            (image) => {
              const x = image.graph.emit('concat', [image], {}); // an image of few channels, read by a convolution alone, has a layout of its own
              const other = residual ? inputLike(x, 'residual', result) : undefined;
              const operands = [x, param(x, 'conv.weight', [outputs, inputs, 3, 3]), ...(bias ? [param(x, 'conv.bias', [outputs])] : [])];
              let y = x.graph.emit('conv2d', operands, { stride: [1, 1], padding, dilation: [1, 1], groups: 1 });
              if (normed) y = norm(y, 'bn');
              if (other) y = x.graph.emit('add', [y, other], {});
              if (activation) y = x.graph.emit(activation, [y], {});
              if (squeeze) x.graph.gate('squeeze', x.graph.emit('globalAvgPool', [y], {}));
              return y;
            },
            { gates: true },
          );
          const target = { tile: { rows: 4, columns: 8 }, threads: 1, algorithms } as const;
          expect(lower(graph, target).steps.map(({ kernel }) => kernel)).toContain('winogradOutput');
          const weights = weightsFor(graph, seed);
          const images = { input: seeded(shape, seed), residual: seeded(result, seed + 1) };
          const direct = bounds(weights, images);
          const meaning = { ...direct, conv2d: winogradConv(m, direct.conv2d) };
          await expectAllWithin(
            graph,
            images,
            weights,
            engines.map((engine) => ({ ...engine, algorithms })),
            meaning,
          );
        },
      ),
      { numRuns: cases(60) },
    );
  },
);

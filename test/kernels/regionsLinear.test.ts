import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { compile } from '../../src/index.js';
import type { Pair } from '../../src/ops/op.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { extents, pairs, seeded, seeds } from '../support/arbitraries.js';
import { builds, expectAllWithin, weightsFor } from '../support/engines.js';
import { inputLike, kernelsOf, param } from '../support/graphs.js';
import { cases } from '../support/length.js';

interface Drawn {
  readonly regions: number;
  readonly channels: number;
  readonly output: Pair;
  readonly outputs: number;
  readonly bias: boolean;
  readonly behind: 'nothing' | 'relu' | 'sigmoid';
  readonly seed: number;
}

/** Regions on both sides of a block of 60; planes of which each cell is a product, several together, or all at once. */
const drawn = (): fc.Arbitrary<Drawn> =>
  fc.record({
    regions: fc.oneof(extents(7), extents(130)),
    channels: fc.oneof(extents(20), fc.constantFrom(32, 700, 2100)),
    output: pairs(4),
    outputs: extents(20),
    bias: fc.boolean(),
    behind: fc.constantFrom('nothing', 'relu', 'sigmoid'),
    seed: seeds(),
  });

/** Weights that no second cache holds, so that two blocks of regions take turns with each panel, and a third is alone. */
const crowded: Drawn = { regions: 130, channels: 250, output: [2, 2], outputs: 300, bias: true, behind: 'relu', seed: 3 };

/** Pooled regions of one map, a layer on their planes, and one on its results. */
function graphOf({ regions, channels, output, outputs, bias, behind }: Drawn): Graph {
  return build([regions, 6], (x) => {
    const { graph } = x;
    const pooled = graph.emit('roiAlign', [inputLike(x, 'map', [1, channels, 3, 5]), x], {
      output,
      scales: [1],
      samplingRatio: 1,
      aligned: false,
    });
    const biasOf = (name: string, size: number) => (bias ? [param(x, name, [size])] : []);
    const first = graph.emit(
      'linear',
      [pooled, param(x, 'fc6.weight', [outputs, channels * output[0] * output[1]]), ...biasOf('fc6.bias', outputs)],
      {},
    );
    const hidden = behind === 'nothing' ? first : graph.emit(behind, [first], {});
    return graph.emit('linear', [hidden, param(x, 'fc7.weight', [9, outputs]), ...biasOf('fc7.bias', 9)], {});
  });
}

const rois = (count: number, seed: number): Tensor => {
  const { data } = seeded([count, 4], seed);
  const corner = (r: number, i: number): number => 2 + 3 * (data[4 * r + i] as number);
  return tensor([count, 6], Array.from({ length: count }, (_, r) => [0, 0, corner(r, 0), corner(r, 1), corner(r, 2), corner(r, 3)]).flat());
};

test('linear layers on regions are products, and stay within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(drawn(), async (one) => {
      const graph = graphOf(one);
      expect(kernelsOf(graph).filter((kernel) => kernel === 'dense')).toHaveLength(one.behind === 'sigmoid' ? 1 : 0);
      const inputs = { input: rois(one.regions, one.seed), map: seeded([1, one.channels, 3, 5], one.seed + 1) };
      await expectAllWithin(graph, inputs, weightsFor(graph, one.seed));
    }),
    { numRuns: cases(40), examples: [[crowded]] },
  );
});

test('linear layers on what a file makes rows of are products too, whatever the batch, and stay within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(extents(3), fc.oneof(extents(7), extents(130)), extents(40), extents(200), seeds(), async (N, W, C, outputs, seed) => {
      const graph = build([N, C, 1, W + 1], (x) => {
        const rows = x.graph.emit('rearrange', [x], {
          view: [N, C, W + 1],
          order: [0, 2, 1],
          cells: [null, null, null],
          shape: [N * (W + 1), C],
          outside: 0,
        });
        return x.graph.emit('linear', [rows, param(x, 'w', [outputs, C]), param(x, 'b', [outputs])], {});
      });
      expect(kernelsOf(graph)).not.toContain('dense');
      await expectAllWithin(graph, { input: seeded([N, C, 1, W + 1], seed) }, weightsFor(graph, seed));
    }),
    { numRuns: cases(40) },
  );
});

test('a region’s result does not depend on how many there are, bit for bit', async () => {
  await fc.assert(
    fc.asyncProperty(drawn(), async (one) => {
      const all = rois(one.regions, one.seed);
      const map = seeded([1, one.channels, 3, 5], one.seed + 1);
      const [whole, alone] = [graphOf(one), graphOf({ ...one, regions: 1 })];
      const weights = weightsFor(whole, one.seed);
      for (const { kernels } of builds) {
        using many = await compile(whole, weights, { kernels });
        using single = await compile(alone, weights, { kernels });
        const { data } = many.run({ input: all, map }).get('logits') as Tensor;
        for (const r of new Set([0, one.regions - 1])) {
          const { data: row } = single.run({ input: tensor([1, 6], all.data.slice(6 * r, 6 * r + 6)), map }).get('logits') as Tensor;
          expect(data.slice(9 * r, 9 * r + 9)).toEqual(row);
        }
      }
    }),
    { numRuns: cases(20), examples: [[crowded]] },
  );
});

test('a plane of few channels is one product; of many, some cells each, whose sums are added', () => {
  const one: Drawn = { regions: 3, channels: 700, output: [4, 3], outputs: 9, bias: true, behind: 'relu', seed: 1 };
  const kernels = (drawing: Drawn) => kernelsOf(graphOf(drawing)).filter((kernel) => kernel === 'conv' || kernel === 'addRelu');
  const added = (count: number) => Array.from({ length: count }, () => ['conv', 'addRelu']).flat();
  expect(kernels({ ...one, channels: 80 })).toEqual(['conv', 'conv']);
  expect(kernels(one)).toEqual(['conv', ...added(11), 'conv']); // a cell each
  expect(kernels({ ...one, channels: 200 })).toEqual(['conv', ...added(2), 'conv']); // 5, 5 and 2
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trainingBounds } from '../../src/bound/training.js';
import { winogradConv, winogradGradInput } from '../../src/bound/winograd.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { ops } from '../../src/ops/index.js';
import { type OpAttrs, type OpName, pointwiseOps, type Value } from '../../src/ops/op.js';
import { map, type Tensor, tensor } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { builds, type Engine, engines, expectAllWithin, type Weights, weightsFor } from '../support/engines.js';
import { convGroup, inputLike, kernelsOf, param } from '../support/graphs.js';
import { long } from '../support/length.js';

/** Every kernel of training against the reference of the ops that it stands for, within the bound derived for them. */

/** Of these a plain run has fewer than of other properties: each is computed by every build, and by every tile where there are tiles. */
const cases = (all: number): number => (long ? all : Math.ceil(all / 10));
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: cases(100) });

type Inputs = Readonly<Record<string, Tensor>>;

const expectGraph = (graph: Graph, weights: Weights, inputs: Inputs, which: readonly Engine[] = builds): Promise<void> =>
  expectAllWithin(graph, inputs, weights, which, trainingBounds(weights, inputs));

const planes = () => fc.tuple(extents(3), extents(20), extents(13), extents(13));
const eps = 1e-5;

/** A vector of γ, μ, σ² ... as a batch norm's parameters are called, so that variances are positive. */
const vector = (x: Value, name: string, size: number): Value => param(x, `bn.${name}`, [size]);

const emit = <K extends OpName>(x: Value, op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value => x.graph.emit(op, inputs, attrs);

test('conv2dGradInput: any convolution’s, whatever the tile', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), async ({ image, filter, attrs, seed }) => {
      const [, , H, W] = image as readonly [number, number, number, number];
      const dy = ops.conv2d.infer([image, filter], attrs);
      const graph = build(dy, (x) => emit(x, 'conv2dGradInput', [param(x, 'conv.weight', filter), x], { ...attrs, plane: [H, W] }));
      expect(kernelsOf(graph).includes('weave')).toBe(Math.max(...attrs.stride) > 1);
      await expectGraph(graph, weightsFor(graph, seed), { input: seeded(dy, seed) }, engines);
    }),
  );
}, 300_000);

test.each([2, 4] as const)(
  'F(%i), from weights that may change: any 3×3 convolution of stride 1, and the gradient of its input',
  async (m) => {
    const algorithms = `winograd${m}` as const;
    const which = engines.map((engine) => ({ ...engine, algorithms }));
    const planes = fc.record({ batch: extents(2), inputs: extents(20), outputs: extents(20), H: extents(13, 2), W: extents(13, 2) });
    await fc.assert(
      fc.asyncProperty(
        planes,
        fc.tuple(extents(3, 1), fc.nat(3), fc.nat(3), extents(3, 1)),
        fc.boolean(),
        fc.boolean(),
        seeds(),
        async ({ batch, inputs, outputs, H, W }, padding, bias, relu, seed) => {
          const attrs = { stride: [1, 1], padding, dilation: [1, 1], groups: 1 } as const;
          const [image, filter] = [
            [batch, inputs, H, W],
            [outputs, inputs, 3, 3],
          ] as const;
          const result = ops.conv2d.infer([image, filter], attrs);
          const graph = build(
            image,
            (x) => {
              const w = param(x, 'conv.weight', filter);
              const read = emit(x, 'concat', [x], {}); // an image of few channels, read by a convolution alone, has a layout of its own
              const y = emit(x, 'conv2d', [read, w, ...(bias ? [param(x, 'conv.bias', [outputs])] : [])], attrs);
              x.graph.gate('forward', relu ? emit(x, 'relu', [y], {}) : y);
              return emit(x, 'conv2dGradInput', [w, inputLike(x, 'dy', result)], { ...attrs, plane: [H, W] });
            },
            { gates: true },
          );
          expect(kernelsOf(graph, algorithms).filter((kernel) => kernel === 'packFilters')).toHaveLength(2);
          const weights = weightsFor(graph, seed);
          const given = { input: seeded(image, seed), dy: seeded(result, seed + 1) };
          const direct = trainingBounds(weights, given);
          const filtering = { conv2d: winogradConv(m, direct.conv2d), conv2dGradInput: winogradGradInput(m, direct.conv2dGradInput) };
          await expectAllWithin(graph, given, weights, which, { ...direct, ...filtering });
        },
      ),
      { numRuns: cases(60) },
    );
  },
  300_000,
);

test('conv2dGradWeight: any convolution’s, whatever the tile; of an image with a border too', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), fc.boolean(), async ({ image, filter, attrs, seed }, bordered) => {
      const [, , P, Q] = filter as readonly [number, number, number, number];
      const dy = ops.conv2d.infer([image, filter], attrs);
      const graph = build(image, (x) => {
        const read = bordered ? x : emit(x, 'concat', [x], {}); // an image of few channels that nothing else reads has a layout of its own
        return emit(x, 'conv2dGradWeight', [read, inputLike(x, 'dy', dy)], { ...attrs, kernel: [P, Q] });
      });
      await expectGraph(graph, new Map(), { input: seeded(image, seed), dy: seeded(dy, seed + 1) }, engines);
    }),
  );
}, 300_000);

test('conv2d and linear whose weights lie in the checkpoint’s order: the same bits as packed by compile', async () => {
  await fc.assert(
    fc.asyncProperty(convGroup(), fc.boolean(), async ({ image, filter, attrs, seed }, bias) => {
      const y = (x: Value): Value =>
        emit(x, 'conv2d', [x, param(x, 'conv.weight', filter), ...(bias ? [param(x, 'conv.bias', [filter[0] as number])] : [])], attrs);
      const packed = build(image, y);
      const resident = build(image, (x) =>
        emit(x, 'meanGrad', [emit(x, 'channelMean', [y(x)], {})], { shape: ops.conv2d.infer([image, filter], attrs), axes: [1] }),
      );
      expect(kernelsOf(packed)).not.toContain('packPanels');
      expect(kernelsOf(resident)).toContain('packPanels');
      await expectGraph(withOutput(resident, 'conv2d'), weightsFor(packed, seed), { input: seeded(image, seed) }, engines);
    }),
  );
}, 300_000);

test('linearGradInput and linearGradWeight: of vectors and of planes', async () => {
  await fc.assert(
    fc.asyncProperty(
      extents(5),
      fc.oneof(extents(20), fc.constantFrom(32, 64)),
      extents(20),
      fc.option(fc.tuple(extents(4), extents(4)), { nil: undefined }),
      seeds(),
      async (N, C, O, plane, seed) => {
        const x = [N, C, ...(plane ?? [])];
        const w = [O, C, ...(plane ?? [])];
        const flat = [O, w.slice(1).reduce((a, b) => a * b)];
        const input = { input: seeded([N, O], seed), x: seeded(x, seed + 1) };
        const ofInput = build([N, O], (dy) => emit(dy, 'linearGradInput', [param(dy, 'fc.weight', flat), dy], { shape: x }));
        await expectGraph(ofInput, weightsFor(ofInput, seed), input, engines);
        const ofWeight = build([N, O], (dy) => emit(dy, 'linearGradWeight', [inputLike(dy, 'x', x), dy], { shape: flat }));
        await expectGraph(ofWeight, new Map(), input, engines);
      },
    ),
  );
}, 300_000);

test('batch norm over values that the plan computes, with and without a ReLU', async () => {
  await fc.assert(
    fc.asyncProperty(planes(), fc.boolean(), seeds(), async (shape, relu, seed) => {
      const C = shape[1];
      const graph = build(shape, (x) => {
        const mean = emit(x, 'movingAverage', [vector(x, 'running_mean', C), vector(x, 'other', C)], { momentum: 0.25, correction: 1 });
        const operands = [x, vector(x, 'weight', C), vector(x, 'bias', C), mean, vector(x, 'running_var', C)];
        const y = emit(x, 'batchNorm', operands, { eps });
        return relu ? emit(x, 'relu', [y], {}) : y;
      });
      await expectGraph(graph, weightsFor(graph, seed), { input: seeded(shape, seed) });
    }),
  );
});

const channelOps: Readonly<Record<string, (x: Value, dy: Value, C: number) => Value>> = {
  channelSum: (x) => emit(x, 'channelSum', [x], {}),
  channelMean: (x) => emit(x, 'channelMean', [x], {}),
  channelVariance: (x, _, C) => emit(x, 'channelVariance', [x, vector(x, 'running_mean', C)], {}),
  channelVarianceGrad: (x, _, C) => emit(x, 'channelVarianceGrad', [x, vector(x, 'running_mean', C), vector(x, 'bias', C)], {}),
  batchNormGradInput: (x, dy, C) => emit(x, 'batchNormGradInput', [vector(x, 'weight', C), vector(x, 'running_var', C), dy], { eps }),
  batchNormGradScale: (x, dy, C) =>
    emit(x, 'batchNormGradScale', [x, vector(x, 'running_mean', C), vector(x, 'running_var', C), dy], { eps }),
  batchNormGradMean: (x, _, C) =>
    emit(x, 'batchNormGradMean', [vector(x, 'weight', C), vector(x, 'running_var', C), vector(x, 'bias', C)], { eps }),
  batchNormGradVariance: (x, _, C) =>
    emit(x, 'batchNormGradVariance', [vector(x, 'weight', C), vector(x, 'running_var', C), vector(x, 'bias', C)], { eps }),
  movingAverage: (x, _, C) =>
    emit(x, 'movingAverage', [vector(x, 'running_mean', C), vector(x, 'bias', C)], { momentum: 0.1, correction: 60 / 59 }),
  planeDot: (x, dy) => emit(x, 'planeDot', [x, dy], {}),
  'meanGrad of channels': (x, _, C) => emit(x, 'meanGrad', [vector(x, 'other', C)], { shape: x.shape, axes: [1] }),
  fill: (x) => emit(x, 'fill', [x], { value: 0.3 }),
};

test.each(Object.keys(channelOps))('%s stays within the bound', async (name) => {
  await fc.assert(
    fc.asyncProperty(planes(), seeds(), async (shape, seed) => {
      const graph = build(shape, (x) => channelOps[name]?.(x, inputLike(x, 'dy', shape), shape[1]) ?? x);
      await expectGraph(graph, weightsFor(graph, seed), { input: seeded(shape, seed), dy: seeded(shape, seed + 1) });
    }),
  );
});

test('what a batch norm, its variance and its mean send back: in one pass', async () => {
  await fc.assert(
    fc.asyncProperty(planes(), seeds(), fc.boolean(), async (shape, seed, swapped) => {
      const C = shape[1];
      const graph = build(shape, (x) => {
        const direct = channelOps.batchNormGradInput?.(x, inputLike(x, 'dy', shape), C) as Value;
        const ofVariance = channelOps.channelVarianceGrad?.(x, x, C) as Value;
        const sum = emit(x, 'add', swapped ? [ofVariance, direct] : [direct, ofVariance], {});
        return emit(x, 'add', [sum, channelOps['meanGrad of channels']?.(x, x, C) as Value], {});
      });
      expect(kernelsOf(graph)).toContain('normGrad');
      expect(kernelsOf(graph)).not.toContain('addRelu');
      await expectGraph(graph, weightsFor(graph, seed), { input: seeded(shape, seed), dy: seeded(shape, seed + 1) });
    }),
  );
});

test('meanGrad of a plane, alone and added to something', async () => {
  await fc.assert(
    fc.asyncProperty(planes(), seeds(), fc.boolean(), async (shape, seed, added) => {
      const [N, C] = shape;
      const graph = build([N, C], (z) => {
        const other = inputLike(z, 'other', shape);
        const y = emit(z, 'meanGrad', [z], { shape, axes: [0, 1] });
        return added ? emit(z, 'add', [other, y], {}) : y;
      });
      await expectGraph(graph, new Map(), { input: seeded([N, C], seed), other: seeded(shape, seed + 1) });
    }),
  );
});

test.each(pointwiseOps)('pointwiseGrad of %s', async (of) => {
  await fc.assert(
    fc.asyncProperty(planes(), fc.constantFrom(1, 8, 120), fc.boolean(), seeds(), async (shape, size, whole, seed) => {
      const graph = build(shape, (x) => emit(x, 'pointwiseGrad', [x, inputLike(x, 'dy', shape)], { of }));
      const drawn = map(seeded(shape, seed), (value) => value * size);
      const input = whole ? map(drawn, (value) => Math.round(value) + 0) : drawn; // 0, 3 and 6 are where some turn
      await expectGraph(graph, new Map(), { input, dy: seeded(shape, seed + 1) });
    }),
  );
});

const pools = () =>
  fc.record({
    shape: planes(),
    kernel: fc.tuple(extents(3), extents(3)),
    stride: fc.tuple(extents(3), extents(3)),
    rounding: fc.constantFrom('floor' as const, 'ceil' as const),
    divisor: fc.constantFrom('window' as const, 'inside' as const),
    padded: fc.boolean(),
    seed: seeds(),
  });

test('maxPool2dGrad and avgPool2dGrad: any window, equal cells too', async () => {
  await fc.assert(
    fc.asyncProperty(pools(), async ({ shape, kernel, stride, rounding, divisor, padded, seed }) => {
      const [, , H, W] = shape;
      fc.pre(kernel[0] <= H && kernel[1] <= W);
      const [h, w] = padded ? kernel.map((extent) => Math.floor(extent / 2)) : [0, 0];
      const attrs = { kernel, stride, padding: [h, w, h, w] as never, rounding };
      const dy = ops.maxPool2d.infer([shape], attrs);
      const input = map(seeded(shape, seed), (value) => Math.round(value * 2)); // many are equal
      const ofMax = build(shape, (x) => emit(x, 'maxPool2dGrad', [x, inputLike(x, 'dy', dy)], attrs));
      await expectGraph(ofMax, new Map(), { input, dy: seeded(dy, seed + 1) });
      const ofMean = build(dy, (x) => emit(x, 'avgPool2dGrad', [x], { ...attrs, divisor, plane: [H, W] }));
      await expectGraph(ofMean, new Map(), { input: seeded(dy, seed + 1) });
    }),
  );
});

test('globalMaxPoolGrad, adaptiveAvgPool2dGrad, channelSlice, dropout and softmaxGrad', async () => {
  await fc.assert(
    fc.asyncProperty(planes(), fc.nat(12), fc.nat(12), fc.nat(19), seeds(), async (shape, h, w, c, seed) => {
      const [N, C, H, W] = shape;
      const inputs = { input: map(seeded(shape, seed), (value) => Math.round(value * 4)), dy: seeded(shape, seed + 1) };
      const largest = build(shape, (x) => emit(x, 'globalMaxPoolGrad', [x, inputLike(x, 'dz', [N, C])], {}));
      await expectGraph(largest, new Map(), { ...inputs, dz: seeded([N, C], seed + 2) });
      const windows = [N, C, (h % H) + 1, (w % W) + 1];
      const adaptive = build(windows, (dy) => emit(dy, 'adaptiveAvgPool2dGrad', [dy], { plane: [H, W] }));
      await expectGraph(adaptive, new Map(), { input: seeded(windows, seed) });
      const begin = c % C;
      const slice = build(shape, (x) => emit(x, 'channelSlice', [x], { begin, channels: Math.ceil((C - begin) / 2) }));
      await expectGraph(slice, new Map(), inputs);
      const mask = map(seeded(shape, seed + 2), (value) => Number(value > 0));
      const dropped = build(shape, (x) => emit(x, 'dropout', [x, inputLike(x, 'mask', shape)], { rate: 0.3 }));
      await expectGraph(dropped, new Map(), { ...inputs, mask });
      const shares = build([N, C], (x) => emit(x, 'softmaxGrad', [x, inputLike(x, 'dy', [N, C])], {}));
      await expectGraph(shares, new Map(), { input: map(seeded([N, C], seed), Math.abs), dy: seeded([N, C], seed + 1) });
    }),
  );
});

const quantisations = () =>
  fc
    .record({
      scale: fc.constantFrom(1, 0.25, Math.fround(0.1), Math.fround(1 / 3)),
      ends: fc.tuple(fc.nat(255), fc.nat(255)),
      at: fc.nat(255),
    })
    .map(({ scale, ends, at }) => {
      const range = [Math.min(...ends), Math.max(...ends)] as const;
      return { dtype: 'uint8', scale, zeroPoint: Math.min(Math.max(at, range[0]), range[1]), range } as const;
    });

test('fakeQuantise and its straight-through gradient: ties, both ends, any zero point', async () => {
  await fc.assert(
    fc.asyncProperty(planes(), quantisations(), seeds(), async (shape, y, seed) => {
      const halves = map(seeded(shape, seed), (value) => (Math.round(value * 300) / 2) * y.scale); // every other one is a tie, where the scale is a power of two
      const rounded = build(shape, (x) => emit(x, 'fakeQuantise', [x], { y }));
      await expectGraph(rounded, new Map(), { input: halves });
      const slope = build(shape, (x) => emit(x, 'fakeQuantiseGrad', [x, inputLike(x, 'dy', shape)], { y }));
      await expectGraph(slope, new Map(), { input: halves, dy: seeded(shape, seed + 1) });
    }),
  );
});

const logits = () => fc.record({ shape: fc.tuple(extents(5), extents(40)), size: fc.constantFrom(1, 16, 4096), seed: seeds() });

test('crossEntropy, its mean and its gradient: logits of any size, targets of any distribution', async () => {
  await fc.assert(
    fc.asyncProperty(logits(), async ({ shape, size, seed }) => {
      const [N, K] = shape;
      const inputs = {
        input: map(seeded(shape, seed), (value) => value * size),
        targets: map(seeded(shape, seed + 1), (value) => Math.abs(value) / K),
      };
      const loss = build(shape, (x) => {
        const each = emit(x, 'crossEntropy', [x, inputLike(x, 'targets', shape)], {});
        x.graph.gate('each', each);
        return emit(x, 'mean', [each], {});
      });
      await expectGraph(loss, new Map(), inputs);
      const gradient = build(shape, (x) => emit(x, 'crossEntropyGrad', [x, inputLike(x, 'targets', shape), param(x, 'dy', [N])], {}));
      await expectGraph(gradient, weightsFor(gradient, seed), inputs);
    }),
  );
});

test('the loss’s own gradient: one share for each image', async () => {
  for (const N of [1, 7, 8, 9, 40]) {
    const graph = build([1, 1], (x) =>
      emit(x, 'meanGrad', [emit(x, 'fill', [emit(x, 'mean', [x], {})], { value: 1 })], { shape: [N], axes: [] }),
    );
    await expectGraph(graph, new Map(), { input: tensor([1, 1], [5]) });
  }
});

/** The graph with the value of its first node of that kind for its output, everything else still computed. */
function withOutput(graph: Graph, op: OpName): Graph {
  const node = graph.nodes.find((one) => one.op === op);
  return { ...graph, outputs: new Map([['logits', node?.id as number], ...graph.outputs]) };
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sigmoidRoundings, tanhRoundings } from '../../src/bound/bound.js';
import { build } from '../../src/graph/build.js';
import { pointwiseOps } from '../../src/ops/op.js';
import { map, tensor } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { builds, expectAllWithin, onWasm, weightsFor } from '../support/engines.js';
import { inputLike, kernelsOf, norm, single } from '../support/graphs.js';

const shapes = () => fc.tuple(extents(2), extents(20), extents(6), extents(6));
const none = new Map();

test.each(pointwiseOps)('%s: any shape and size of numbers stays within the bound', async (op) => {
  await fc.assert(
    fc.asyncProperty(shapes(), fc.constantFrom(1, 8, 120), seeds(), async (shape, size, seed) => {
      const input = map(seeded(shape, seed), (value) => value * size);
      await expectAllWithin(single(op, shape, {}), { input }, none, builds);
    }),
  );
});

test('softmax: any width stays within the bound, and logits of any size, whose powers alone would overflow or vanish', async () => {
  await fc.assert(
    fc.asyncProperty(extents(3), extents(40), fc.constantFrom(1, 16, 256, 4096), seeds(), async (N, C, size, seed) => {
      const input = map(seeded([N, C], seed), (value) => value * size);
      await expectAllWithin(single('softmax', [N, C], {}), { input }, none, builds);
    }),
  );
});

test('batchNorm and add, with and without a ReLU behind, stay within the bound; also of a value with itself', async () => {
  await fc.assert(
    fc.asyncProperty(shapes(), seeds(), fc.boolean(), fc.boolean(), async (shape, seed, relu, own) => {
      const graph = build(shape, (x) => {
        const normed = norm(x, 'bn');
        const first = relu ? x.graph.emit('relu', [normed], {}) : normed;
        const sum = x.graph.emit('add', [first, own ? first : inputLike(x, 'other', shape)], {});
        return relu ? x.graph.emit('relu', [sum], {}) : sum;
      });
      await expectAllWithin(graph, { input: seeded(shape, seed), other: seeded(shape, seed + 1) }, weightsFor(graph, seed), builds);
    }),
  );
});

test('multiply: of any two values, and of one with itself', async () => {
  await fc.assert(
    fc.asyncProperty(shapes(), seeds(), fc.boolean(), async (shape, seed, own) => {
      const graph = build(shape, (x) => x.graph.emit('multiply', [x, own ? x : inputLike(x, 'other', shape)], {}));
      await expectAllWithin(graph, { input: seeded(shape, seed), other: seeded(shape, seed + 1) }, none, builds);
    }),
  );
});

test('scaleBy, with and without an addition and a ReLU behind, stays within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      shapes(),
      seeds(),
      fc.constantFrom(0.17, 1, -2),
      fc.boolean(),
      fc.boolean(),
      async (shape, seed, factor, add, relu) => {
        const graph = build(shape, (x) => {
          const other = add ? inputLike(x, 'other', shape) : undefined;
          let y = x.graph.emit('scaleBy', [x], { factor });
          if (other) y = x.graph.emit('add', [y, other], {});
          return relu ? x.graph.emit('relu', [y], {}) : y;
        });
        expect(kernelsOf(graph).at(-1)).toBe('scaleAddRelu');
        await expectAllWithin(graph, { input: seeded(shape, seed), other: seeded(shape, seed + 1) }, none, builds);
      },
    ),
  );
});

test('channelShuffle: any groups, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(shapes(), extents(5), seeds(), async ([N, each, H, W], groups, seed) => {
      const shape = [N, each * groups, H, W];
      await expectAllWithin(single('channelShuffle', shape, { groups }), { input: seeded(shape, seed) }, none, builds);
    }),
  );
});

test('concat: operands of any width, in order, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(shapes(), fc.array(extents(17), { minLength: 1, maxLength: 4 }), seeds(), async ([N, C, H, W], more, seed) => {
      const others = more.map((channels, i) => [`other${i}`, [N, channels, H, W]] as const);
      const graph = build([N, C, H, W], (x) =>
        x.graph.emit('concat', [x, ...others.map(([name, shape]) => inputLike(x, name, shape))], {}),
      );
      const inputs = {
        input: seeded([N, C, H, W], seed),
        ...Object.fromEntries(others.map(([name, shape], i) => [name, seeded(shape, seed + i + 1)])),
      };
      await expectAllWithin(graph, inputs, none, builds);
    }),
  );
});

const exact = {
  sigmoid: { of: (x: number) => 1 / (1 + Math.exp(-x)), roundings: sigmoidRoundings },
  tanh: { of: Math.tanh, roundings: tanhRoundings },
} as const;

test.each(['sigmoid', 'tanh'] as const)('%s: over floats of every size its own error is within its stated roundings', async (op) => {
  const step = 40_009; // prime: some 50,000 floats of each sign, each binade alike
  const bits = new Uint32Array(Math.floor(0x42d00000 / step)).map((_, i) => i * step); // 0 to 104, where e^−x becomes 0
  const positive = new Float32Array(bits.buffer);
  const values = [...positive, ...positive.map((x) => -x), Infinity, -Infinity, 104, -104, 1e30, -1e30];
  const graph = single(op, [1, values.length], {});
  const u = 2 ** -24;
  for (const engine of builds) {
    const { data } =
      (await onWasm(graph, none, { input: tensor([1, values.length], values) }, engine, 'placed')).get('logits') ?? expect.fail();
    const ulps = values.map((x, i) => {
      const y = exact[op].of(Math.fround(x));
      return Math.max(0, Math.abs((data[i] as number) - y) - 2 ** -149) / (Math.abs(y) * u || 1);
    });
    expect(Math.max(...ulps)).toBeLessThanOrEqual(exact[op].roundings);
  }
});

test('infinities: what each function makes of them, as its formula has it', async () => {
  const expected = { relu: 0, relu6: 0, sigmoid: 0, hardSigmoid: 0, hardSwish: NaN, silu: NaN, tanh: -1 };
  for (const engine of builds)
    for (const op of pointwiseOps) {
      const x = tensor([1, 1, 1, 2], [-Infinity, Infinity]);
      const { data } = (await onWasm(single(op, x.shape, {}), none, { input: x }, engine, 'placed')).get('logits') ?? expect.fail();
      const limit = { relu: Infinity, relu6: 6, sigmoid: 1, hardSigmoid: 1, hardSwish: Infinity, silu: Infinity, tanh: 1 }[op];
      expect([...data], op).toEqual([expected[op], limit]);
    }
});

test('NaN passes through every pointwise kernel and the pools', async () => {
  const x = tensor([1, 3, 1, 2], [NaN, 1, 2, NaN, 3, 4]);
  for (const engine of builds) {
    for (const op of pointwiseOps) {
      const { data } = (await onWasm(single(op, x.shape, {}), none, { input: x }, engine, 'placed')).get('logits') ?? expect.fail();
      expect([...data].map(Number.isNaN)).toEqual([true, false, false, true, false, false]);
    }
    const { data } =
      (await onWasm(single('globalAvgPool', x.shape, {}), none, { input: x }, engine, 'placed')).get('logits') ?? expect.fail();
    expect([...data].map(Number.isNaN)).toEqual([true, true, false]);
    const window = { kernel: [1, 2], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor' } as const;
    const largest =
      (await onWasm(single('globalMaxPool', x.shape, {}), none, { input: x }, engine, 'placed')).get('logits') ?? expect.fail();
    expect([...largest.data]).toEqual([NaN, NaN, 4]);
    const pooled =
      (await onWasm(single('maxPool2d', x.shape, window), none, { input: x }, engine, 'placed')).get('logits') ?? expect.fail();
    expect([...pooled.data]).toEqual([NaN, NaN, 4]);
  }
});

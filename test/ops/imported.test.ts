import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { combine } from '../../src/ops/combine.js';
import { convTranspose2d } from '../../src/ops/convTranspose2d.js';
import { erf } from '../../src/ops/erf.js';
import { forwards } from '../../src/ops/forwards.js';
import { type FunctionName, functionNames } from '../../src/ops/functionNames.js';
import { matMul } from '../../src/ops/matMul.js';
import { rearrange } from '../../src/ops/rearrange.js';
import { reduce } from '../../src/ops/reduce.js';
import { resample } from '../../src/ops/resample.js';
import { sizeOf, type Tensor, tensor } from '../../src/tensor.js';
import { convCase, extents, seeds, wholes } from '../support/arbitraries.js';

/** The ops that only files of others have: by hand, and by laws that bind them to other ops. */

const row = (...values: readonly number[]): Tensor => tensor([1, values.length], Float64Array.from(values));
const applied = (name: FunctionName, x: Tensor, a = 0, b = 0): readonly number[] => [...forwards.apply([x], { function: name, a, b }).data];

test("erf as C's has it, to float64's last digits, odd, and 1 far out", () => {
  const table = [
    [1e-9, 1.1283791670955127e-9],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.9999, 0.9953201979070294],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3.5, 0.9999992569016276],
    [5.5, 0.9999999999999927],
  ] as const;
  for (const [x, y] of table) {
    expect(Math.abs(erf(x) - y)).toBeLessThanOrEqual(4 * Number.EPSILON * y);
    expect(erf(-x) + erf(x)).toBe(0);
  }
  expect([erf(40), erf(-Infinity), erf(Number.NaN)]).toEqual([1, -1, Number.NaN]);
});

describe('apply', () => {
  test('by hand', () => {
    const x = row(-2, 0, 3);
    expect(applied('leakyRelu', x, 0.5)).toEqual([-1, 0, 3]);
    expect(applied('clip', x, -1, 2)).toEqual([-1, 0, 2]);
    expect(applied('clip', x, 5, 4)).toEqual([4, 4, 4]);
    expect(applied('elu', x, 2)).toEqual([2 * Math.expm1(-2), 0, 3]);
    expect(applied('abs', x)).toEqual([2, 0, 3]);
    expect(applied('power', x, 2)).toEqual([4, 0, 9]);
    expect(applied('softplus', row(-1000, 0, 1000))).toEqual([0, Math.LN2, 1000]);
    expect(applied('mish', row(0))).toEqual([0]);
    const halves = row(-2.5, -1.5, -0.5, 0.4, 0.5, 1.5, 2.5);
    expect(applied('floor', halves)).toEqual([-3, -2, -1, 0, 0, 1, 2]);
    expect(applied('ceil', halves).map((value) => value + 0)).toEqual([-2, -1, 0, 1, 1, 2, 3]);
    expect(applied('round', halves).map((value) => value + 0)).toEqual([-2, -2, 0, 0, 0, 2, 2]);
    expect(applied('sign', row(-Infinity, -2, 0, 1e-40, 7))).toEqual([-1, -1, 0, 1, 1]);
  });

  test('the two forms of GELU are within 10⁻³ of each other, as the bound of one has it', () => {
    const x = row(...Array.from({ length: 161 }, (_, i) => (i - 80) / 16));
    const [exact, near] = [applied('gelu', x), applied('geluTanh', x)];
    exact.forEach((y, i) => {
      expect(Math.abs(y - (near[i] as number))).toBeLessThan(1e-3);
    });
  });

  test('a NaN stays one', () => {
    for (const name of functionNames) expect(applied(name, row(Number.NaN), 1, 1)).toEqual([Number.NaN]);
  });
});

describe('combine', () => {
  test('by hand, along both axes', () => {
    const [a, b] = [tensor([2, 1], [1, -2]), tensor([1, 3], [2, 3, 4])];
    const of = (combination: Parameters<typeof forwards.combine>[1]['combination']): readonly number[] => [
      ...forwards.combine([a, b], { combination }).data,
    ];
    expect(of('add')).toEqual([3, 4, 5, 0, 1, 2]);
    expect(of('subtract')).toEqual([-1, -2, -3, -4, -5, -6]);
    expect(of('divide').slice(3)).toEqual([-1, Math.fround(-2 / 3), -0.5]);
    expect(of('maximum')).toEqual([2, 3, 4, 2, 3, 4]);
    expect(of('power')).toEqual([1, 1, 1, 4, -8, 16]);
    expect(of('prelu')).toEqual([1, 1, 1, -4, -6, -8]);
    const [c, truth] = [tensor([1, 4], [Infinity, Number.NaN, -1, 0]), tensor([1, 4], [0, 1, -1, 0])];
    const also = (combination: Parameters<typeof forwards.combine>[1]['combination']): readonly number[] => [
      ...forwards.combine([c, truth], { combination }).data,
    ];
    expect(also('greater')).toEqual([1, 0, 0, 0]);
    expect(also('equal')).toEqual([0, 0, 1, 1]);
    expect(also('where')).toEqual([0, Number.NaN, -1, 0]);
  });

  test('extents are equal or 1, and ranks equal', () => {
    expect(
      combine.infer(
        [
          [2, 1, 3, 1],
          [1, 4, 3, 5],
        ],
        { combination: 'add' },
      ),
    ).toEqual([2, 4, 3, 5]);
    expect(() =>
      combine.infer(
        [
          [2, 3],
          [2, 4],
        ],
        { combination: 'add' },
      ),
    ).toThrow(ShapeError);
    expect(() =>
      combine.infer(
        [
          [2, 3],
          [2, 3, 1, 1],
        ],
        { combination: 'add' },
      ),
    ).toThrow(ShapeError);
  });
});

test('reduce: by hand; the mean over the plane is the global pool', () => {
  const x = tensor([1, 2, 1, 3], [1, 2, 3, 4, 5, 9]);
  expect([...forwards.reduce([x], { reduction: 'sum', axes: [1] }).data]).toEqual([5, 7, 12]);
  expect([...forwards.reduce([x], { reduction: 'max', axes: [0, 3] }).data]).toEqual([3, 9]);
  expect([...forwards.reduce([x], { reduction: 'min', axes: [0, 1, 2, 3] }).data]).toEqual([1]);
  expect(reduce.infer([[2, 3, 4, 5]], { reduction: 'sum', axes: [2, 1] })).toEqual([2, 1, 1, 5]);
  expect(() => reduce.infer([[2, 3]], { reduction: 'sum', axes: [2] })).toThrow(ShapeError);
  expect(() => reduce.infer([[2, 3]], { reduction: 'sum', axes: [1, 1] })).toThrow(ShapeError);
  fc.assert(
    fc.property(extents(2), extents(4), extents(4), extents(4), seeds(), (N, C, H, W, seed) => {
      const u = wholes([N, C, H, W], seed);
      expect(forwards.reduce([u], { reduction: 'mean', axes: [2, 3] }).data).toEqual(forwards.globalAvgPool([u], {}).data);
    }),
  );
});

test('matMul of one image and head is a fully connected layer of the transpose', () => {
  fc.assert(
    fc.property(extents(5), extents(5), extents(5), seeds(), (M, K, L, seed) => {
      const [a, b] = [wholes([1, 1, M, K], seed), wholes([1, 1, K, L], seed + 1)];
      const turned = forwards.rearrange([b], { view: [K, L], order: [1, 0], cells: [null, null], shape: [L, K], outside: 0 });
      const rows = { shape: [M, K], data: a.data };
      expect(forwards.matMul([a, b], {}).data).toEqual(forwards.linear([rows, turned], {}).data);
    }),
  );
  expect(
    matMul.infer(
      [
        [2, 1, 3, 4],
        [1, 5, 4, 6],
      ],
      {},
    ),
  ).toEqual([2, 5, 3, 6]);
  expect(() =>
    matMul.infer(
      [
        [1, 1, 3, 4],
        [1, 1, 3, 4],
      ],
      {},
    ),
  ).toThrow(ShapeError);
});

test('resample: by hand; cells lie within the plane', () => {
  const x = tensor([1, 1, 2, 2], [1, 2, 3, 4]);
  const both = [
    [0, 0.5],
    [1, 0.5],
  ] as const;
  expect([...forwards.resample([x], { rows: [both], columns: [[[1, 1]], both] }).data]).toEqual([3, 2.5]);
  expect(() => resample.infer([x.shape], { rows: [[[2, 1]]], columns: [[[0, 1]]] })).toThrow(ShapeError);
  expect(() => resample.infer([x.shape], { rows: [[]], columns: [[[0, 1]]] })).toThrow(ShapeError);
});

describe('rearrange', () => {
  const x = tensor([1, 2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
  const all = [null, null, null, null];
  test('transposes, slices backwards, repeats, pads and reshapes', () => {
    const of = (order: readonly number[], cells: readonly (readonly number[] | null)[], shape: readonly number[]): readonly number[] => [
      ...forwards.rearrange([x], { view: x.shape, order, cells, shape, outside: -1 }).data,
    ];
    expect(of([0, 2, 3, 1], all, [1, 2, 2, 2])).toEqual([0, 4, 1, 5, 2, 6, 3, 7]);
    expect(of([0, 1, 2, 3], [null, [1], null, [1, 0]], [1, 1, 2, 2])).toEqual([5, 4, 7, 6]);
    expect(of([0, 1, 2, 3], [null, [0], [0, 0, -1], null], [1, 6])).toEqual([0, 1, 0, 1, -1, -1]);
  });

  test('there and back is the same', () => {
    fc.assert(
      fc.property(
        extents(3),
        extents(3),
        extents(3),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }),
        seeds(),
        (a, b, c, order, seed) => {
          const view = [a, b, c];
          const from = wholes([1, a * b * c], seed);
          const moved = order.map((axis) => view[axis] as number);
          const there = forwards.rearrange([from], { view, order, cells: [null, null, null], shape: [1, sizeOf(view)], outside: 0 });
          const back = [0, 1, 2].map((axis) => order.indexOf(axis));
          const again = forwards.rearrange([there], { view: moved, order: back, cells: [null, null, null], shape: from.shape, outside: 0 });
          expect(again).toEqual(from);
        },
      ),
    );
  });

  test('takes each axis once, and cells that there are', () => {
    const attrs = { view: x.shape, order: [0, 1, 2, 3], cells: all, shape: [1, 8], outside: 0 };
    expect(rearrange.infer([x.shape], attrs)).toEqual([1, 8]);
    for (const wrong of [
      { view: [1, 7] },
      { order: [0, 1, 2, 2] },
      { order: [0, 1, 2] },
      { cells: [null, [2], null, null] },
      { cells: [null, [-2], null, null] },
      { cells: [null] },
      { shape: [1, 9] },
    ])
      expect(() => rearrange.infer([x.shape], { ...attrs, ...wrong })).toThrow(ShapeError);
  });
});

describe('convTranspose2d', () => {
  /** ⟨y, conv x⟩ = ⟨convᵀ y, x⟩ */
  test('is the adjoint of the convolution of the same attributes', () => {
    fc.assert(
      fc.property(convCase(), seeds(), ({ x, w, attrs }, seed) => {
        const forth = forwards.conv2d([x, w], attrs);
        const y = wholes(forth.shape, seed);
        const plane = x.shape.slice(2) as unknown as readonly [number, number];
        const back = forwards.convTranspose2d([y, w], { ...attrs, plane });
        expect(back.shape).toEqual(x.shape);
        const dot = (a: Tensor, b: Tensor): number => [...a.data].reduce((sum, value, i) => sum + value * (b.data[i] as number), 0);
        expect(dot(y, forth)).toBe(dot(back, x));
      }),
    );
  });

  test('refuses groups that do not divide, and planes of nothing', () => {
    const attrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1, plane: [2, 2] } as const;
    expect(
      convTranspose2d.infer(
        [
          [1, 4, 2, 2],
          [4, 3, 1, 1],
        ],
        { ...attrs, groups: 2 },
      ),
    ).toEqual([1, 6, 2, 2]);
    expect(() =>
      convTranspose2d.infer(
        [
          [1, 4, 2, 2],
          [3, 3, 1, 1],
        ],
        attrs,
      ),
    ).toThrow(ShapeError);
    expect(() =>
      convTranspose2d.infer(
        [
          [1, 4, 2, 2],
          [4, 3, 1, 1],
        ],
        { ...attrs, groups: 3 },
      ),
    ).toThrow(ShapeError);
    expect(() =>
      convTranspose2d.infer(
        [
          [1, 4, 2, 2],
          [4, 3, 1, 1],
        ],
        { ...attrs, plane: [0, 2] },
      ),
    ).toThrow(ShapeError);
  });
});

import { describe, expect, test } from 'vitest';
import { floats, ints, type NodePart } from '../support/files/onnx.js';
import { close, counting, imported, opsOf, outputShape, run } from './run.js';

/** a of one shape + b of another, as NumPy broadcasts them: axis by axis from the last. */
function sum(a: readonly number[], shape: readonly number[], b: readonly number[], other: readonly number[]): readonly number[] {
  return a.map((value, at) => {
    let [rest, place, stride] = [at, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] as number;
      const own = other[axis - shape.length + other.length] ?? 1;
      if (own > 1) place += (rest % extent) * stride;
      stride *= own;
      rest = Math.floor(rest / extent);
    }
    return value + (b[place] as number);
  });
}

describe('a constant that is added to a layer is its bias only along the axis of its outputs', () => {
  // sums of x's channels, times 1, 2, 3, 4
  const filter = floats('w', [4, 3, 1, 1], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  const conv = (plane: readonly number[]): { readonly x: ReturnType<typeof counting>; readonly y: readonly number[] } => {
    const [H, W] = plane as readonly [number, number];
    const x = counting([1, 3, H, W], (i) => (i % 7) - 3);
    const at = (c: number, i: number): number => x.data[c * H * W + i] as number;
    return { x, y: [1, 2, 3, 4].flatMap((o) => Array.from({ length: H * W }, (_, i) => o * (at(0, i) + at(1, i) + at(2, i)))) };
  };
  test.each<readonly [readonly number[], readonly number[], readonly string[]]>([
    [[2, 4], [4], ['conv2d', 'combine']],
    [
      [2, 4],
      [1, 4],
      ['conv2d', 'combine'],
    ],
    [
      [4, 2],
      [1, 1, 4, 1],
      ['conv2d', 'combine'],
    ],
    [
      [2, 2],
      [1, 1, 2, 2],
      ['conv2d', 'combine'],
    ],
    [[2, 4], [4, 1, 1], ['conv2d']],
    [[2, 4], [1, 4, 1, 1], ['conv2d']],
  ])('Conv to planes of %j + %j', async (plane, shape, ops) => {
    const { x, y } = conv(plane);
    const nodes: NodePart[] = [
      ['Conv', ['x', 'w'], ['c']],
      ['Add', ['c', 'b'], ['y']],
    ];
    const parts = { nodes, initializers: [filter, floats('b', shape, [10, 20, 30, 40])] };
    expect(opsOf(await imported(parts, x.shape))).toEqual(ops);
    expect(await run(parts, x)).toEqual(sum(y, [1, 4, ...plane], [10, 20, 30, 40], shape));
  });

  const matrix = floats('w', [3, 5], [1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1]);
  const five = [10, 20, 30, 40, 50];
  test.each<readonly [readonly number[], readonly number[], readonly string[]]>([
    [
      [2, 5, 3],
      [5, 1],
      ['linear', 'combine'],
    ],
    [
      [5, 3],
      [5, 1],
      ['linear', 'combine'],
    ],
    [
      [2, 5, 3],
      [1, 5, 1],
      ['linear', 'combine'],
    ],
    [[2, 5, 3], [5], ['linear']],
    [[5, 3], [1, 5], ['linear']],
  ])('MatMul of %j + %j', async (shape, bias, ops) => {
    const x = counting(shape, (i) => (i % 5) - 2);
    const rows = Array.from({ length: x.data.length / 3 }, (_, r) => [...x.data.slice(3 * r, 3 * r + 3)] as [number, number, number]);
    const y = rows.flatMap(([a, b, c]) => [a, b, c, a + b, a + b + c]);
    const nodes: NodePart[] = [
      ['MatMul', ['x', 'w'], ['m']],
      ['Add', ['b', 'm'], ['y']],
    ];
    const parts = { nodes, initializers: [matrix, floats('b', bias, five)] };
    expect(opsOf(await imported(parts, shape)).filter((op) => op !== 'rearrange')).toEqual(ops);
    expect(await run(parts, x)).toEqual(sum(y, [...shape.slice(0, -1), 5], five, bias));
  });

  test('not where the outputs have been seen in another shape, or padded', async () => {
    const reshaped: NodePart[] = [
      ['MatMul', ['x', 'w'], ['m']],
      ['Reshape', ['m', 's'], ['r']],
      ['Add', ['r', 'b'], ['y']],
    ];
    const x = counting([2, 3]);
    const y = [1, 2, 3, 3, 6, 4, 5, 6, 9, 15];
    const parts = { nodes: reshaped, initializers: [matrix, ints('s', [2], [5, 2]), floats('b', [5, 1], five)] };
    expect(await run(parts, x)).toEqual(sum(y, [5, 2], five, [5, 1]));
    const padded: NodePart[] = [
      ['Conv', ['x', 'w'], ['c']],
      ['Pad', ['c', 'p'], ['d']],
      ['Add', ['d', 'b'], ['y']],
    ];
    const bias = [10, 20, 30, 40];
    const initializers = [filter, ints('p', [8], [0, 0, 0, 1, 0, 0, 0, 0]), floats('b', [4, 1, 1], bias)];
    const cell = await run({ nodes: padded, initializers }, counting([1, 3, 1, 1]));
    expect(cell).toEqual(bias.flatMap((b, o) => [b, b + 6 * (o + 1)]));
  });

  test('zeros round a plane are there for what is no convolution', async () => {
    const nodes: NodePart[] = [
      ['Add', ['x', 'three'], ['a']],
      ['Clip', ['a', 'zero', 'six'], ['c']],
      ['Pad', ['c', 'p'], ['d']],
      ['Div', ['d', 'six'], ['y']],
    ];
    const numbers = [floats('three', [], [3]), floats('zero', [], [0]), floats('six', [], [6])];
    close(await run({ nodes, initializers: [...numbers, ints('p', [8], [0, 0, 0, 1, 0, 0, 0, 0])] }, counting([1, 1, 1, 2])), [
      0,
      4 / 6,
      5 / 6,
    ]);
  });
});

describe('a constant of one value may have more axes than the value', () => {
  test.each<readonly [string, readonly number[]]>([
    ['Min', [1, 2, 2]],
    ['Max', [2, 2, 3]],
    ['Pow', [1, 4, 9]],
    ['Add', [3, 4, 5]],
    ['Div', [0.5, 1, 1.5]],
  ])('%s', async (op, expected) => {
    const parts = { nodes: [[op, ['x', 'c'], ['y']]] as NodePart[], initializers: [floats('c', [1, 1, 1], [2])] };
    expect(await outputShape(parts, [1, 3])).toEqual([1, 1, 3]);
    expect(await run(parts, counting([1, 3]))).toEqual(expected);
  });
});

test('numbers per channel of several images are one, however they came to be', async () => {
  const x = counting([2, 3, 1, 2], (i) => (i * i) % 11);
  const pairs = Array.from({ length: 6 }, (_, i) => [x.data[2 * i] as number, x.data[2 * i + 1] as number] as const);
  const mean = pairs.map(([a, b]) => (a + b) / 2);
  const most = pairs.map(([a, b]) => Math.max(a, b));
  const off = mean.map((value, i) => value - (most[i] as number));
  const pools: NodePart[] = [
    ['GlobalAveragePool', ['x'], ['a']],
    ['GlobalMaxPool', ['x'], ['b']],
    ['Sub', ['a', 'b'], ['d']],
  ];
  expect(await run({ nodes: [...pools, ['Add', ['d', 'a'], ['y']]] }, x)).toEqual(off.map((value, i) => value + (mean[i] as number)));
  expect(await run({ nodes: [...pools, ['Mul', ['d', 'a'], ['y']]] }, x)).toEqual(off.map((value, i) => value * (mean[i] as number)));
  const parts = { nodes: [...pools, ['Concat', ['d', 'a'], ['y'], { axis: 1 }]] as NodePart[] };
  expect(await outputShape(parts, x.shape)).toEqual([2, 6, 1, 1]);
  expect(await run(parts, x)).toEqual([0, 1].flatMap((n) => [...off.slice(3 * n, 3 * n + 3), ...mean.slice(3 * n, 3 * n + 3)]));
});

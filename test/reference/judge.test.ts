import { describe, expect, test } from 'vitest';
import { judge, truthOf } from '../../reference/crosscheck/judge.js';
import { ulps, webnnLimit } from '../../reference/crosscheck/ulp.js';
import { type Case, graphOf, numbersOf } from '../../reference/properties/case.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { map, type Tensor } from '../../src/tensor.js';

const shape = [1, 2, 3, 4];
const none = {};
const relu: Case = { op: 'relu', inputs: [shape], params: [], attrs: none, values: 'ordinary', seed: 1 };
const add: Case = { op: 'add', inputs: [shape, shape], params: [], attrs: none, values: 'ordinary', seed: 1 };
const pool: Case = { op: 'globalAvgPool', inputs: [[1, 1, 9, 9]], params: [], attrs: none, values: 'huge', seed: 1 };

const right = (drawn: Case): Tensor => {
  const { weights, inputs } = numbersOf(drawn);
  return evaluate(graphOf(drawn), reference(weights, inputs)).get('logits') as Tensor;
};
const verdict = (drawn: Case, actual: Tensor) => judge(drawn, actual, truthOf(drawn, 'direct'), 'direct');
const withAt = (x: Tensor, index: number, value: number): Tensor => {
  const y = map(x, (v) => v);
  y.data[index] = value;
  return y;
};

describe('a result is', () => {
  test.each([relu, add])('within: what the reference computes ($op)', (drawn) => {
    expect(verdict(drawn, right(drawn))).toMatchObject({ kind: 'within', ulps: 0 });
  });

  test('above: half a bound more than the bound, and the value is named', () => {
    const y = right(add);
    const exact = truthOf(add, 'direct').value.data[5] as number;
    const wrong = withAt(y, 5, exact * (1 + 2 ** -20));
    expect(verdict(add, wrong)).toMatchObject({ kind: 'above', index: 5, exact });
  });

  test('above: anything but the exact value where nothing is rounded', () => {
    const y = right(relu);
    const index = y.data.indexOf(0);
    expect(verdict(relu, withAt(y, index, 2 ** -100)).kind).toBe('above');
  });

  test('above: another shape', () => {
    const { data } = right(add);
    expect(verdict(add, { shape: [1, 2, 4, 3], data }).kind).toBe('above');
  });

  test('nonfinite: a NaN where a number should be, and the reverse', () => {
    expect(verdict(add, withAt(right(add), 3, NaN))).toMatchObject({ kind: 'nonfinite', index: 3 });
    const undefinedSums: Case = {
      ...add,
      inputs: [
        [1, 20, 9, 9],
        [1, 20, 9, 9],
      ],
      values: 'nan',
    };
    const y = right(undefinedSums);
    const index = y.data.findIndex(Number.isNaN);
    expect(verdict(undefinedSums, y).kind).toBe('within');
    expect(verdict(undefinedSums, withAt(y, index, 1))).toMatchObject({ kind: 'nonfinite', index });
  });

  test('nonfinite: the other infinity', () => {
    const infinite: Case = { ...relu, inputs: [[1, 20, 9, 9]], values: 'infinite' };
    const y = right(infinite);
    const index = y.data.indexOf(Infinity);
    expect(verdict(infinite, y).kind).toBe('within');
    expect(verdict(infinite, withAt(y, index, -Infinity))).toMatchObject({ kind: 'nonfinite', index });
  });

  test('denormal: 0 for numbers below the smallest normal one, and no other number', () => {
    const small: Case = { ...add, values: 'denormal' };
    expect(
      verdict(
        small,
        map(right(small), () => 0),
      ).kind,
    ).toBe('denormal');
    expect(
      verdict(
        small,
        map(right(small), () => 2 ** -120),
      ).kind,
    ).toBe('above');
  });

  test('denormal: a negative denormal that ReLU lets pass, for it is compared as 0', () => {
    const small: Case = { ...relu, values: 'denormal' };
    expect(verdict(small, numbersOf(small).inputs.input as Tensor).kind).toBe('denormal');
  });

  test('above, by what is left once denormals are forgiven', () => {
    const mixed: Case = { ...add, values: 'denormal' };
    const flushed = map(right(mixed), () => 0);
    const exact = truthOf(mixed, 'direct').value.data[2] as number;
    expect(verdict(mixed, withAt(flushed, 2, 1))).toMatchObject({ kind: 'above', index: 2, actual: 1, exact });
  });

  test('within: an infinity where the sum before a division may pass 2^128, and only there', () => {
    const y = right(pool);
    expect(Number.isFinite(y.data[0])).toBe(true);
    expect(verdict(pool, withAt(y, 0, Infinity)).kind).toBe('within');
    const ordinary: Case = { ...pool, values: 'ordinary' };
    expect(verdict(ordinary, withAt(right(ordinary), 0, Infinity)).kind).toBe('nonfinite');
  });
});

const conv: Case = {
  op: 'conv2d',
  inputs: [[1, 8, 6, 6]],
  params: [[8, 8, 3, 3]],
  attrs: { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 },
  values: 'ordinary',
  seed: 1,
};

test('F(m×m, 3×3) is held to a wider bound than the direct sum', () => {
  const largest = (x: Tensor): number => Math.max(...x.data);
  const [direct, two, four] = (['direct', 2, 4] as const).map((filtering) => largest(truthOf(conv, filtering).scale)) as [
    number,
    number,
    number,
  ];
  expect(two).toBeGreaterThan(direct);
  expect(four).toBeGreaterThan(two);
});

describe('a sum that meets an infinity', () => {
  const drawn: Case = { ...conv, inputs: [[1, 1, 6, 6]], params: [[1, 1, 3, 3]] };
  const { weights, inputs } = numbersOf(drawn);
  const input = withAt(inputs.input as Tensor, 2 * 6 + 2, Infinity);
  const y = evaluate(graphOf(drawn), reference(weights, { input })).get('logits') as Tensor;
  const kindOf = (filtering: 'direct' | 2 | 4, row: number, column: number, value: number): string =>
    judge(drawn, withAt(y, row * 6 + column, value), truthOf(drawn, filtering, { weights, inputs: { input } }), filtering).kind;

  test.each([
    ['is that infinity', 2, 2, -(y.data[14] as number), 'nonfinite', 'within'],
    ['is no number', 2, 2, 1, 'nonfinite', 'nonfinite'],
    ['does not show outside its windows', 0, 0, NaN, 'nonfinite', 'within'],
    ['does not show outside its tiles', 4, 4, NaN, 'nonfinite', 'nonfinite'],
  ] as const)('%s, [%i, %i] = %d: direct %s, F(m×m, 3×3) %s', (_, row, column, value, direct, filtered) => {
    expect(kindOf('direct', row, column, value)).toBe(direct);
    expect([2, 4].map((m) => kindOf(m as 2 | 4, row, column, value))).toEqual([filtered, filtered]);
  });

  test('is within as it is', () => {
    expect((['direct', 2, 4] as const).map((filtering) => kindOf(filtering, 2, 2, y.data[14] as number))).toEqual(Array(3).fill('within'));
  });
});

describe('ULP', () => {
  test('count the floats between, through 0, from the nearest float to the truth', () => {
    expect(ulps(1, 1)).toBe(0);
    expect(ulps(1, 1 + 2 ** -23)).toBe(1);
    expect(ulps(1, 1 + 2 ** -30)).toBe(0);
    expect(ulps(-0, 0)).toBe(0);
    expect(ulps(2 ** -149, -(2 ** -149))).toBe(2);
  });

  test('WebNN allows 2K for K products, and a bias of a matrix product one more', () => {
    const linear: Case = { op: 'linear', inputs: [[2, 5]], params: [[3, 5], [3]], attrs: none, values: 'ordinary', seed: 1 };
    expect(webnnLimit(linear)).toBe(11);
    expect(webnnLimit(pool)).toBe(83);
  });
});

import { expect, test } from 'vitest';
import { fill, type Operand, type Values } from '../../reference/properties/values.js';

const activation: Operand = { name: 'input', shape: [1, 10, 10, 10], role: 'activation' };
const factor: Operand = { name: 'conv.weight', shape: [10, 10, 3, 3], role: 'factor' };
const numbers = (operand: Operand, values: Values, multiplies = false): readonly number[] => [
  ...fill(operand, values, 7, { ordinary: 1, multiplies, terms: 25 }).data,
];
const share = (all: readonly number[], is: (x: number) => boolean): number => all.filter(is).length / all.length;

test('equal seeds give equal numbers, others others', () => {
  const drawn = (seed: number) => fill(activation, 'mixed', seed, { ordinary: 1, multiplies: false, terms: 25 });
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
});

test('zeros: half of the numbers, some of them negative', () => {
  const zeros = numbers(activation, 'zeros');
  expect(share(zeros, (x) => x === 0)).toBeCloseTo(0.5, 1);
  expect(zeros.some((x) => Object.is(x, -0))).toBe(true);
});

test('denormal: every activation lies below the smallest normal float, and no factor does', () => {
  const smallest = 2 ** -126;
  expect(numbers(activation, 'denormal').every((x) => Math.abs(x) < smallest)).toBe(true);
  expect(new Set(numbers(activation, 'denormal')).size).toBeGreaterThan(900);
  expect(numbers(factor, 'denormal').every((x) => Math.abs(x) > smallest)).toBe(true);
});

test('tiny and huge: on both sides of where products leave the floats, the numbers themselves being normal and finite', () => {
  for (const values of ['tiny', 'huge'] as const)
    for (const multiplies of [true, false]) {
      const all = numbers(activation, values, multiplies).map(Math.abs);
      expect(all.every((x) => x >= 2 ** -126 && Number.isFinite(x))).toBe(true);
    }
  const squares = (values: Values): readonly number[] => numbers(activation, values, true).map((x) => Math.fround(x * x));
  expect(squares('tiny').some((x) => x === 0)).toBe(true);
  expect(squares('tiny').some((x) => x >= 2 ** -126)).toBe(true);
  expect(Math.max(...squares('huge'))).toBeGreaterThan(2 ** 126);
});

test('infinite and nan: some activations, no factor', () => {
  const infinite = numbers(activation, 'infinite');
  expect(infinite).toContain(Infinity);
  expect(infinite).toContain(-Infinity);
  expect(share(infinite, Number.isFinite)).toBeGreaterThan(0.8);
  expect(numbers(activation, 'nan').some(Number.isNaN)).toBe(true);
  for (const values of ['infinite', 'nan'] as const) expect(numbers(factor, values).every(Number.isFinite)).toBe(true);
});

test('scattered: an activation in 4 · terms, one at least, of each kind; no factor', () => {
  const scattered = numbers(activation, 'scattered');
  expect(scattered).toEqual(expect.arrayContaining([NaN, Infinity, -Infinity]));
  expect(share(scattered, Number.isFinite)).toBeCloseTo(0.99, 2);
  expect(numbers({ ...activation, shape: [1, 1, 1, 1] }, 'scattered').some(Number.isFinite)).toBe(false);
  expect(numbers(factor, 'scattered').every(Number.isFinite)).toBe(true);
});

test('variances are not negative', () => {
  const variance: Operand = { name: 'bn.running_var', shape: [1000], role: 'factor' };
  for (const values of ['ordinary', 'zeros', 'mixed', 'tiny', 'huge'] as const)
    expect(Math.min(...numbers(variance, values, true)), values).toBeGreaterThanOrEqual(0);
});

import { expect, test } from 'vitest';
import { compareTensors, differences, differencesText, misfitsOf, othersIn } from '../../src/checkpoints/misfits.js';
import type { Shape } from '../../src/tensor.js';

const expected = new Map<string, Shape>([
  ['a', [2, 3]],
  ['b', [4]],
  ['c', [5]],
  ['d', [6, 1, 1]],
]);
const tensors = new Map([
  ['e', { shape: [1] }],
  ['d', { shape: [6] }],
  ['a', { shape: [3, 2] }],
  ['c', { shape: [5] }],
]);

test('misfits are in the network’s order; extents of 1 are none', () => {
  expect(misfitsOf(expected, tensors)).toEqual([
    { name: 'a', expected: [2, 3], found: [3, 2] },
    { name: 'b', expected: [4], found: undefined },
  ]);
  expect(compareTensors(expected, tensors)).toEqual({ missing: ['b'], misshapen: [{ name: 'a', expected: [2, 3], found: [3, 2] }] });
  expect(othersIn(tensors, expected)).toEqual(['e']);
});

test('how many there are of each kind, and the first three; what a file has instead of a tensor is said', () => {
  const found = { ...compareTensors(expected, tensors), extra: ['p', 'q', 'r', 's'] };
  expect(differences(found)).toBe(6);
  expect(differencesText(found, 'detector')).toBe(
    "1 missing, 1 misshapen, 4 extra (b is missing; a is [3, 2], not [2, 3]; p is not the detector's; q is not the detector's; r is not the detector's)",
  );
  expect(differencesText({ ...found, extra: [] }, 'network', new Map([['b', 'a list']]))).toBe(
    '1 missing, 1 misshapen, 0 extra (b is no tensor that can be read, but a list; a is [3, 2], not [2, 3])',
  );
});

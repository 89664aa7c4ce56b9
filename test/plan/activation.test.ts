import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pointwiseOps } from '../../src/ops/op.js';
import { activations, onConv } from '../../src/plan/activation.js';

const kernel = (name: string): string => readFileSync(new URL(`../../kernels/${name}.ts`, import.meta.url), 'utf8');

/** `hardSwish` as kernels write it. */
const constant = (op: string): string => op.replace(/[A-Z]/g, '_$&').toUpperCase();

test.each(['activation', 'activationGrad'])('%s.ts knows each function by its place in the list', (file) => {
  const told = [...kernel(file).matchAll(/^const ([A-Z]+[A-Z0-9_]*) = (\d+);$/gm)].map(([, name, place]) => [name, Number(place)]);
  const places = new Map(activations.map((op, place) => [op === undefined ? '' : constant(op), place]));
  expect(told.length).toBeGreaterThanOrEqual(pointwiseOps.length - 1); // the last may be what is left
  expect(told).toEqual(told.map(([name]) => [name, places.get(name as string)]));
});

test('each function of one value has a place; those of a convolution come before the first that is not 0 at 0', () => {
  expect(activations.filter((op) => op !== undefined).toSorted()).toEqual([...pointwiseOps].toSorted());
  expect(kernel('activation')).toContain('kind >= SIGMOID');
  expect(onConv).toEqual(activations.slice(1, activations.indexOf('sigmoid')));
});

import { expect, test } from 'vitest';
import { span, ticks } from '../../src/report/axis.js';
import { lineChart } from '../../src/report/lineChart.js';

const chart = (points: readonly (readonly [number, number])[]): string =>
  lineChart({
    title: 'Loss',
    across: 'epoch',
    format: String,
    lines: [
      { name: 'test', points },
      { name: 'none', points: [] },
    ],
  });

test('one epoch is a dot in the middle, and its axis counts epochs only', () => {
  const svg = chart([[1, 0.05]]);
  expect(svg).toContain('<circle cx="310.0" cy="110.0"');
  expect([...svg.matchAll(/text-anchor="middle" fill="#555">([^<]*)</g)].map(([, label]) => label)).toEqual(['1']);
});

test('more are a line', () => {
  const svg = chart([
    [1, 2],
    [2, 1],
  ]);
  expect(svg).toContain('<polyline points="0.0,0.0 620.0,220.0"');
  expect(svg).not.toContain('<circle');
});

test.each([
  [[0.05], [0.025, 0.075]],
  [[0], [-0.5, 0.5]],
  [[-4], [-6, -2]],
  [
    [1, 3],
    [1, 3],
  ],
])('the span of %j is %j', (values, expected) => {
  const [low, high] = span(values);
  expect(low).toBeCloseTo(expected[0] as number);
  expect(high).toBeCloseTo(expected[1] as number);
});

test('round numbers at both ends are ticks', () => {
  expect(ticks(0.05, 0.1).map((tick) => Number(tick.toFixed(6)))).toEqual([0.05, 0.06, 0.07, 0.08, 0.09, 0.1]);
  expect(ticks(2, 2.2).map((tick) => Number(tick.toFixed(6)))).toEqual([2, 2.05, 2.1, 2.15, 2.2]);
});

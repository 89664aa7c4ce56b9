import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { classMeasures } from '../../src/detect/ap/parameters.js';
import { averagePrecisionHtml } from '../../src/report/averagePrecision.js';
import { barChart } from '../../src/report/barChart.js';
import { published } from '../detect/oracle.js';

test('the page has every number and a bar for every class that has a precision', () => {
  const { document } = parseHTML(averagePrecisionHtml(published, 'boxes', [['detections', 'coco-dt.json']]));
  const [summary, classes] = [...document.querySelectorAll('table')].map((found) =>
    [...found.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
  );
  const shown = (value: number): string => (value < 0 ? '-' : value.toFixed(4));
  expect(summary?.map((row) => row.at(-1))).toEqual(published.summary.map(shown));
  expect(classes).toEqual(
    Object.entries(published.perClass).map(([name, numbers]) => [name, ...classMeasures.map((measure) => shown(numbers[measure]))]),
  );
  expect(document.querySelectorAll('svg g g').length).toBe(7);
  expect(document.querySelectorAll('svg g g rect').length).toBe(4); // of seven classes two have nothing to find, one is 0
});

test('names are text, and long ones are cut', () => {
  const svg = barChart({ title: '<b>', bars: [{ label: `<script>${'x'.repeat(100)}`, value: 0.25 }], format: (value) => value.toFixed(2) });
  expect(svg).not.toMatch(/<b>|<script>/);
  expect(svg).toContain('&lt;script>');
  expect(svg).not.toContain('x'.repeat(40));
  expect(svg).toContain('width="115.0"'); // a quarter of 460
});

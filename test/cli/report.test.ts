import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rendered } from '../../src/cli/commands/report.js';
import { SenetError } from '../../src/errors.js';
import { parseJson } from '../../src/io/jsonText.js';
import { ablationReport } from '../../src/report/ablation.js';
import { gatesReport } from '../../src/report/gates.js';
import { intervalChart } from '../../src/report/intervalChart.js';
import { lastStageReport } from '../../src/report/lastStage.js';
import { trainingCostReport } from '../../src/report/trainingCost.js';
import { damagedJson, damagedText } from '../support/damaged.js';
import { senet } from './senet.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-report-'));
});
afterAll(() => rm(folder, { recursive: true }));

const origin = (finding: string) => ({
  finding,
  date: '2026-11-25',
  command: `npm run experiment:${finding}`,
  senet: '0.1.0',
  host: { cpu: 'A <CPU>', cores: 2, memoryGiB: 4, node: '20', v8: '11', instructions: 'SIMD' },
  images: 'CIFAR-10 as re-encoded JPEG images',
});

const tableOf = (html: string, index = 0): readonly (readonly string[])[] =>
  [...([...parseHTML(html).document.querySelectorAll('table')][index]?.querySelectorAll('tr') ?? [])].map((row) =>
    [...row.querySelectorAll('td, th')].map((cell) => cell.textContent as string),
  );

const variant = (name: string, mean: number) => ({
  name,
  model: 'se_resnet8_cifar10',
  options: {},
  parameters: 75290,
  runs: [
    { seed: 1, accuracy: mean - 0.01 },
    { seed: 2, accuracy: mean + 0.01 },
  ],
  mean,
  deviation: 0.01,
  low: mean - 0.02,
  high: mean + 0.02,
});

test('an ablation: runs, means and intervals, and which differences are none', () => {
  const comparisons = [
    { than: 'without SE', name: 'SE', difference: 0.05, low: 0.01, high: 0.09, overlap: false },
    { than: 'without SE', name: 'SE', difference: -0.05, low: -0.09, high: -0.01, overlap: false },
    { than: 'without SE', name: 'SE', difference: 0.01, low: -0.01, high: 0.03, overlap: true },
  ];
  const variants = [variant('without SE', 0.8), variant('SE', 0.85)];
  const { html, pictures } = ablationReport('SE & none')({ ...origin('se'), recipe: 'r.json', variants, comparisons } as never);
  expect(html).toContain('A &lt;CPU>');
  expect(tableOf(html)[1]).toEqual(['without SE', '75,290', '79.00, 81.00', '80.00 %', '1.00', '78.00 to 82.00']);
  expect(tableOf(html, 1).slice(1)).toEqual([
    ['SE, less without SE', '+5.00 (1.00 to 9.00)', 'better'],
    ['SE, less without SE', '-5.00 (-9.00 to -1.00)', 'worse'],
    ['SE, less without SE', '+1.00 (-1.00 to 3.00)', 'no difference: the intervals of the means overlap'],
  ]);
  expect(pictures['']).toContain('re-encoded JPEG images');
  expect(pictures['']).toContain('SE &amp; none');
  expect(pictures['']?.match(/<circle/g)).toHaveLength(6);
});

test('an interval chart places values, intervals and the mark on one axis', () => {
  const rows = [
    { label: 'a', value: 2, low: 0, high: 4 },
    { label: 'b', value: 8, low: 6, high: 10, parts: [7, 9] },
  ];
  const svg = intervalChart({ title: '', remarks: [], rows, format: String, mark: { value: 5, text: 'half' } });
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const all = (selector: string, attribute: string) => [...document.querySelectorAll(selector)].map((one) => one.getAttribute(attribute));
  // 460 pixels from -0.4 to 10.4: 4 % beyond the least and the most
  expect(all('path[stroke-width="2"]', 'd')).toEqual(['M17.0,0H187.4', 'M272.6,0H443.0']);
  expect(all('circle[r="4"]', 'cx')).toEqual(['102.2', '357.8']);
  expect(all('circle[r="2.5"]', 'cx')).toEqual(['315.2', '400.4']);
  expect(all('path[stroke-dasharray]', 'd')).toEqual(['M230.0,0v60']);
});

test('gates: channels go by the mean of all images, in every curve', () => {
  const classes = ['airplane', 'automobile', 'cat', 'dog'].map((name) => ({ name, mean: [1, 0.5, 0], deviation: [0, 0, 0] }));
  const block = {
    path: 'features.stage1.se',
    overall: { mean: [0.5, 0.25, 0], deviation: [0.1, 0, 0] },
    classes,
    betweenClasses: 0.2,
    withinClasses: 0,
  };
  const { html, pictures } = gatesReport({ ...origin('gates'), tested: 12, blocks: [block] } as never);
  const curves = (svg: string | undefined): readonly (string | null)[] =>
    [...parseHTML(`<html><body>${svg}</body></html>`).document.querySelectorAll('polyline')].map((line) => line.getAttribute('points'));
  expect(Object.keys(pictures)).toEqual(['', '-spread']);
  expect(curves(pictures[''])).toEqual(['0.0,90.0 100.0,67.5 200.0,45.0', ...classes.map(() => '0.0,90.0 100.0,45.0 200.0,0.0')]);
  expect(curves(pictures['-spread'])).toHaveLength(2);
  expect(tableOf(html)[1]).toEqual(['features.stage1.se', '3', '0.250', '0.2000', '0.0000', '']);
});

test('the last stage: what is saved and lost', () => {
  const rows = [
    { what: 'as trained', parameters: 2000, accuracy: 0.9, difference: 0, low: 0, high: 0 },
    { what: 'without', parameters: 1900, accuracy: 0.89, difference: -0.01, low: -0.02, high: 0.001 },
  ];
  const { html, pictures } = lastStageReport({ ...origin('last-stage'), tested: 10, frozenOver: 5, rows } as never);
  expect(tableOf(html).slice(1)).toEqual([
    ['as trained', '2,000', '', '90.00 %', ''],
    ['without', '1,900', '100 (5.00 %)', '89.00 %', '-1.00 (-2.00 to 0.10)'],
  ]);
  expect(html).toContain('re-encoded JPEG images');
  expect(pictures['']).toContain('re-encoded JPEG images');
});

test('what training costs, beside the paper', () => {
  const row = { model: 'timm/legacy_seresnet50', engine: 'senet', threads: 1, batch: 16, rounds: 7, medianMs: 1234.56 };
  const seCostPercent = { median: 4.2, low: 3.1, high: 5.5 };
  const { html, pictures } = trainingCostReport({
    ...origin('training-cost'),
    rows: [
      { ...row, seCostPercent },
      { ...row, composed: true, rounds: 1, timesOurs: { median: 6.23, low: 6.23, high: 6.23 } },
    ],
  } as never);
  expect(tableOf(html)[1]).toEqual(['timm/legacy_seresnet50', 'senet', '1', '16', '1235', '4.20 % (3.10 to 5.50)', '']);
  expect(tableOf(html)[2]).toEqual(['timm/legacy_seresnet50', 'senet, composed', '1', '16', '1235', '', '6.23, of one pair']);
  expect(tableOf(html).at(-1)).toEqual(['SE-ResNet-50', 'the paper, 8 GPUs', '', '256', '209', '10 %', '']);
  expect(pictures['']).toContain('legacy_seresnet50, batch 16, 1 thread<');
});

describe('a damaged result is refused, or read as what is left of it', () => {
  const excited = { mean: [1, 0.5], deviation: [0, 0] };
  const row = { what: 'as trained', parameters: 2000, accuracy: 0.9, difference: 0, low: 0, high: 0 };
  const step = { model: 'timm/legacy_seresnet50', engine: 'senet', threads: 1, batch: 16, rounds: 7, medianMs: 1234.56 };
  const comparison = { than: 'without SE', name: 'SE', difference: 0.05, low: 0.01, high: 0.09, overlap: false };
  const classes = [
    { name: 'cat', ...excited },
    { name: 'dog', ...excited },
  ];
  const results = {
    se: { recipe: 'r.json', variants: [variant('without SE', 0.8), variant('SE', 0.85)], comparisons: [comparison] },
    gates: { tested: 12, blocks: [{ path: 'se', overall: excited, classes, betweenClasses: 0.2, withinClasses: 0.1 }] },
    'last-stage': { tested: 10, frozenOver: 5, rows: [row, row] },
    'training-cost': { rows: [{ ...step, composed: true, seCostPercent: { median: 4.2, low: 3.1, high: 5.5 } }] },
  };

  test.each(Object.entries(results))('%s', (finding, fields) => {
    const result = { ...origin(finding), ...fields };
    expect(rendered(result).html).toContain('<table>');
    let refused = 0;
    for (const text of [...damagedJson(result), ...damagedText(JSON.stringify(result))]) {
      try {
        rendered(parseJson(text));
      } catch (error) {
        expect(error, text.slice(0, 200)).toBeInstanceOf(SenetError);
        expect((error as Error).message.length).toBeLessThan(500);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('a finding called %s is none', (finding) => {
    expect(() => rendered({ ...origin(finding) })).toThrow('finding must be one of');
  });
});

test('what is no result is said, with what there is', async () => {
  const file = join(folder, 'other.json');
  await writeFile(file, '{"finding": "else"}');
  const { code, stderr } = await senet('report', file);
  expect(code).toBe(2);
  expect(stderr).toContain(
    `${file}: finding must be one of se, reduction, squeeze, excitation, placement, stages, gates, last-stage, training-cost, not "else"`,
  );
  expect((await senet('report', folder)).stderr).toContain('found no config.json');
  await expect(readFile(join(folder, 'other.html'))).rejects.toThrow();
});

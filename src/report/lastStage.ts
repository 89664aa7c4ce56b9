import { anyText, listOf, measured, objectWith, share, wholeFrom } from '../io/schema.js';
import { percent, thousands } from './format.js';
import { htmlTable, page } from './html.js';
import { intervalChart } from './intervalChart.js';
import { factsOf, interval, origin, pointsText, type Rendered } from './result.js';

/** What `npm run experiment:last-stage` writes. */
export const lastStageResult = objectWith({
  ...origin,
  tested: wholeFrom(0),
  frozenOver: wholeFrom(0),
  rows: listOf(objectWith({ what: anyText, parameters: wholeFrom(0), accuracy: share, difference: measured, ...interval })),
});

/** Parameters saved against accuracy lost. */
export function lastStageReport(value: unknown): Rendered {
  const result = lastStageResult.read(value, '');
  const { rows, tested, frozenOver, images = '' } = result;
  const whole = rows[0]?.parameters ?? 1;
  const svg = intervalChart({
    title: 'Without the last stage’s gates: percentage points of test images lost or won',
    remarks: ['Nothing is trained again. Lines: 95 % intervals of the difference on the same images.', images],
    rows: rows.map(({ what, parameters, difference, low, high }) => ({
      label: `${what}, ${thousands(parameters)} parameters`,
      value: 100 * difference,
      low: 100 * low,
      high: 100 * high,
    })),
    format: (points) => points.toFixed(1),
  });
  const lines = rows.map(({ what, parameters, accuracy, ...points }, i) => [
    what,
    thousands(parameters),
    i === 0 ? '' : `${thousands(whole - parameters)} (${percent(1 - parameters / whole)})`,
    percent(accuracy),
    i === 0 ? '' : pointsText(points),
  ]);
  const remark = `<p>${thousands(tested)} test images; the gates' means are of ${thousands(frozenOver)} training images. Differences in percentage points, with 95 % intervals of the paired difference: one that holds 0 is none. In the paper (§4)
it costs less than 0.1 % of top-5, and saves more, since that network's last stage is wider.</p>`;
  return {
    pictures: { '': svg },
    html: page({
      title: "The last stage's gates",
      heading: "Without the last stage's gates",
      facts: factsOf(result),
      sections: [svg, htmlTable(['network', 'parameters', 'saved', 'test images right', 'points lost or won'], lines), remark],
    }),
  };
}

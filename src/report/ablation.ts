import { anyText, flag, listOf, measured, objectWith, optional, record, share, wholeFrom } from '../io/schema.js';
import { percent, thousands } from './format.js';
import { htmlTable, page } from './html.js';
import { intervalChart } from './intervalChart.js';
import { factsOf, interval, origin, pointsText, type Rendered } from './result.js';

/** What varies, by the `finding` that a result says it is. */
export const ablationHeadings = {
  se: 'With SE blocks, and without',
  reduction: 'SE’s reduction',
  squeeze: 'What SE blocks squeeze by',
  excitation: 'What makes a gate',
  placement: 'Where SE blocks are',
  stages: 'Which stages have SE blocks',
} as const;

/** What `npm run experiment:se`, `experiment:reduction` and `experiment:ablations` write. */
export const ablationResult = objectWith({
  ...origin,
  recipe: anyText,
  variants: listOf(
    objectWith({
      name: anyText,
      model: anyText,
      options: record,
      parameters: wholeFrom(0),
      /** `spread`: how much the gates of the least lively block vary over test images, as a standard deviation. */
      runs: listOf(objectWith({ seed: wholeFrom(0), accuracy: share, spread: optional(measured) })),
      mean: measured,
      deviation: measured,
      ...interval,
    }),
  ),
  comparisons: listOf(objectWith({ than: anyText, name: anyText, difference: measured, ...interval, overlap: flag })),
});

/** Networks trained alike but for one thing, some seeds each. */
export const ablationReport =
  (heading: string) =>
  (value: unknown): Rendered => {
    const result = ablationResult.read(value, '');
    const { network = '', images = '', recipe, variants, comparisons } = result;
    const svg = intervalChart({
      title: `${heading}: test images classified right, ${network}`,
      remarks: ['Hollow: a run each, by seed. Filled: their mean and its 95 % interval (Student’s t).', images],
      rows: variants.map(({ name, mean, low, high, runs }) => ({
        label: name,
        value: mean,
        low,
        high,
        parts: runs.map(({ accuracy }) => accuracy),
      })),
      format: (share) => percent(share),
    });
    const lively = variants.some(({ runs }) => runs.some(({ spread }) => spread !== undefined));
    const found = variants.map(({ name, parameters, runs, mean, deviation, low, high }) => [
      name,
      thousands(parameters),
      runs.map(({ accuracy }) => (100 * accuracy).toFixed(2)).join(', '),
      percent(mean),
      (100 * deviation).toFixed(2),
      `${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)}`,
      ...(lively ? [spreadText(runs)] : []),
    ]);
    const compared = comparisons.map(({ than, name, overlap, ...points }) => [
      `${name}, less ${than}`,
      pointsText(points),
      overlap ? 'no difference: the intervals of the means overlap' : points.difference > 0 ? 'better' : 'worse',
    ]);
    const remark =
      '<p>Intervals: 95 %; of a mean, by Student’s t; of a difference, by Welch’s test. Whether there is a difference is judged by the former, which is the stricter. The last epoch counts, not the best.</p>';
    return {
      pictures: { '': svg },
      html: page({
        title: `${heading}, ${network}`,
        heading,
        facts: [...factsOf(result), ['recipe', recipe]],
        sections: [
          svg,
          htmlTable(
            [
              'network',
              'parameters',
              'test images right by seed, %',
              'mean',
              'standard deviation',
              'interval',
              ...(lively ? ['least spread of a gate'] : []),
            ],
            found,
          ),
          htmlTable(['comparison', 'percentage points', 'finding'], compared),
          remark,
        ],
      }),
    };
  };

/** Of all runs, the least: one that is 0 has a dead excitation. */
function spreadText(runs: readonly { readonly spread?: number | undefined }[]): string {
  const spreads = runs.flatMap(({ spread }) => spread ?? []);
  return spreads.length === 0 ? '' : Math.min(...spreads).toFixed(4);
}

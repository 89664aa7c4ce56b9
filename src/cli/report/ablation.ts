import { intervalChart } from '../intervalChart.js';
import { percent, thousands } from '../output.js';
import { htmlTable, page } from '../page.js';
import { factsOf, pointsText, type Rendered, type Result } from './result.js';

interface Ablation extends Result {
  readonly recipe: string;
  readonly variants: readonly {
    readonly name: string;
    readonly parameters: number;
    readonly runs: readonly { readonly seed: number; readonly accuracy: number }[];
    readonly mean: number;
    readonly deviation: number;
    readonly low: number;
    readonly high: number;
  }[];
  readonly comparisons: readonly {
    readonly than: string;
    readonly name: string;
    readonly difference: number;
    readonly low: number;
    readonly high: number;
    readonly overlap: boolean;
  }[];
}

/** Networks trained alike but for one thing, some seeds each. */
export const ablationReport =
  (heading: string) =>
  (result: Result): Rendered => {
    const { network, images = '', recipe, variants, comparisons } = result as Ablation;
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
    const found = variants.map(({ name, parameters, runs, mean, deviation, low, high }) => [
      name,
      thousands(parameters),
      runs.map(({ accuracy }) => (100 * accuracy).toFixed(2)).join(', '),
      percent(mean),
      (100 * deviation).toFixed(2),
      `${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)}`,
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
          htmlTable(['network', 'parameters', 'test images right by seed, %', 'mean', 'standard deviation', 'interval'], found),
          htmlTable(['comparison', 'percentage points', 'finding'], compared),
          remark,
        ],
      }),
    };
  };

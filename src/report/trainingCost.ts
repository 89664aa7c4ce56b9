import { anyText, flag, listOf, measured, objectWith, optional, type Read, wholeFrom } from '../io/schema.js';
import { hasInterval } from '../stats/timing.js';
import { htmlTable, page } from './html.js';
import { intervalChart } from './intervalChart.js';
import { factsOf, interval, origin, type Rendered } from './result.js';

const median = objectWith({ median: measured, ...interval });
type Interval = Read<typeof median>;

/** What `npm run bench:training` writes. */
export const trainingCostResult = objectWith({
  ...origin,
  rows: listOf(
    objectWith({
      model: anyText,
      engine: anyText,
      threads: wholeFrom(1),
      batch: wholeFrom(1),
      rounds: wholeFrom(1),
      medianMs: measured,
      composed: optional(flag),
      seCostPercent: optional(median),
      timesOurs: optional(median),
    }),
  ),
});

/** Of a row: a median of so many rounds, and its interval if they are enough for one. */
function medianText(found: Interval | undefined, rounds: number, unit: string, format: (value: number) => string): string {
  if (found === undefined) return '';
  const [median, low, high] = [found.median, found.low, found.high].map(format);
  if (hasInterval(rounds)) return `${median}${unit} (${low} to ${high})`;
  return `${median}${unit}, of ${rounds === 1 ? 'one pair' : `${rounds} pairs`}`;
}

type Rounds = { readonly rounds: number };

export const engineText = ({ engine, composed }: { readonly engine: string; readonly composed?: boolean | undefined }): string =>
  composed ? `${engine}, composed` : engine;

export const seCostText = ({ seCostPercent, rounds }: Rounds & { readonly seCostPercent?: Interval | undefined }): string =>
  medianText(seCostPercent, rounds, ' %', (value) => value.toFixed(2));

export const timesOursText = ({ timesOurs, rounds }: Rounds & { readonly timesOurs?: Interval | undefined }): string =>
  medianText(timesOurs, rounds, '', (value) => String(Number(value.toPrecision(3))));

/** What a step of training costs, beside the paper's (Hu 2018, §6.1). */
export function trainingCostReport(value: unknown): Rendered {
  const result = trainingCostResult.read(value, '');
  const { rows: timed } = result;
  const svg = intervalChart({
    title: 'What SE adds to a step of training, per cent',
    remarks: ['Medians of paired ratios, and their 95 % intervals.'],
    rows: timed.flatMap(({ model, threads, batch, seCostPercent }) =>
      seCostPercent === undefined
        ? []
        : [
            {
              label: `${model.replace(/^.*\//, '')}, batch ${batch}, ${threads} thread${threads > 1 ? 's' : ''}`,
              value: seCostPercent.median,
              low: seCostPercent.low,
              high: seCostPercent.high,
            },
          ],
    ),
    format: (value) => `${Number(value.toFixed(1))} %`,
    mark: { value: 10, text: 'the paper: 190 and 209 ms' },
  });
  const rows = timed.map((row) => [
    row.model,
    engineText(row),
    String(row.threads),
    String(row.batch),
    row.medianMs.toFixed(row.medianMs < 1000 ? 1 : 0),
    seCostText(row),
    timesOursText(row),
  ]);
  const paper = [
    ['ResNet-50', 'the paper, 8 GPUs', '', '256', '190', '', ''],
    ['SE-ResNet-50', 'the paper, 8 GPUs', '', '256', '209', '10 %', ''],
  ];
  const head = ['network', 'engine', 'threads', 'batch', 'ms a step', 'SE costs', 'times ours'];
  const remark =
    '<p>A step is forward, backward and SGD with momentum. Intervals: 95 %, of the median of paired ratios. Composed: the engine lacks a gradient, which was made of other operations. Fast: by Winograd’s filtering where it pays.</p>';
  const sections = [svg, htmlTable(head, [...rows, ...paper]), remark];
  return {
    pictures: { '': svg },
    html: page({ title: 'What a step of training costs', heading: 'A step of training', facts: factsOf(result), sections }),
  };
}

import { classMeasures, iouThresholds, type Measure, type MeasureName, measures } from '../detect/ap/parameters.js';
import type { AveragePrecision } from '../detect/ap/summary.js';
import { barChart } from './barChart.js';
import { type Fact, htmlTable, page } from './html.js';
import { table } from './table.js';

const value = (number: number): string => (number < 0 ? '-' : number.toFixed(4));

/** COCO's twelve numbers, with what each is the mean of; the first row is the head. */
const summaryRows = ({ summary }: AveragePrecision): readonly (readonly string[])[] => [
  ['', '', 'IoU', 'area', 'detections', 'value'],
  ...(Object.entries(measures) as [MeasureName, Measure][]).map(([name, { of, area, threshold, detections }], i) => [
    name,
    `average ${of}`,
    threshold === undefined ? '0.50 to 0.95' : (iouThresholds[threshold] as number).toFixed(2),
    area,
    String(detections),
    value(summary[i] as number),
  ]),
];

const classRows = ({ perClass }: AveragePrecision): readonly (readonly string[])[] => [
  ['class', ...classMeasures],
  ...Object.entries(perClass).map(([name, numbers]) => [name, ...classMeasures.map((measure) => value(numbers[measure]))]),
];

/** What a person reads on a terminal. */
export const averagePrecisionText = (result: AveragePrecision): string => `${table(summaryRows(result))}\n\n${table(classRows(result))}`;

/** A page that needs nothing beside itself. @param more sections after those of the result */
export function averagePrecisionHtml(
  result: AveragePrecision,
  title: string,
  facts: readonly Fact[],
  more: readonly string[] = [],
): string {
  const [summaryHead = [], ...summary] = summaryRows(result);
  const [classHead = [], ...classes] = classRows(result);
  const bars = Object.entries(result.perClass).map(([label, { AP }]) => ({ label, value: AP }));
  const sections = [
    htmlTable(summaryHead, summary),
    '<p>-: there is nothing to find. Such a class is left out of the means.</p>',
    '<h2>Classes</h2>',
    barChart({ title: 'Average precision of each class', bars, format: (share) => (share < 0 ? '-' : share.toFixed(2)) }),
    htmlTable(classHead, classes),
    ...more,
  ];
  return page({ title, heading: 'Average precision', facts, sections });
}

import { classMeasures, iouThresholds, type Measure, type MeasureName, measures } from '../detect/ap/parameters.js';
import type { AveragePrecision } from '../detect/ap/summary.js';
import { table } from './table.js';

const value = (number: number): string => (number < 0 ? '-' : number.toFixed(4));

/** COCO's twelve numbers and each class's, for a terminal. */
export function averagePrecisionText({ summary, perClass }: AveragePrecision): string {
  const rows = (Object.entries(measures) as [MeasureName, Measure][]).map(([name, { of, area, threshold, detections }], i) => [
    name,
    `average ${of}`,
    threshold === undefined ? '0.50 to 0.95' : (iouThresholds[threshold] as number).toFixed(2),
    area,
    String(detections),
    value(summary[i] as number),
  ]);
  const classes = Object.entries(perClass).map(([name, numbers]) => [name, ...classMeasures.map((measure) => value(numbers[measure]))]);
  return [
    table([['', '', 'IoU', 'area', 'detections', 'value'], ...rows]),
    ...(classes.length > 0 ? [table([['class', ...classMeasures], ...classes])] : []),
  ].join('\n\n');
}

import { lineChart } from '../src/report/lineChart.js';
import type { Machine } from '../src/report/machine.js';
import type { ApMeasured, ApTask } from './apChild.js';
import type { Table } from './markdown.js';

/** What `npm run bench:ap` leaves. */
export interface ApResult {
  readonly date: string;
  readonly command: string;
  readonly host: Machine;
  readonly rows: readonly ApRow[];
}

export interface ApRow extends Pick<ApTask, 'from' | 'images'>, ApMeasured {
  readonly detections: number;
}

const names = { files: 'senet ap, from its two files', images: 'createAp, image by image' } as const;

/** Memory and CPU over the number of images; straight is what one hopes for. */
export const apCharts = ({ rows }: ApResult): string =>
  (
    [
      ['peakMiB', 'Largest memory of the process, MiB', 0],
      ['cpuSeconds', 'Seconds of CPU', 1],
    ] as const
  )
    .map(([what, title, digits]) =>
      lineChart({
        title,
        across: 'images of 100 detections each, in 80 classes',
        format: (value) => value.toFixed(digits),
        lines: (['files', 'images'] as const).map((kind) => ({
          name: names[kind],
          points: rows.filter(({ from }) => from === kind).map((row) => [row.images, row[what]] as const),
        })),
      }),
    )
    .join('\n');

export const apTable = ({ rows }: ApResult): Table => [
  ['from', 'images', 'detections', 'CPU s', 'peak MiB'],
  ...rows.map(({ from, images, detections, cpuSeconds, peakMiB }) => [
    names[from],
    String(images),
    String(detections),
    cpuSeconds.toFixed(2),
    peakMiB.toFixed(0),
  ]),
];

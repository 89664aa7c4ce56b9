import { chartSvg, colorAt } from '../reference/engines/index.js';
import type { Machine } from '../src/report/machine.js';

/** What `npm run bench:scale` leaves. */
export interface ScaleResult {
  readonly date: string;
  readonly command: string;
  readonly model: string;
  readonly host: Machine;
  readonly rounds: number;
  readonly rows: readonly ScaleRow[];
}

export interface ScaleRow {
  readonly algorithms: 'direct' | 'fast';
  /** Side of the image, pixels. */
  readonly size: number;
  readonly batch: number;
  readonly macs: number;
  readonly medianMs: number;
  /** By the network's own multiply-adds, whichever way they are made. */
  readonly gflops: number;
  /** From the median of its algorithms, per cent. */
  readonly deviationPercent: number;
}

const colors = { direct: colorAt(5), fast: colorAt(0) } as const;
const names = { direct: 'direct', fast: "fast (Winograd's filtering; counted as the network's own multiply-adds)" } as const;

/** GFLOP/s over the work of a run; flat is what one hopes for. */
export function scaleSvg(rows: readonly ScaleRow[], where: string): Promise<string> {
  const common = { x: ({ macs }: ScaleRow) => macs / 1e9, y: 'gflops', stroke: ({ algorithms }: ScaleRow) => colors[algorithms] } as const;
  const highest = Math.max(...rows.map(({ gflops }) => gflops));
  return chartSvg((Plot) => ({
    title: 'Cost grows as the work does',
    subtitle: `${where}. Hollow: one image of so many pixels; filled: so many of 224.`,
    legend: (['direct', 'fast'] as const).map((algorithms) => ({ label: names[algorithms], color: colors[algorithms] })),
    plot: {
      width: 760,
      height: 360,
      marginLeft: 52,
      marginBottom: 40,
      marginTop: 24,
      marginRight: 30,
      insetLeft: 24,
      x: { type: 'log', label: 'multiply-adds a run, 10⁹ →', grid: true, ticks: 6, tickFormat: (value: number) => String(value) },
      y: { domain: [0, highest * 1.15], label: '↑ GFLOP/s', grid: true },
      marks: [
        Plot.dot(rows, { ...common, r: 5, strokeWidth: 1.5, fill: (row: ScaleRow) => (row.batch > 1 ? colors[row.algorithms] : '#fff') }),
        Plot.text(
          rows.filter(({ batch }) => batch === 1),
          { x: common.x, y: 'gflops', text: ({ size }: ScaleRow) => String(size), dy: -13 },
        ),
        Plot.text(
          rows.filter(({ batch }) => batch > 1),
          { x: common.x, y: 'gflops', text: ({ batch }: ScaleRow) => `×${batch}`, dy: 14 },
        ),
      ],
    },
  }));
}

/** One line per run. */
export const scaleTable = (rows: readonly ScaleRow[]): readonly (readonly string[])[] => [
  ['algorithms', 'pixels', 'batch', 'GMAC', 'ms', 'GFLOP/s', 'from the median, %'],
  ...rows.map(({ algorithms, size, batch, macs, medianMs, gflops, deviationPercent }) => [
    algorithms,
    String(size),
    String(batch),
    (macs / 1e9).toFixed(2),
    medianMs.toFixed(1),
    gflops.toFixed(1),
    deviationPercent.toFixed(1),
  ]),
];

import { chartSvg, colorAt } from '../reference/engines/index.js';
import { hasInterval } from '../src/stats/timing.js';
import { contestantKey, engineLabel, shortName } from './markdown.js';
import { isTimed, type Result, type TimedRow } from './result.js';

/** The paper's CPU figures, 164 ms and 167 ms (Hu 2018, §4; docs/spec/paper.md §3.2). */
const paperCost = 1.8;

const colors: Readonly<Record<string, string>> = {
  'senet relaxed fast': colorAt(0),
  'senet relaxed direct': colorAt(5),
  'senet strict fast': colorAt(2),
  'senet strict direct': colorAt(3),
  'tfjs-wasm': colorAt(4),
  'onnxruntime-web': colorAt(1),
  'onnxruntime-node (native)': colorAt(6),
  'LiteRT.js': '#5b3a8e',
};
const colorOf = (row: TimedRow): string => colors[engineLabel(row)] ?? '#222';
const legendOf = (rows: readonly TimedRow[]) =>
  [...new Set(rows.map(engineLabel))].map((label) => ({ label, color: colors[label] ?? '#222' }));

const rowLabel = (row: TimedRow): string => contestantKey(row).replace(' | ', ', ');
const one = (result: Result): readonly TimedRow[] => result.rows.filter(isTimed).filter(({ batch }) => batch === 1);
const where = ({ host, date }: Result): string => `${host.cpu}, one thread unless named, ${date}`;

const rowHeight = 20;
const left = 300;
const width = 980;

/** Each network's longest bar, where they differ so much that on one scale the short ones could not be told apart; elsewhere undefined. */
function ownScales(rows: readonly TimedRow[]): ReadonlyMap<string, number> | undefined {
  const longest = new Map<string, number>();
  for (const { model, medianMs } of rows) longest.set(model, Math.max(longest.get(model) ?? 0, medianMs));
  const values = [...longest.values()];
  return Math.max(...values) < 10 * Math.min(...values) ? undefined : longest;
}

/** Milliseconds of one image, one panel per network, one bar per contestant; the tick is the network without its gates. */
export function timesSvg(result: Result): Promise<string> {
  const rows = one(result);
  const models = [...new Set(rows.map(({ model }) => model))];
  const full = rows.filter((row) => row.se || !rows.some((other) => other.model === row.model && other.se));
  const twins = rows.filter((row) => !full.includes(row));
  const contestants = [...new Set(full.map(rowLabel))];
  const twinOf = (row: TimedRow) => twins.find((twin) => twin.model === row.model && rowLabel(twin) === rowLabel(row));
  const own = ownScales(rows);
  const scaled = ({ model }: TimedRow, ms: number): number => ms / (own?.get(model) ?? 1);
  const long = (row: TimedRow): number => scaled(row, row.medianMs);
  const common = { fy: ({ model }: TimedRow) => shortName(model), y: rowLabel, x: long } as const;
  return chartSvg((Plot) => ({
    title: 'One image, milliseconds',
    subtitle: `${where(result)}; medians. Black ticks: the same network without its gates. †: composed of other operations.${own ? ' Each network has its own scale.' : ''}`,
    legend: legendOf(full),
    plot: {
      width,
      height: models.length * (contestants.length * rowHeight + 26) + 50,
      marginLeft: left,
      marginRight: 60,
      marginTop: 30,
      x: own ? { axis: null } : { label: 'ms →', grid: true },
      y: { domain: contestants, label: null, padding: 0.2 },
      fy: { domain: models.map(shortName), label: null, padding: 0.12, axis: null },
      marks: [
        Plot.text(models, { fy: shortName, text: shortName, frameAnchor: 'top-left', dy: -13, fontWeight: 600 }),
        Plot.barX(full, { ...common, fill: colorOf }),
        Plot.tickX(twins, { ...common, stroke: '#000', strokeWidth: 1.5 }),
        Plot.text(full, {
          ...common,
          x: (row: TimedRow) => scaled(row, Math.max(row.medianMs, twinOf(row)?.medianMs ?? 0)), // clear of bar and tick
          text: ({ medianMs, composed }: TimedRow) => `${medianMs.toFixed(0)}${composed ? '†' : ''}`,
          textAnchor: 'start',
          dx: 8,
        }),
        Plot.ruleX([0]),
      ],
    },
  }));
}

/** What SE costs in each contestant, in per cent of the time without it, beside the paper's figure. */
export function seCostSvg(result: Result): Promise<string> {
  const rows = one(result).filter(({ seCostPercent, composed }) => seCostPercent !== undefined && !composed);
  const models = [...new Set(rows.map(({ model }) => model))];
  const contestants = [...new Set(rows.map(rowLabel))];
  const intervals = rows.some(({ seCostPercent }) => seCostPercent !== undefined && !hasInterval(seCostPercent.pairs))
    ? 'lines from the least to the most of too few pairs for an interval'
    : 'lines are 95 % intervals of the median';
  const common = { fy: ({ model }: TimedRow) => shortName(model), y: rowLabel, stroke: colorOf } as const;
  return chartSvg((Plot) => ({
    title: 'What SE costs, per cent of the time without it',
    subtitle: `${where(result)}; paired runs, ${intervals}`,
    legend: legendOf(rows),
    plot: {
      width,
      height: models.length * (contestants.length * rowHeight + 26) + 50,
      marginLeft: left,
      marginRight: 60,
      marginTop: 30,
      x: { label: 'per cent →', grid: true, nice: true },
      y: { domain: contestants, label: null },
      fy: { domain: models.map(shortName), label: null, padding: 0.12, axis: null },
      marks: [
        Plot.text(models, { fy: shortName, text: shortName, frameAnchor: 'top-left', dy: -13, fontWeight: 600 }),
        Plot.ruleX([0], { stroke: '#222' }),
        Plot.ruleX([paperCost], { stroke: '#d62728', strokeDasharray: '4,3' }),
        Plot.text(models.slice(0, 1), {
          fy: shortName,
          x: () => paperCost,
          text: () => `paper: +${paperCost} %`,
          frameAnchor: 'top',
          textAnchor: 'start',
          dx: 5,
          dy: 2,
          fill: '#d62728',
        }),
        Plot.ruleY(rows, {
          ...common,
          x1: (row: TimedRow) => row.seCostPercent?.low,
          x2: (row: TimedRow) => row.seCostPercent?.high,
          strokeWidth: 2,
        }),
        Plot.dot(rows, { ...common, x: (row: TimedRow) => row.seCostPercent?.median, fill: colorOf, r: 3.5 }),
      ],
    },
  }));
}

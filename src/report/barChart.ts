import { ticks } from './axis.js';
import { colours } from './colours.js';
import { escapeMarkup } from './format.js';

export interface BarChart {
  readonly title: string;
  /** From 0 to 1; one below 0 has no bar. */
  readonly bars: readonly { readonly label: string; readonly value: number }[];
  /** Writes a value at the axis, and beside its bar. */
  readonly format: (value: number) => string;
}

const plot = { width: 460, right: 60, top: 34, bottom: 28, bar: 18 } as const;
/** Pixels of a character, about. */
const character = 6.2;
/** A longer name is cut. */
const longest = 40;

/** Bars from 0 to 1, one below the other, as SVG. */
export function barChart({ title, bars, format }: BarChart): string {
  const names = bars.map(({ label }) => (label.length > longest ? `${label.slice(0, longest - 1)}…` : label));
  const left = Math.ceil(28 + character * names.reduce((most, { length }) => Math.max(most, length), 0));
  const tall = bars.length * plot.bar;
  const [width, height] = [left + plot.width + plot.right, plot.top + tall + plot.bottom];
  const x = (value: number): string => (plot.width * value).toFixed(1);
  const grid = ticks(0, 1).map(
    (value) =>
      `<path d="M${x(value)},0v${tall}" stroke="#ddd"/><text x="${x(value)}" y="${tall + 16}" text-anchor="middle" fill="#555">${escapeMarkup(format(value))}</text>`,
  );
  const drawn = bars.map(({ value }, i) => {
    const bar = value > 0 ? `<rect y="3" width="${x(value)}" height="${plot.bar - 6}" fill="${colours[0]}"/>` : '';
    const middle = `y="${plot.bar / 2}" dy="0.32em"`;
    return `<g transform="translate(0,${i * plot.bar})"><text x="-8" ${middle} text-anchor="end">${escapeMarkup(names[i] as string)}</text>${bar}<text x="${plot.width + 8}" ${middle}>${escapeMarkup(format(value))}</text></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="11" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="14" y="20" font-size="13" font-weight="600">${escapeMarkup(title)}</text>
<g transform="translate(${left},${plot.top})">
${grid.join('\n')}
${drawn.join('\n')}
</g>
</svg>
`;
}

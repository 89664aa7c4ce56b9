import { span, ticks } from './axis.js';
import { colours } from './colours.js';
import { escapeMarkup } from './format.js';

export interface IntervalRow {
  readonly label: string;
  /** A dot on a line from `low` to `high`. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What the value is made of: hollow dots. */
  readonly parts?: readonly number[];
}

export interface IntervalChart {
  readonly title: string;
  /** A line each. */
  readonly remarks: readonly string[];
  readonly rows: readonly IntervalRow[];
  /** Writes a value at the axis, and beside its row. */
  readonly format: (value: number) => string;
  /** What to compare with. */
  readonly mark?: { readonly value: number; readonly text: string };
}

const plot = { width: 460, right: 74, bottom: 30, row: 30 } as const;
/** Pixels of a character, about. */
const character = 6.2;

/** Values and their intervals, one below the other, as SVG. */
export function intervalChart({ title, remarks, rows, format, mark }: IntervalChart): string {
  const values = rows.flatMap(({ value, low, high, parts = [] }) => [value, low, high, ...parts]);
  const [least, most] = span(mark ? [...values, mark.value] : values);
  const margin = 0.04 * (most - least);
  const [low, high] = [least - margin, most + margin];
  const x = (value: number): string => ((plot.width * (value - low)) / (high - low)).toFixed(1);
  const top = 34 + 16 * remarks.length + (mark ? 14 : 0);
  const tall = rows.length * plot.row;
  const left = Math.ceil(28 + character * rows.reduce((most, { label }) => Math.max(most, label.length), 0));
  const [width, height] = [left + plot.width + plot.right, top + tall + plot.bottom];
  const grid = ticks(low, high).map(
    (value) =>
      `<path d="M${x(value)},0v${tall}" stroke="#ddd"/><text x="${x(value)}" y="${tall + 16}" text-anchor="middle" fill="#555">${escapeMarkup(format(value))}</text>`,
  );
  const drawn = rows.map(({ label, value, low: from, high: to, parts = [] }, i) => {
    const colour = colours[i % colours.length] as string;
    const dots = parts.map((part) => `<circle cx="${x(part)}" cy="6" r="2.5" fill="#fff" stroke="${colour}"/>`).join('');
    return `<g transform="translate(0,${i * plot.row + plot.row / 2})">
<text x="-12" dy="0.32em" text-anchor="end">${escapeMarkup(label)}</text>
<path d="M${x(from)},0H${x(to)}" stroke="${colour}" stroke-width="2"/>${dots}<circle cx="${x(value)}" r="4" fill="${colour}"/>
<text x="${plot.width + 8}" dy="0.32em" fill="${colour}">${escapeMarkup(format(value))}</text>
</g>`;
  });
  const line = mark
    ? `<path d="M${x(mark.value)},0v${tall}" stroke="#222" stroke-dasharray="4,3"/><text x="${x(mark.value)}" y="-5" text-anchor="middle">${escapeMarkup(mark.text)}</text>`
    : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="11" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="14" y="20" font-size="13" font-weight="600">${escapeMarkup(title)}</text>
${remarks.map((text, i) => `<text x="14" y="${38 + 16 * i}" fill="#555">${escapeMarkup(text)}</text>`).join('\n')}
<g transform="translate(${left},${top})">
${grid.join('\n')}
${line}
${drawn.join('\n')}
</g>
</svg>
`;
}

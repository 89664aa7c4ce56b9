import { span, ticks } from './axis.js';
import { colours } from './colours.js';
import { escapeMarkup } from './format.js';

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  readonly title: string;
  /** What goes across: something that is counted. */
  readonly across: string;
  readonly lines: readonly Line[];
  /** Writes a height at the axis. */
  readonly format: (y: number) => string;
}

const plot = { width: 620, height: 220, left: 56, top: 52, right: 16, bottom: 34 } as const;

/** Curves over one axis, as SVG. */
export function lineChart({ title, across, lines, format }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const [left, right] = span(points.map(([x]) => x));
  const [low, high] = span(points.map(([, y]) => y));
  const along = (x: number): string => ((plot.width * (x - left)) / (right - left)).toFixed(1);
  const up = (y: number): string => (plot.height * (1 - (y - low) / (high - low))).toFixed(1);
  const heights = ticks(low, high).map(
    (y) =>
      `<path d="M0,${up(y)}h${plot.width}" stroke="#ddd"/><text x="-6" y="${up(y)}" dy="0.32em" text-anchor="end" fill="#555">${escapeMarkup(format(y))}</text>`,
  );
  const places = ticks(left, right)
    .filter(Number.isInteger)
    .map((x) => `<text x="${along(x)}" y="${plot.height + 16}" text-anchor="middle" fill="#555">${x}</text>`);
  const legend = lines.map(({ name }, i) => `<tspan fill="${colourOf(i)}" dx="10">■</tspan><tspan dx="4">${escapeMarkup(name)}</tspan>`);
  const drawn = lines.map(({ points }, i) => {
    const [only, ...more] = points.map(([x, y]) => [along(x), up(y)] as const);
    // a line of one point is nowhere to be seen
    if (only !== undefined && more.length === 0) return `<circle cx="${only[0]}" cy="${only[1]}" r="3.5" fill="${colourOf(i)}"/>`;
    return `<polyline points="${points.map(([x, y]) => `${along(x)},${up(y)}`).join(' ')}" fill="none" stroke="${colourOf(i)}" stroke-width="1.5"/>`;
  });
  const [width, height] = [plot.left + plot.width + plot.right, plot.top + plot.height + plot.bottom];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="11" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="14" y="18" font-size="13" font-weight="600">${escapeMarkup(title)}</text>
<text x="4" y="35">${legend.join('')}</text>
<g transform="translate(${plot.left},${plot.top})">
${heights.join('\n')}
${places.join('\n')}
<text x="${plot.width}" y="${plot.height + 30}" text-anchor="end" fill="#555">${escapeMarkup(across)}</text>
${drawn.join('\n')}
</g>
</svg>
`;
}

const colourOf = (i: number): string => colours[i % colours.length] as string;

import { span, ticks } from './axis.js';
import { colours } from './colours.js';
import { escapeMarkup } from './output.js';

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  readonly title: string;
  /** What goes across. */
  readonly across: string;
  readonly lines: readonly Line[];
  /** Writes a height at the axis. */
  readonly format: (y: number) => string;
}

const plot = { width: 620, height: 220, left: 56, top: 46, right: 16, bottom: 34 } as const;

/** Curves over one axis, as SVG. */
export function lineChart({ title, across, lines, format }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const [left, right] = span(points.map(([x]) => x));
  const [low, high] = span(points.map(([, y]) => y));
  const at = ([x, y]: readonly [number, number]): string =>
    `${((plot.width * (x - left)) / (right - left)).toFixed(1)},${(plot.height * (1 - (y - low) / (high - low))).toFixed(1)}`;
  const heights = ticks(low, high).map((y) => {
    const place = (plot.height * (1 - (y - low) / (high - low))).toFixed(1);
    return `<path d="M0,${place}h${plot.width}" stroke="#ddd"/><text x="-6" y="${place}" dy="0.32em" text-anchor="end" fill="#555">${escapeMarkup(format(y))}</text>`;
  });
  const places = ticks(left, right).map(
    (x) =>
      `<text x="${((plot.width * (x - left)) / (right - left)).toFixed(1)}" y="${plot.height + 16}" text-anchor="middle" fill="#555">${Number(x.toPrecision(6))}</text>`,
  );
  const legend = lines.map(({ name }, i) => `<tspan fill="${colourOf(i)}" dx="10">■</tspan><tspan dx="4">${escapeMarkup(name)}</tspan>`);
  const drawn = lines.map(
    (line, i) => `<polyline points="${line.points.map(at).join(' ')}" fill="none" stroke="${colourOf(i)}" stroke-width="1.5"/>`,
  );
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

import { colours } from './colours.js';
import { escapeMarkup } from './format.js';
import type { ComparedNetwork } from './nodewise.js';

const plot = { width: 860, height: 190, left: 64, top: 64, between: 58, right: 20, bottom: 40 } as const;

interface Panel {
  readonly title: string;
  readonly of: (verdict: { readonly ratio: number; readonly fromFloat64: number }) => number;
  /** Where a line is drawn across. */
  readonly limit?: number;
}

const panels: readonly Panel[] = [
  {
    title: 'Error of each value, from the same engine’s values before it, in units of float32’s bound',
    of: ({ ratio }) => ratio,
    limit: 1,
  },
  { title: 'Error against float64 from the input on, of the largest value', of: ({ fromFloat64 }) => fromFloat64 },
];

/** Engines along a network's depth, as SVG: a dot a value. */
export function depthChart({ file, engines, tensors, firstBeyond }: ComparedNetwork): string {
  const told = tensors.filter((tensor) => Object.keys(tensor.engines).length > 0);
  const along = (i: number): string => (told.length < 2 ? plot.width / 2 : (plot.width * i) / (told.length - 1)).toFixed(1);
  const legend = engines.map(
    ({ engine, version }, i) =>
      `<tspan fill="${colourOf(i)}" dx="10">●</tspan><tspan dx="4">${escapeMarkup(`${engine} (${version})`)}</tspan>`,
  );
  const drawn = panels.map((panel, at) => {
    const top = plot.top + at * (plot.height + plot.between);
    return `<g transform="translate(${plot.left},${top})">\n${panelOf(panel)}\n</g>`;
  });
  const height = plot.top + panels.length * plot.height + (panels.length - 1) * plot.between + plot.bottom;
  const width = plot.left + plot.width + plot.right;
  const foot =
    firstBeyond === null
      ? 'all values within their bound'
      : `first beyond its bound: ${firstBeyond.name} (${firstBeyond.op}), by ${firstBeyond.engines.join(' and ')}; nearest to float64: ${firstBeyond.nearest}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="11" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="14" y="18" font-size="13" font-weight="600">${escapeMarkup(file)}</text>
<text x="4" y="36">${legend.join('')}</text>
${drawn.join('\n')}
<text x="14" y="${height - 8}" fill="#555">${escapeMarkup(foot)}</text>
</svg>
`;

  function panelOf({ title, of, limit }: Panel): string {
    const [low, high] = decades(
      told.flatMap((tensor) => Object.values(tensor.engines).map(of)),
      limit,
    );
    /** What is 0 lies on the ground, and what is infinite at the top. */
    const up = (y: number): string => {
      const place = (Math.log10(Math.min(Math.max(y, 10 ** low), 10 ** high)) - low) / (high - low);
      return (plot.height * (1 - place)).toFixed(1);
    };
    const step = Math.ceil((high - low) / 8);
    const grid = Array.from({ length: high - low + 1 }, (_, i) => low + i)
      .filter((power) => (power - low) % step === 0 || power === 0)
      .map((power) => {
        const y = up(10 ** power);
        const line = `<path d="M0,${y}h${plot.width}" stroke="#e2e2e2"/>`;
        return `${line}<text x="-6" y="${y}" dy="0.32em" text-anchor="end" fill="#555">${powerText(power)}</text>`;
      });
    const across = limit === undefined ? '' : `<path d="M0,${up(limit)}h${plot.width}" stroke="#222" stroke-dasharray="5 3"/>`;
    const dots = engines.flatMap(({ engine }, e) =>
      told.flatMap(({ name, engines: verdicts }, i) => {
        const verdict = verdicts[engine];
        if (verdict === undefined) return [];
        const y = of(verdict);
        const isBeyond = limit !== undefined && !(y <= limit);
        const shape = `cx="${along(i)}" cy="${up(y)}" r="${isBeyond ? 4 : 2.4}" fill="${colourOf(e)}" fill-opacity="${isBeyond ? 1 : 0.7}"`;
        return [
          `<circle ${shape}${isBeyond ? ' stroke="#222"' : ''}><title>${escapeMarkup(`${name}: ${engine} ${y.toPrecision(3)}`)}</title></circle>`,
        ];
      }),
    );
    return [
      `<text x="0" y="-10" font-weight="600">${escapeMarkup(title)}</text>`,
      ...grid,
      across,
      ...dots,
      `<text x="${plot.width}" y="${plot.height + 16}" text-anchor="end" fill="#555">${told.length} values, from the image to the outputs</text>`,
    ].join('\n');
  }
}

/** Powers of ten that hold all numbers above 0, and the limit. */
function decades(values: readonly number[], limit = Number.NaN): readonly [low: number, high: number] {
  const powers = [...values, limit].filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const low = Math.floor(powers.reduce((least, power) => Math.min(least, power), Infinity));
  const high = Math.ceil(powers.reduce((most, power) => Math.max(most, power), -Infinity));
  if (!Number.isFinite(low)) return [-1, 1];
  return high > low ? [low, high] : [low, low + 1];
}

const powerText = (power: number): string =>
  power === 0 ? '1' : power === 1 ? '10' : `10<tspan dy="-4" font-size="8">${String(power).replace('-', '−')}</tspan>`;

const colourOf = (i: number): string => colours[i % colours.length] as string;

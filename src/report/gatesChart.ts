import { colours } from './colours.js';
import { escapeMarkup } from './format.js';

/** The excitations of one image: by module path, a value a channel. */
export interface Excitations {
  readonly file: string;
  readonly gates: ReadonlyMap<string, Float32Array>;
}

/** So many images get a line each; of more, their mean and deviation are drawn. */
export const mostLines = colours.length;

/**
 * Collects excitations, and draws them in the end: one panel per block, excitation up, channels across in the order of their mean over the images,
 * since in the order of their numbers a thousand of them are a smear.
 */
export interface GatesChart {
  add(image: Excitations): void;
  /** The text of an SVG file. */
  svg(title: string): string;
}

/** Sums over the images, a value a channel. */
interface Sums {
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

export function gatesChart(): GatesChart {
  const first: Excitations[] = [];
  const sums = new Map<string, Sums>();
  let images = 0;
  return {
    add(image) {
      images++;
      if (first.length < mostLines) first.push(image);
      for (const [path, values] of image.gates) {
        const at = sums.get(path) ?? { sum: new Float64Array(values.length), squares: new Float64Array(values.length) };
        sums.set(path, at);
        values.forEach((value, c) => {
          at.sum[c] = (at.sum[c] as number) + value;
          at.squares[c] = (at.squares[c] as number) + value * value;
        });
      }
    },
    svg(title) {
      const panels = [...sums].map(([path, sum]) => (images <= mostLines ? linesOf(path, first, sum) : spreadOf(path, images, sum)));
      const legend =
        images <= mostLines
          ? first.map(({ file }, i) => ({ colour: colours[i] as string, text: lastNameOf(file) }))
          : [{ colour: colours[0], text: `mean of ${images} images, and one standard deviation to either side` }];
      return drawPanels(title, legend, panels);
    },
  };
}

/** Its last name, so short that seven fit into the width. */
function lastNameOf(path: string): string {
  const name = path.replace(/^.*[\\/]/, '');
  return name.length > 20 ? `${name.slice(0, 19)}…` : name;
}

/** The channels of a block, the least excited first. */
const orderOf = ({ sum }: Sums): readonly number[] => Array.from(sum, (_, c) => c).sort((a, b) => (sum[a] as number) - (sum[b] as number));

function linesOf(path: string, images: readonly Excitations[], sums: Sums): Panel {
  const order = orderOf(sums);
  const curves = images.map(({ gates }, i) => ({
    colour: colours[i] as string,
    values: order.map((c) => (gates.get(path) as Float32Array)[c] as number),
  }));
  return { path, curves };
}

function spreadOf(path: string, images: number, sums: Sums): Panel {
  const values: number[] = [];
  const deviations: number[] = [];
  for (const c of orderOf(sums)) {
    const mean = (sums.sum[c] as number) / images;
    values.push(mean);
    deviations.push(Math.sqrt(Math.max(0, (sums.squares[c] as number) / images - mean ** 2)));
  }
  return { path, curves: [{ colour: colours[0], values, deviations }] };
}

export interface Curve {
  readonly colour: string;
  readonly values: readonly number[];
  /** Half the height of a band about the curve. */
  readonly deviations?: readonly number[];
}

export interface Panel {
  readonly path: string;
  readonly curves: readonly Curve[];
}

const panel = { width: 200, height: 90, left: 34, top: 24, right: 12, bottom: 18 } as const;
const cell = { width: panel.left + panel.width + panel.right, height: panel.top + panel.height + panel.bottom } as const;
const head = 56;

export interface LegendEntry {
  readonly colour: string;
  readonly text: string;
}

/** Panels side by side, excitation up, channels across. */
export function drawPanels(title: string, legend: readonly LegendEntry[], panels: readonly Panel[], columns = 4): string {
  const width = columns * cell.width;
  const height = head + Math.ceil(panels.length / columns) * cell.height;
  const range = rangeOf(panels);
  const entries = legend.map(({ colour, text }) => `<tspan fill="${colour}" dx="10">■</tspan><tspan dx="4">${escapeMarkup(text)}</tspan>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="10" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="14" y="22" font-size="15" font-weight="600">${escapeMarkup(title)}</text>
<text x="4" y="42" font-size="11">${entries.join('')}</text>
${panels.map((one, i) => drawPanel(one, range, (i % columns) * cell.width, head + Math.floor(i / columns) * cell.height)).join('\n')}
</svg>
`;
}

/** From 0 to 1, as sigmoids go; wider for gates that go further. */
function rangeOf(panels: readonly Panel[]): readonly [low: number, high: number] {
  let low = 0;
  let high = 1;
  for (const { curves } of panels)
    for (const { values } of curves)
      for (const value of values) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
  return [low, high];
}

function drawPanel({ path, curves }: Panel, [low, high]: readonly [number, number], left: number, top: number): string {
  const channels = curves[0]?.values.length ?? 0;
  const x = (c: number): string => ((channels === 1 ? 0.5 : c / (channels - 1)) * panel.width).toFixed(1);
  const y = (value: number): string => ((1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * panel.height).toFixed(1);
  const points = (values: readonly number[]): string[] => values.map((value, c) => `${x(c)},${y(value)}`);
  const drawn = curves.map(({ colour, values, deviations }) => {
    const [below, above] = [-1, 1].map((side) => points(values.map((value, c) => value + side * (deviations?.[c] ?? 0)))) as [
      string[],
      string[],
    ];
    const band = deviations ? `<polygon points="${[...below, ...above.reverse()].join(' ')}" fill="${colour}" fill-opacity="0.25"/>` : '';
    return `${band}<polyline points="${points(values).join(' ')}" fill="none" stroke="${colour}" stroke-width="0.8" stroke-opacity="0.7"/>`;
  });
  const lines = [low, (low + high) / 2, high].map((value) => {
    const label = `<text x="-5" y="${y(value)}" dy="0.32em" text-anchor="end" fill="#555">${Number(value.toPrecision(2))}</text>`;
    return `<path d="M0,${y(value)}h${panel.width}" stroke="#ddd"/>${label}`;
  });
  return `<g transform="translate(${left + panel.left},${top + panel.top})">
<text x="0" y="-7" font-weight="600">${escapeMarkup(path)}</text>
${lines.join('')}
<text x="${panel.width}" y="${panel.height + 12}" text-anchor="end" fill="#555">${channels} channels</text>
${drawn.join('\n')}
</g>`;
}

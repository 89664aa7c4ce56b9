import type * as PlotModule from '@observablehq/plot';
import { UnsupportedError } from '../src/errors.js';

export type Plot = typeof PlotModule;

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
}

export interface ChartOptions {
  readonly title: string;
  readonly subtitle?: string;
  readonly legend?: readonly LegendEntry[];
  readonly plot: PlotModule.PlotOptions & { readonly width: number; readonly height: number };
}

/** Okabe & Ito's colours, which people who confuse red and green tell apart; black and yellow left out. */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f'] as const;

export const colorAt = (index: number): string => palette[index % palette.length] as string;

/** Height that title, subtitle and legend take, above the plot's own. */
const headHeight = 64;

/**
 * A chart as the text of an SVG file, drawn without a browser.
 *
 * Title and legend are ours: the library makes HTML of them. The background is white, since a README may be read on black.
 *
 * @throws UnsupportedError if the drawing packages are missing; it says what to install
 */
export async function chartSvg(draw: (plot: Plot) => ChartOptions): Promise<string> {
  const { Plot, document } = await loadPlot();
  const { title, subtitle = '', legend = [], plot } = draw(Plot);
  const figure = Plot.plot({ ...plot, document });
  figure.setAttribute('y', String(headHeight));
  const { width } = plot;
  const height = plot.height + headHeight;
  const entries = legend
    .map(({ label, color }) => `<tspan fill="${color}" dx="10">■</tspan><tspan dx="4">${escapeXml(label)}</tspan>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="11" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="14" y="22" font-size="15" font-weight="600">${escapeXml(title)}</text>
<text x="14" y="38">${escapeXml(subtitle)}</text>
<text x="4" y="56">${entries}</text>
${figure.outerHTML}
</svg>
`;
}

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

async function loadPlot(): Promise<{ readonly Plot: Plot; readonly document: Document }> {
  try {
    const Plot = await import('@observablehq/plot');
    const { parseHTML } = await import('linkedom');
    return { Plot, document: parseHTML('<!doctype html><html><body></body></html>').document };
  } catch (cause) {
    const why = cause instanceof Error ? ` (${cause.message.split('\n', 1)[0]})` : '';
    throw new UnsupportedError(`charts need: npm install @observablehq/plot linkedom${why}`, { cause });
  }
}

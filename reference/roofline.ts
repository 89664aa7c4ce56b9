import { chartSvg, colorAt } from './chart.js';

/** A product of a network: where it stands between memory and arithmetic. */
export interface RooflinePoint {
  /** What the points are coloured by. */
  readonly kind: string;
  readonly layer: string;
  readonly gflops: number;
  readonly macsPerByte: number;
  readonly ms: number;
}

export interface RooflineOptions {
  readonly title: string;
  readonly products: readonly RooflinePoint[];
  readonly peak: { readonly gflops: number; readonly gigabytesPerSecond: number };
}

/** Williams 2009: GFLOP/s of each product over its multiply-adds a byte, under what arithmetic and memory allow. */
export async function rooflineSvg({ title, products, peak }: RooflineOptions): Promise<string> {
  const roof = (macsPerByte: number): number => Math.min(peak.gflops, 2 * macsPerByte * peak.gigabytesPerSecond);
  const intensities = products.map(({ macsPerByte }) => macsPerByte);
  const ridge = peak.gflops / 2 / peak.gigabytesPerSecond;
  const left = Math.min(...intensities, ridge) / 1.6;
  const right = Math.max(...intensities, ridge) * 1.6;
  const bottom = Math.min(...products.map(({ gflops }) => gflops), roof(left)) / 1.3;
  const kinds = [...new Set(products.map(({ kind }) => kind))].sort();
  const color = (kind: string): string => colorAt(kinds.indexOf(kind));

  return chartSvg((Plot) => ({
    title,
    subtitle: 'Each product of the network; larger dots take longer. Named: where most time is lost under the roof.',
    legend: kinds.map((kind) => ({ label: kind, color: color(kind) })),
    plot: {
      width: 760,
      height: 440,
      marginLeft: 52,
      marginTop: 24,
      marginRight: 24,
      marginBottom: 40,
      x: { type: 'log', domain: [left, right], label: 'multiply-adds a byte →', grid: true, ticks: 6, tickFormat: plain },
      y: { type: 'log', domain: [bottom, peak.gflops * 1.4], label: '↑ GFLOP/s', grid: true, ticks: 6, tickFormat: plain },
      r: { range: [2.5, 12] },
      marks: [
        Plot.line([left, ridge, right], { x: (x: number) => x, y: roof, stroke: '#222', strokeWidth: 1.5 }),
        Plot.text([peak], {
          x: () => ridge,
          y: 'gflops',
          text: () => `the register tile's peak: ${peak.gflops.toFixed(0)} GFLOP/s`,
          textAnchor: 'start',
          dy: -8,
        }),
        Plot.text([peak], {
          x: () => left,
          y: () => roof(left),
          text: () => `memory: ${peak.gigabytesPerSecond.toFixed(0)} GB/s`,
          textAnchor: 'start',
          dy: 6,
          dx: 14,
        }),
        Plot.dot(products, {
          x: 'macsPerByte',
          y: 'gflops',
          r: 'ms',
          fill: ({ kind }: RooflinePoint) => color(kind),
          fillOpacity: 0.55,
          stroke: 'white',
          strokeWidth: 0.5,
        }),
        Plot.text(worthNaming(products, roof), {
          x: 'macsPerByte',
          y: 'gflops',
          text: 'layer',
          dy: 16,
          stroke: 'white',
          fill: '#222',
        }),
      ],
    },
  }));
}

const plain = (value: number): string => String(Number(value.toPrecision(3)));

/** Those under which most milliseconds lie, so far apart that their names do not overlap. */
function worthNaming(products: readonly RooflinePoint[], roof: (macsPerByte: number) => number): readonly RooflinePoint[] {
  const lost = ({ ms, gflops, macsPerByte }: RooflinePoint): number => ms * (1 - gflops / roof(macsPerByte));
  const time = products.reduce((sum, { ms }) => sum + ms, 0);
  const named: RooflinePoint[] = [];
  for (const candidate of [...products].sort((a, b) => lost(b) - lost(a))) {
    if (lost(candidate) < time / 1000) break;
    const crowded = named.some(
      ({ macsPerByte, gflops }) =>
        Math.abs(Math.log(macsPerByte / candidate.macsPerByte)) < 0.9 && Math.abs(Math.log(gflops / candidate.gflops)) < 0.25,
    );
    if (!crowded) named.push(candidate);
    if (named.length === 5) break;
  }
  return named;
}

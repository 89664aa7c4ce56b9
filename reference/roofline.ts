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

const size = { width: 760, height: 440, marginLeft: 52, marginTop: 24, marginRight: 24, marginBottom: 40 } as const;
const radii = [2.5, 12] as const;

/** Williams 2009: GFLOP/s of each product over its multiply-adds a byte, under what arithmetic and memory allow. */
export async function rooflineSvg({ title, products, peak }: RooflineOptions): Promise<string> {
  const roof = (macsPerByte: number): number => Math.min(peak.gflops, 2 * macsPerByte * peak.gigabytesPerSecond);
  const intensities = products.map(({ macsPerByte }) => macsPerByte);
  const ridge = peak.gflops / 2 / peak.gigabytesPerSecond;
  const left = Math.min(...intensities, ridge) / 1.6;
  const right = Math.max(...intensities, ridge) * 1.6;
  const bottom = Math.min(...products.map(({ gflops }) => gflops), roof(left)) / 1.5;
  const top = peak.gflops * 1.4;
  const kinds = [...new Set(products.map(({ kind }) => kind))].sort();
  const color = (kind: string): string => colorAt(kinds.indexOf(kind));
  const longest = Math.max(...products.map(({ ms }) => ms));
  // in pixels, where labels must find room
  const [across, down] = [size.width - size.marginLeft - size.marginRight, size.height - size.marginTop - size.marginBottom];
  const along = (macsPerByte: number): number => (across * Math.log(macsPerByte / left)) / Math.log(right / left);
  const above = (gflops: number): number => (down * Math.log(gflops / bottom)) / Math.log(top / bottom);
  const radius = ({ ms }: RooflinePoint): number => radii[0] + (radii[1] - radii[0]) * Math.sqrt(ms / longest);
  const middle = Math.sqrt(left * ridge);

  return chartSvg((Plot) => ({
    title,
    subtitle: 'Each product of the network; larger dots take longer. Named: where most time is lost under the roof.',
    legend: kinds.map((kind) => ({ label: kind, color: color(kind) })),
    plot: {
      ...size,
      x: { type: 'log', domain: [left, right], label: 'multiply-adds a byte →', grid: true, ticks: 6, tickFormat: plain },
      y: { type: 'log', domain: [bottom, top], label: '↑ GFLOP/s', grid: true, ticks: 6, tickFormat: plain },
      r: { type: 'sqrt', domain: [0, longest], range: [...radii] },
      marks: [
        Plot.line([left, ridge, right], { x: (x: number) => x, y: roof, stroke: '#222', strokeWidth: 1.5 }),
        Plot.text([peak], {
          x: right,
          y: 'gflops',
          text: () => `the register tile's peak: ${peak.gflops.toFixed(0)} GFLOP/s`,
          textAnchor: 'end',
          dy: -8,
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
        // along the slope, on its upper side, where no product is
        Plot.text([peak], {
          x: middle,
          y: roof(middle),
          text: () => `memory: ${peak.gigabytesPerSecond.toFixed(0)} GB/s`,
          rotate: (-180 / Math.PI) * Math.atan2(above(peak.gflops) - above(roof(left)), along(ridge)),
          lineAnchor: 'bottom',
          dx: -4,
          dy: -4,
        }),
        ...worthNaming(products, roof).map((point) => {
          const { macsPerByte, gflops, layer } = point;
          const half = (layer.length * characterWidth) / 2;
          const place = along(macsPerByte);
          const distance = radius(point) + 3;
          const over = above(gflops) < distance + lineHeight; // below lies the axis
          return Plot.text([point], {
            x: 'macsPerByte',
            y: 'gflops',
            text: 'layer',
            textAnchor: place < half ? 'start' : place > across - half ? 'end' : 'middle',
            lineAnchor: over ? 'bottom' : 'top',
            dy: over ? -distance : distance,
            stroke: 'white',
            fill: '#222',
          });
        }),
      ],
    },
  }));
}

/** Of labels, about. */
const characterWidth = 6.2;
const lineHeight = 14;

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

import { chartSvg, colorAt } from '../chart.js';
import { type Growth, median, type NetworkGrowth } from './growth.js';

/** Each network as it was last run. */
export interface NetworksResult {
  readonly networks: readonly (NetworkGrowth & { readonly date: string; readonly command: string })[];
}

const short = (model: string): string => model.slice(model.lastIndexOf('/') + 1);
const isOurs = ({ engine }: Growth): boolean => engine.startsWith('senet');
const label = ({ engine, runtime }: Growth): string => `${engine}, ${runtime}`;

/** Of an engine's logits on each seed, over those of the best back end of TensorFlow.js on the same seed; the median. */
export function ratioToBestTfjs(growth: Growth, { engines }: NetworkGrowth): number | undefined {
  const peers = engines.filter((other) => !isOurs(other) && other.seeds >= growth.seeds);
  if (peers.length === 0) return undefined;
  const best = peers.reduce((a, b) => (median(b.logits) < median(a.logits) ? b : a));
  return median(growth.logits.map((error, seed) => error / (best.logits[seed] as number)));
}

/** docs/networks.md. */
export function networksMarkdown({ networks }: NetworksResult): string {
  const runs = [...new Set(networks.map(({ command, date }) => `\`${command}\` (${date})`))];
  const lines = [
    '# Whole networks',
    '',
    'Whole networks, layer by layer, from the image on: every value that our kernels leave in memory, against the float64 reference',
    'on the same weights. `logits`: max |a − b| / max |b|, the median over the seeds. `÷ best tfjs`: the median over the seeds of the ratio to that back end of TensorFlow.js whose',
    "logits are best. `local`: each value recomputed in float64 from the engine's own values before it, in units of the derived bound of the direct sum. The columns have the largest,",
    "and the first beyond 1, where an engine goes wrong. Winograd's filtering (`fast`) has a wider bound of its own, so it may stand above 1 here.",
    '',
    `Run by ${runs.join(' and ')}.`,
    '',
    '| network | engine | seeds | logits | ÷ best tfjs | local, largest | first beyond its bound |',
    '| --- | --- | ---: | ---: | ---: | ---: | --- |',
  ];
  for (const network of networks)
    for (const growth of network.engines) {
      const ratio = ratioToBestTfjs(growth, network);
      const { largestRatio, at, firstBeyond } = growth.local;
      const cells = [
        `${short(network.model)}, ${network.size} px`,
        label(growth) + (growth.adapter === undefined ? '' : ` (${growth.adapter})`),
        String(growth.seeds),
        median(growth.logits).toExponential(2),
        ratio === undefined ? '' : ratio.toFixed(2),
        `${largestRatio.toFixed(2)} at ${at}`,
        firstBeyond ?? 'none',
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  return `${lines.join('\n')}\n\n![error along each network](networks.svg)\n`;
}

/** Between our other two in everything; the table has them. */
const leftOut: readonly string[] = ['senet strict fast', 'senet relaxed direct'];

/** `tfjs-webgpu, Chromium`: the runtime where it is not this one. */
const shortLabel = ({ engine, runtime, adapter }: Growth): string =>
  adapter === undefined ? engine : `${engine}, ${runtime.split(' ', 1)[0]}`;

/** Error over depth, one panel per network, one line per engine. */
export function growthSvg({ networks }: NetworksResult): Promise<string> {
  const shown = ({ engine }: Growth): boolean => !leftOut.includes(engine);
  const labels = [...new Set(networks.flatMap(({ engines }) => engines.filter(shown).map(shortLabel)))];
  const color = (engine: string): string => colorAt(labels.indexOf(engine));
  const rows = networks.flatMap(({ model, points, engines }) =>
    engines
      .filter(shown)
      .flatMap((growth) =>
        growth.errors.map((error, depth) => ({ model: short(model), engine: shortLabel(growth), depth, point: points[depth], error })),
      ),
  );
  const panel = 180;
  return chartSvg((Plot) => ({
    title: 'Error along the network, against float64',
    subtitle: `max |a − b| / max |b| of every value that stays in memory; medians over the seeds; ${networks[0]?.size} pixels`,
    legend: labels.map((text) => ({ label: text, color: color(text) })),
    plot: {
      width: 980,
      height: panel * networks.length + 50,
      marginLeft: 60,
      marginTop: 24,
      marginBottom: 36,
      x: { label: 'values by depth →' },
      y: { type: 'log', label: null, grid: true, tickFormat: '.0e' },
      fy: { label: null, domain: networks.map(({ model }) => short(model)), axis: null, padding: 0.14 },
      marks: [
        Plot.text(
          networks.map(({ model }) => short(model)),
          { fy: (name: string) => name, text: (name: string) => name, frameAnchor: 'top-left', dy: -13, fontWeight: 600 },
        ),
        Plot.frame({ stroke: '#ccc' }),
        Plot.line(
          rows.filter(({ error }) => error > 0),
          {
            fy: 'model',
            x: 'depth',
            y: 'error',
            z: 'engine',
            stroke: ({ engine }: { readonly engine: string }) => color(engine),
            strokeWidth: 1.4,
          },
        ),
      ],
    },
  }));
}

import { markdownTable } from '../markdown.js';
import type { Capacity } from './capacityChild.js';

/** What a worker does with one network, in each arithmetic. */
export interface CapacityRow {
  readonly network: string;
  /** As `senet evaluate` has it by default. */
  readonly fastest: Capacity;
  /** So that the bits are the same everywhere. */
  readonly same: Capacity;
  /** The network in 8-bit integers. */
  readonly integers: Capacity;
}

/** What `node tooling/queueLoad.js 3200 1 2` found of a shard of 32 images; of two workers' and one's the larger. */
const imagesPerShard = 32;
const kibPerShard = { traffic: 13.1 + 26.9, memory: 12.5 };

const sets = { 'ImageNet, 50,000': 50_000, 'a billion': 1e9 } as const;

/** The tables of docs/scaling.md. The cost of many pictures is the fastest floats'. */
export function capacityTables(rows: readonly CapacityRow[]): string {
  const redis = Object.values(sets).map((images) => {
    const shards = Math.ceil(images / imagesPerShard);
    return [shards.toLocaleString('en'), size(shards * kibPerShard.memory), size(shards * kibPerShard.traffic)];
  });
  return [
    markdownTable([
      [
        'network',
        'images/s a core',
        'with the same bits everywhere',
        'memory of a worker, MiB',
        'images/s a core in 8 bits',
        'memory of a worker in 8 bits, MiB',
      ],
      ...rows.map(({ network, fastest, same, integers }) => [
        ...[network, perSecond(fastest), perSecond(same), mebibytes(Math.max(fastest.peak, same.peak))],
        ...[perSecond(integers), mebibytes(integers.peak)],
      ]),
    ]),
    markdownTable([
      ['core time', ...Object.keys(sets)],
      ...rows.map(({ network, fastest }) => [
        network,
        ...Object.values(sets).map((images) => coreTime((images * fastest.medianMs) / 1000)),
      ]),
    ]),
    markdownTable([
      ['Redis', ...Object.keys(sets)],
      ...['shards', 'memory', 'traffic'].map((what, i) => [what, ...redis.map((column) => column[i] as string)]),
    ]),
  ].join('\n\n');
}

const perSecond = ({ medianMs }: Capacity): string => (1000 / medianMs).toPrecision(2);
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

function coreTime(seconds: number): string {
  const hours = seconds / 3600;
  const [value, unit] = hours < 48 ? [hours, 'hours'] : hours < 24 * 730 ? [hours / 24, 'days'] : [hours / (24 * 365), 'years'];
  return `${value.toLocaleString('en', { maximumSignificantDigits: 2 })} ${unit}`;
}

const size = (kib: number): string => (kib < 2 ** 20 ? `${(kib / 2 ** 10).toFixed(0)} MiB` : `${(kib / 2 ** 20).toFixed(0)} GiB`);

import { percent } from '../../src/report/format.js';
import type { Machine } from '../../src/report/machine.js';
import { quantile, sorted } from '../../src/stats/timing.js';
import type { Table } from '../markdown.js';

/** Who answers: processes of the library without a server, or a server. */
export type ServeContestant = 'library' | 'senet-serve' | 'ort' | 'ort-native';

/** One contestant with one network, a number a round. */
export interface ServeRow {
  readonly network: string;
  readonly contestant: ServeContestant;
  /** Images a second at saturation. */
  readonly perSecond: readonly number[];
  /** Of our server, in milliseconds: the median of requests that come one at a time, */
  readonly lone?: readonly number[];
  /** the 99th percentile at half of what it answers at saturation, requests coming evenly, */
  readonly evenP99?: readonly number[];
  /** and by chance. */
  readonly randomP99?: readonly number[];
  /** Mean images of a run at saturation. */
  readonly batch?: readonly number[];
  /** Of servers: the largest difference of a logit from the library's, relative to the largest logit. */
  readonly agreement?: number;
}

/** What could not be measured, and why. */
export interface FailedServeRow {
  readonly network: string;
  readonly contestant: ServeContestant;
  readonly error: string;
}

/** What `npm run bench:serve` measured. */
export interface ServeResult {
  readonly date: string;
  readonly command: string;
  readonly host: Machine;
  readonly rounds: number;
  readonly seconds: number;
  readonly workers: number;
  /** `--batch-delay`, in milliseconds. */
  readonly cap: number;
  readonly rows: readonly (ServeRow | FailedServeRow)[];
}

const names: Readonly<Record<ServeContestant, string>> = {
  library: 'the library alone',
  'senet-serve': 'senet-serve',
  ort: 'onnxruntime-web behind Fastify',
  'ort-native': 'onnxruntime-node behind Fastify',
};

export const median = (values: readonly number[]): number => quantile(sorted(values), 0.5);

/** The median of the ratios of rounds. */
const over = (a: ServeRow | undefined, b: ServeRow | undefined): string =>
  a === undefined || b === undefined ? '' : median(a.perSecond.map((rate, i) => rate / (b.perSecond[i] as number))).toFixed(2);

export function serveTables({ rows, cap }: ServeResult): readonly Table[] {
  const of = (network: string, contestant: ServeContestant): ServeRow | undefined =>
    rows.find((row): row is ServeRow => 'perSecond' in row && row.network === network && row.contestant === contestant);
  const speeds = rows.map((row) => {
    const { network, contestant } = row;
    if ('error' in row) return [network, names[contestant], row.error, '', '', ''];
    const difference = row.agreement === undefined ? '' : row.agreement.toExponential(1);
    return [
      network,
      names[contestant],
      median(row.perSecond).toFixed(1),
      over(row, of(network, 'library')),
      contestant.startsWith('ort') ? over(of(network, 'senet-serve'), row) : '',
      difference,
    ];
  });
  const latencies = rows.flatMap((row) => {
    if ('error' in row || !row.lone || !row.evenP99 || !row.randomP99 || !row.batch) return [];
    const limit = 1.5 * median(row.lone) + cap;
    const ms = [median(row.lone), median(row.evenP99), limit, median(row.randomP99)].map((value) => value.toFixed(0));
    return [[row.network, ...ms, median(row.batch).toFixed(1)]];
  });
  return [
    [['network', 'who', 'images/s', 'of the library', 'senet-serve over it', 'logits differ by'], ...speeds],
    [
      ['network', 'lone request, ms', 'p99 at half load', `1.5 × lone + ${cap}`, 'p99, arrivals by chance', 'images a run at saturation'],
      ...latencies,
    ],
  ];
}

export function serveText({ rows }: ServeResult): string {
  const ours = rows.filter((row): row is ServeRow => 'perSecond' in row && row.contestant === 'senet-serve');
  return ours
    .map(({ network, perSecond }) => {
      const library = rows.find((row): row is ServeRow => 'perSecond' in row && row.network === network && row.contestant === 'library');
      const share = median(perSecond.map((rate, i) => rate / (library?.perSecond[i] as number)));
      return `${network}: POST /v1/classify answers ${percent(share)} of what the library alone classifies`;
    })
    .join('\n');
}

import { percent } from '../../src/report/format.js';
import { type Machine, machineLine } from '../../src/report/machine.js';
import { quantile, sorted } from '../../src/stats/timing.js';
import { markdownTable, type Table } from '../markdown.js';

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
const ratio = (a: ServeRow | undefined, b: ServeRow | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : median(a.perSecond.map((rate, i) => rate / (b.perSecond[i] as number)));

const over = (a: ServeRow | undefined, b: ServeRow | undefined): string => ratio(a, b)?.toFixed(2) ?? '';

/** What was aimed at: a share of what the library alone classifies; how often a lone request's median, beside the cap, a 99th percentile may be. */
const aims = { share: 0.9, lone: 1.5 } as const;

const limitOf = (lone: readonly number[], cap: number): number => aims.lone * median(lone) + cap;

const verdict = (met: boolean): string => (met ? 'met' : 'missed');

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
    const ms = [median(row.lone), median(row.evenP99), limitOf(row.lone, cap), median(row.randomP99)].map((value) => value.toFixed(0));
    return [[row.network, ...ms, median(row.batch).toFixed(1)]];
  });
  return [
    [['network', 'who', 'images/s', 'of the library', 'senet-serve over it', 'logits differ by'], ...speeds],
    [
      [
        'network',
        'lone request, ms',
        'p99 at half load',
        `${aims.lone} × lone + ${cap}`,
        'p99, arrivals by chance',
        'images a run at saturation',
      ],
      ...latencies,
    ],
  ];
}

/** What was found beside what was aimed at, a line a network. */
export function serveText({ rows, cap }: ServeResult): string {
  const measured = rows.filter((row): row is ServeRow => 'perSecond' in row);
  return measured
    .filter(({ contestant }) => contestant === 'senet-serve')
    .map((ours) => {
      const besides = (contestant: ServeContestant): number | undefined =>
        ratio(
          ours,
          measured.find((row) => row.network === ours.network && row.contestant === contestant),
        );
      const [share = Number.NaN, web, native] = (['library', 'ort', 'ort-native'] as const).map(besides);
      const found = [
        `${ours.network}: POST /v1/classify answers ${percent(share, 1)} of what the library alone classifies; at least ${percent(aims.share, 0)} was aimed at (${verdict(share >= aims.share)}).`,
        ...latencyText(ours, cap),
        ...(web === undefined
          ? []
          : [`It answers ${web.toFixed(2)} times as many as onnxruntime-web; more than 1 was aimed at (${verdict(web > 1)}).`]),
        ...(native === undefined ? [] : [`It answers ${native.toFixed(2)} times as many as onnxruntime-node, which is native.`]),
      ];
      return found.join(' ');
    })
    .join('\n');
}

function latencyText({ lone, evenP99, randomP99 }: ServeRow, cap: number): readonly string[] {
  if (lone === undefined || evenP99 === undefined || randomP99 === undefined) return [];
  const limit = limitOf(lone, cap);
  const [even, random] = [evenP99, randomP99].map((p99) => `${median(p99).toFixed(0)} ms`);
  const [evenMet, randomMet] = [evenP99, randomP99].map((p99) => verdict(median(p99) <= limit));
  return [
    `At half load a p99 of at most ${limit.toFixed(0)} ms was aimed at: ${aims.lone} times a lone request and ${cap} ms.`,
    `It is ${even} with even arrivals (${evenMet}), and ${random} with arrivals by chance (${randomMet}).`,
  ];
}

/** What docs/serving.md has of it. */
export function serveMarkdown(result: ServeResult): string {
  const { date, command, host, workers, rounds, seconds } = result;
  return [
    `${date}, ${machineLine(host)}; \`${command}\`, ${workers} processes, medians of ${rounds} rounds of ${seconds} s:`,
    ...serveTables(result).map(markdownTable),
    serveText(result)
      .split('\n')
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n');
}

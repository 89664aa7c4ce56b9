import { costText, ratioText } from '../../src/report/bench.js';
import { percent } from '../../src/report/format.js';
import type { Machine } from '../../src/report/machine.js';
import type { Paired, SeCost } from '../../src/stats/paired.js';
import { engineLabel, shortName, type Table } from '../markdown.js';
import type { Contestant } from '../result.js';

/** Milliseconds of a run's parts, in their order. */
export interface Parts {
  /** The layers up to the proposal head. */
  readonly trunk: number;
  /** Decoding, selection and suppression of proposals, and their levels. */
  readonly proposals: number;
  /** Of ours; other engines have it among the heads. */
  readonly roiAlign?: number;
  /** The layers behind. */
  readonly heads: number;
  /** Decoding, selection and suppression of detections. */
  readonly detections: number;
  /** Within proposals and detections: non-maximum suppression. Results before 2026-11-30 do not tell it. */
  readonly suppression?: number;
}

/** A detector in an engine in a runtime. */
export interface DetectRow extends Contestant {
  readonly model: string;
  readonly se: boolean;
  readonly version: string;
  /** Of the padded image. */
  readonly size: readonly [height: number, width: number];
  readonly regions: number;
  readonly found: number;
  readonly medianMs: number;
  readonly minMs: number;
  /** Medians. */
  readonly parts: Parts;
  /** In another engine's rows: the largest error of an output against ours, relative to the output's largest value, */
  readonly agreement?: number;
  /** and its time over ours, run by run. */
  readonly timesOurs?: Paired;
  /** In our rows with gates, where there are any. */
  readonly seCostPercent?: SeCost;
}

/** What `npm run bench:detect` measured. */
export interface DetectResult {
  readonly date: string;
  readonly command: string;
  readonly host: Machine;
  readonly rounds: number;
  readonly rows: readonly DetectRow[];
}

/** What a detector does beside its layers. */
const besides = ({ proposals, roiAlign, detections }: Parts): number | undefined =>
  roiAlign === undefined ? undefined : proposals + roiAlign + detections;

/** The share of a run's time that its proposals, RoIAlign and detections take, suppression among them; only ours tells. */
export function besidesShare({ parts }: Pick<DetectRow, 'parts'>): number | undefined {
  return shareOf(parts, besides(parts));
}

/** The share that RoIAlign and non-maximum suppression take alone, for which there is a target; only ours tells. */
export function roiAndNmsShare({ parts }: Pick<DetectRow, 'parts'>): number | undefined {
  const { roiAlign, suppression } = parts;
  return shareOf(parts, roiAlign === undefined || suppression === undefined ? undefined : roiAlign + suppression);
}

const shareOf = ({ trunk, proposals, roiAlign = 0, heads, detections }: Parts, ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / (trunk + proposals + roiAlign + heads + detections);

const ms = (value: number): string => value.toFixed(1);
const shareText = (share: number | undefined): string => (share === undefined ? '' : percent(share, 1));

export function detectTable({ rows }: Pick<DetectResult, 'rows'>): Table {
  const head = [
    'detector',
    'engine',
    'runtime',
    'ms',
    'trunk',
    'proposals',
    'RoIAlign',
    'heads',
    'detections',
    'beside the layers',
    'RoIAlign and NMS',
  ];
  const body = rows.map((row) => {
    const { trunk, proposals, roiAlign, heads, detections } = row.parts;
    return [
      `${shortName(row.model)}${row.se || row.seCostPercent ? '' : withoutGates(row, rows)}`,
      engineLabel(row),
      row.runtime,
      `${ms(row.medianMs)} (${ms(row.minMs)})`,
      ms(trunk),
      ms(proposals),
      roiAlign === undefined ? 'in heads' : ms(roiAlign),
      ms(heads),
      ms(detections),
      shareText(besidesShare(row)),
      shareText(roiAndNmsShare(row)),
      row.timesOurs ? ratioText(row.timesOurs) : '',
      row.seCostPercent ? costText(row.seCostPercent) : '',
    ];
  });
  return [[...head, 'times ours', 'cost of SE'], ...body];
}

/** Where a twin with gates stands beside it. */
const withoutGates = ({ model }: DetectRow, rows: readonly DetectRow[]): string =>
  rows.some((row) => row.model === model && row.se) ? ' without SE' : '';

/** How it was measured, in a paragraph. */
export const detectText = ({ date, host, command, rounds, rows }: DetectResult): string => {
  const sizes = [
    ...new Set(rows.map(({ model, size: [height, width], regions }) => `${shortName(model)} ${width}×${height} and ${regions}`)),
  ];
  const worst = Math.max(0, ...rows.map(({ agreement = 0 }) => agreement));
  return [
    `${host.cpu}, ${host.cores} cores, one thread, float32, synthetic weights, one photograph with its shorter side at 320 pixels; ${date}, \`${command}\`.`,
    `Padded images and regions: ${sizes.join('; ')}. Medians of ${rounds} runs in turns, the least in brackets; 95 % intervals of paired ratios.`,
    'onnxruntime-web runs the same graph in two parts; between and behind them are our proposals and detections.',
    `Before that outputs agreed to ${worst.toExponential(1)} of the largest, and boxes, classes and scores as sets.`,
  ].join(' ');
};

import type { EngineTiming } from '../src/measure/bench.js';
import type { EngineAlgorithms } from '../src/measure/engines.js';
import type { Machine } from '../src/report/machine.js';

/** A network in an engine in a runtime. */
export interface Contestant {
  /** `senet`, `tfjs`, `ort` (WebAssembly) or `ort-native`. */
  readonly engine: string;
  /** Which kernels of ours, or what the other engine uses. */
  readonly variant: string;
  /** In our cold starts: from packed weights, as `Session.save` gives them. */
  readonly packed?: true;
  /** In our relaxed rows, where the engine rounds products before it adds them. */
  readonly notFused?: true;
  /** In our rows: how 3×3 convolutions are computed. */
  readonly algorithms?: EngineAlgorithms;
  /** One where it is not said. */
  readonly threads?: number;
  /** Such as `Node 26.10.0, paired vectors`. */
  readonly runtime: string;
}

export interface TimedRow extends Contestant, Omit<EngineTiming, keyof Contestant> {}

/** What could not be timed, and why: a contestant is never missing without a word. */
export interface FailedRow extends Contestant {
  readonly model: string;
  readonly batch: number;
  readonly error: string;
}

export type BenchRow = TimedRow | FailedRow;

export const isTimed = (row: BenchRow): row is TimedRow => 'medianMs' in row;

/** One engine from a process's start to its first logits; weights are read from a file. */
export interface StartRow extends Contestant {
  readonly model: string;
  readonly coldStartMs?: number;
  /** The process's largest resident set. */
  readonly peakMiB?: number;
  /** Unpacked bytes of the npm packages that the engine needs. */
  readonly packageBytes?: number;
  readonly error?: string;
}

/** What a run of the bench leaves: one file a machine and date. */
export interface Result {
  readonly date: string;
  readonly command: string;
  readonly host: Machine;
  /** Timed runs by batch. */
  readonly rounds: Readonly<Record<string, number>>;
  readonly rows: readonly BenchRow[];
  readonly starts: readonly StartRow[];
}

/** A line a row; fractions to four digits, which is more than timings hold. */
export const resultText = ({ rows, starts, ...head }: Result): string => linesText(head, { rows, starts });

/** The same of a result whose only list is its rows. */
export const rowsText = ({ rows, ...head }: { readonly rows: readonly object[] }): string => linesText(head, { rows });

function linesText(head: object, lists: Readonly<Record<string, readonly object[]>>): string {
  const round = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value, round)}`);
  const rows = Object.entries(lists).map(
    ([name, list]) => `  ${JSON.stringify(name)}: [${list.map((row) => `\n    ${JSON.stringify(row, round)}`).join(',')}\n  ]`,
  );
  return `{\n${[...fields, ...rows].join(',\n')}\n}\n`;
}

/** `2026-11-24-amd-epyc-9b45.json` */
export const resultName = ({ date, host }: Pick<Result, 'date' | 'host'>): string =>
  `${date}-${host.cpu
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')}.json`;

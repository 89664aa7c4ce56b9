import type { ReaderTable } from './reader.js';
import { columnOf, noCases, type Row, type State, withFaults } from './state.js';
import { type Done, supervise } from './supervise.js';

export interface FuzzOptions {
  /** The readers to fuzz, and the module that exports them as `readers`. */
  readonly readers: ReaderTable;
  readonly module: URL;
  readonly cases: number;
  readonly seed: number;
  readonly patienceMs: number;
  /** Whether to stop after the cases at hand. */
  stopped(): boolean;
  /** Hears what has been done, every few seconds. */
  done(state: State): void;
}

/** What has been done of how many cases of each reader. */
export function casesOf(readers: ReaderTable, cases: number): Readonly<Record<string, number>> {
  const shares = Object.values(readers).reduce((sum, { share }) => sum + share, 0);
  let [before, given] = [0, 0];
  return Object.fromEntries(
    Object.entries(readers).map(([name, { share }]) => {
      before += share;
      const own = Math.round((cases * before) / shares) - given;
      given += own;
      return [name, own];
    }),
  );
}

/** So long a job may take, and so many cases it has at most: it is saved after each. */
const jobMs = 2000;
const mostCases = 2000;

/** Runs the cases that a state lacks, the reader next whose share is the least done. */
export async function fuzz({ readers, module, cases, seed, patienceMs, stopped, done }: FuzzOptions, from: State): Promise<State> {
  const wanted = casesOf(readers, cases);
  const sizes = new Map<string, number>();
  const shareDone = (name: string): number => (state.rows[name]?.cases ?? 0) / (wanted[name] as number);
  let state = from;
  await using supervisor = supervise({ readers: module, patienceMs });
  while (!stopped()) {
    const left = Object.keys(wanted).filter((name) => shareDone(name) < 1);
    if (left.length === 0) break;
    const reader = left.reduce((least, name) => (shareDone(name) < shareDone(least) ? name : least));
    const row = state.rows[reader] ?? noCases;
    const size = Math.min(sizes.get(reader) ?? 20, (wanted[reader] as number) - row.cases);
    const began = performance.now();
    const found = await supervisor.run({ reader, seed, from: row.cases, to: row.cases + size });
    const ms = performance.now() - began;
    sizes.set(reader, Math.max(1, Math.min(mostCases, 2 * size, Math.round((size * jobMs) / ms))));
    state = {
      ...state,
      seconds: state.seconds + ms / 1000,
      rows: { ...state.rows, [reader]: added(row, size, found) },
      faults: withFaults(state.faults, found.faults),
    };
    done(state);
  }
  return state;
}

function added(row: Row, cases: number, { read, refused, faults }: Done): Row {
  const sums: Record<keyof Row, number> = { ...row, cases: row.cases + cases, read: row.read + read, refused: row.refused + refused };
  for (const { kind } of faults) sums[columnOf[kind]]++;
  return sums;
}

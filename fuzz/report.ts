import { thousands } from '../src/report/format.js';
import type { Machine } from '../src/report/machine.js';
import { type FaultGroup, noCases, type Row, type State } from './state.js';

/** What a run came to: sums over all readers, then each. */
export interface Result extends Row {
  readonly seed: number;
  readonly seconds: number;
  readonly senet: string;
  readonly date: string;
  readonly host: Machine;
  readonly readers: Readonly<Record<string, Row>>;
  readonly faults: readonly FaultGroup[];
}

export function totalOf(rows: readonly Row[]): Row {
  const keys = Object.keys(noCases) as (keyof Row)[];
  return Object.fromEntries(keys.map((key) => [key, rows.reduce((sum, row) => sum + row[key], 0)])) as unknown as Row;
}

export const faultsIn = ({ crashes, hangs, overAllocations }: Row): number => crashes + hangs + overAllocations;

/** As Markdown. */
export function tableOf({ rows }: State): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const numbers = ({ cases, read, refused, crashes, hangs, overAllocations }: Row): string[] =>
    [cases, read, refused, crashes, hangs, overAllocations].map(thousands);
  return [
    line(['reader', 'cases', 'read', 'refused', 'crashes', 'hangs', 'over-allocations']),
    line(['---', '--:', '--:', '--:', '--:', '--:', '--:']),
    ...Object.entries(rows).map(([name, row]) => line([name, ...numbers(row)])),
    line(['all', ...numbers(totalOf(Object.values(rows)))]),
  ].join('\n');
}

/** A kind of fault, and the command that shows it again. What files say of themselves does not reach the terminal as it is. */
export function faultText({ reader, index, kind, what, times }: FaultGroup, seed: number): string {
  const seen = what
    .split('\n')
    .slice(0, 6)
    .join('\n')
    .replaceAll(/[^\P{C}\n]/gu, '\ufffd');
  return `${kind} of ${reader}, ${times} times; first: npm run fuzz -- --reader ${reader} --seed ${seed} --case ${index}\n${seen}`;
}

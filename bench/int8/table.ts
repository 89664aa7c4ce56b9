import type { Machine } from '../../src/report/machine.js';
import type { Table } from '../markdown.js';
import type { Int8Row } from './int8Child.js';

/** What `npm run bench:int8` measured. */
export interface Int8Result {
  readonly date: string;
  readonly command: string;
  readonly host: Machine;
  /** The processor's, for products of bytes. */
  readonly byteInstructions: string;
  readonly rounds: number;
  readonly rows: readonly (Int8Row & { readonly runtime: string })[];
}

const shown = (value: number | undefined, digits: number): string => (value === undefined ? '' : value.toFixed(digits));

export const int8Table = ({ rows }: Int8Result): Table => [
  ['runtime', 'network', 'engine', 'median, ms', 'least, ms', 'times int8', 'weights, MB', 'values, MB', 'dB', ''],
  ...rows.map((row) => [
    ...[row.runtime, row.model, `${row.engine} ${row.variant}`, shown(row.medianMs, 1), shown(row.minMs, 1), shown(row.timesInt8, 2)],
    ...[shown(row.weightBytes && row.weightBytes / 1e6, 1), shown(row.arenaBytes && row.arenaBytes / 1e6, 1), shown(row.decibels, 1)],
    row.error ?? [row.tile, row.products, row.composed && 'composed'].filter(Boolean).join(' '),
  ]),
];

import type { Machine } from '../../src/report/machine.js';
import type { Table } from '../markdown.js';
import type { ImportedRow } from './importedChild.js';

/** What `npm run bench:imported` measured. */
export interface ImportedResult {
  readonly date: string;
  readonly command: string;
  readonly host: Machine;
  readonly rounds: number;
  readonly rows: readonly (ImportedRow & { readonly runtime: string })[];
}

const shown = (value: number | undefined, digits: number): string => (value === undefined ? '' : value.toFixed(digits));

export const importedTable = ({ rows }: ImportedResult): Table => [
  ['runtime', 'network', 'engine', 'median, ms', 'least, ms', 'times senet fast', 'error', ''],
  ...rows.map(({ runtime, network, engine, version, medianMs, minMs, timesOurs, error, refused }) => [
    ...[runtime, network, [engine, version].filter(Boolean).join(' '), shown(medianMs, 1), shown(minMs, 1)],
    timesOurs === undefined ? '' : `${shown(timesOurs.median, 2)} (${shown(timesOurs.low, 2)} to ${shown(timesOurs.high, 2)})`,
    ...[error === undefined ? '' : error.toExponential(1), refused ?? ''],
  ]),
];

import { ratioText } from '../src/report/bench.js';
import type { Machine } from '../src/report/machine.js';
import type { Paired } from '../src/stats/paired.js';

/** What `npm run bench:first-label` measured. */
export interface FirstLabelResult {
  readonly date: string;
  readonly command: string;
  /** The network, as published. */
  readonly network: string;
  /** With its version. */
  readonly browser: string;
  readonly host: Machine;
  /** Visits of each page. */
  readonly rounds: number;
  /** Our time over TensorFlow.js's, visit by visit. */
  readonly ratio: Paired;
  /** The same of what each takes beyond a page without an engine. @defaultValue it was not measured */
  readonly beyondFloor?: Paired;
  /** Milliseconds from navigation to the label, and the bytes that a visit fetches, compressed. */
  readonly rows: readonly { readonly engine: string; readonly medianMs: number; readonly minMs: number; readonly bytes: number }[];
}

export const firstLabelTable = ({ rows }: FirstLabelResult): readonly (readonly string[])[] => [
  ['page', 'median ms', 'least ms', 'kB fetched'],
  ...rows.map(({ engine, medianMs, minMs, bytes }) => [engine, medianMs.toFixed(0), minMs.toFixed(0), (bytes / 1000).toFixed(0)]),
];

export const firstLabelText = ({ network, browser, rounds, ratio, beyondFloor }: FirstLabelResult): string =>
  `${network} in ${browser}, ${rounds} visits each in turns; our time over theirs: ${ratioText(ratio)}` +
  (beyondFloor ? `; of what is beyond a page that fetches the same and has no engine: ${ratioText(beyondFloor)}` : '');

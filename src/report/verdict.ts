import { thousands } from './format.js';
import { table } from './table.js';

export type VerifyEngine = 'wasm' | 'reference';

export interface Verdict {
  readonly file: string;
  readonly model: string;
  readonly engine: VerifyEngine;
  /** Of the kernels: how they computed 3×3 convolutions. */
  readonly algorithms?: 'direct' | 'fast';
  readonly parameters: number | null;
  /** max |a − b| / max |b| over the logits; null if there is none. */
  readonly relativeError: number | null;
  /** max |a − b| of each gate that the vector lists; null where a value is missing or NaN. */
  readonly gates: Readonly<Record<string, number | null>>;
  readonly pass: boolean;
  /** Why the vector could not run. */
  readonly error?: string;
}

/** What a person reads. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const shown = (error: number | null): string => (error === null ? '-' : error.toExponential(1));
  const rows = verdicts.map(({ model, file, engine, algorithms, parameters, relativeError, gates, pass, error }) => {
    const worst = Object.values(gates).reduce<number | null>(
      (most, value) => (most === null || value === null ? null : Math.max(most, value)),
      0,
    );
    const gateCount = Object.keys(gates).length;
    const why = error === undefined ? '' : ` ${error}`;
    return [
      model || file,
      algorithms === undefined ? engine : `${engine} ${algorithms}`,
      parameters === null ? '-' : thousands(parameters),
      shown(relativeError),
      gateCount === 0 ? '-' : `${shown(worst)} (${gateCount})`,
      (pass ? 'ok' : 'FAILED') + why,
    ];
  });
  return table([['network', 'engine', 'parameters', 'logits: relative error', 'gates: largest error', 'verdict'], ...rows]);
}

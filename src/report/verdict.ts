import type { Check } from '../verify/check.js';
import { thousands } from './format.js';
import { table } from './table.js';

export type VerifyEngine = 'wasm' | 'reference';

/** What a file holds expectations of: a classifier's logits, its training, a whole detector, a detector's operators, views at test time, ONNX files' outputs, or operators of integers. */
export type VerdictKind = 'network' | 'training' | 'detector' | 'detection-ops' | 'tta' | 'onnx' | 'quantised';

/** What is told of a classifier beside its checks. */
export interface NetworkFigures {
  readonly model: string;
  readonly parameters: number | null;
  /** max |a − b| / max |b| over the logits; null if there is none. */
  readonly relativeError: number | null;
  /** max |a − b| of each gate that the vector lists; null where a value is missing or NaN. */
  readonly gates: Readonly<Record<string, number | null>>;
}

export interface Verdict extends Partial<NetworkFigures> {
  readonly file: string;
  readonly kind: VerdictKind | 'unknown';
  readonly engine: VerifyEngine;
  /** Of the kernels: how they computed 3×3 convolutions. */
  readonly algorithms?: 'direct' | 'fast';
  readonly pass: boolean;
  readonly checks: readonly Check[];
  /** Why the file could not be run. */
  readonly error?: string;
}

const shown = (error: number | null): string => (error === null ? '-' : error === 0 ? '0' : error.toExponential(1));

/** What a person reads. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const isNetwork = ({ kind }: Verdict): boolean => kind === 'network';
  const networks = verdicts.filter(isNetwork);
  const others = verdicts.filter((verdict) => !isNetwork(verdict));
  return [...(networks.length > 0 ? [networkTable(networks)] : []), ...others.map(checksText)].join('\n');
}

const engineText = ({ engine, algorithms }: Verdict): string => (algorithms === undefined ? engine : `${engine} ${algorithms}`);
const verdictText = ({ pass, error }: Verdict): string => (pass ? 'ok' : 'FAILED') + (error === undefined ? '' : ` ${error}`);

function networkTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const { model = '', file, parameters = null, relativeError = null, gates = {} } = verdict;
    const errors = Object.values(gates);
    const worst = errors.reduce<number | null>((most, value) => (most === null || value === null ? null : Math.max(most, value)), 0);
    return [
      model || file,
      engineText(verdict),
      parameters === null ? '-' : thousands(parameters),
      shown(relativeError),
      errors.length === 0 ? '-' : `${shown(worst)} (${errors.length})`,
      verdictText(verdict),
    ];
  });
  return table([['network', 'engine', 'parameters', 'logits: relative error', 'gates: largest error', 'verdict'], ...rows]);
}

/** A file's checks, a line each. */
function checksText(verdict: Verdict): string {
  const { file, checks } = verdict;
  const passed = checks.filter(({ pass }) => pass).length;
  const head = `${file}: ${engineText(verdict)}, ${passed} of ${checks.length} checks pass: ${verdictText(verdict)}`;
  if (checks.length === 0) return head;
  const rows = checks.map(({ name, error, limit, pass }) => [name, shown(error), shown(limit), pass ? 'ok' : 'FAILED']);
  return `${head}\n${table([['check', 'error', 'limit', 'verdict'], ...rows])}`;
}

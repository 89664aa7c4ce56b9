import type { EngineTiming } from '../measure/bench.js';
import type { Paired, SeCost } from '../stats/paired.js';
import { intervalText } from './format.js';
import { table } from './table.js';

/** What a person reads of `senet bench`. */
export function benchTable(rows: readonly EngineTiming[]): string {
  const fixed = (value: number, digits: number): string => value.toFixed(digits);
  const shown = rows.map(
    ({
      model,
      se,
      engine,
      variant,
      algorithms,
      pairedVectors,
      notFused,
      threads,
      batch,
      medianMs,
      p95Ms,
      minMs,
      gflops,
      version,
      agreement,
      relativeError,
      composed,
      seCostPercent,
      timesOurs,
      speedup,
    }) => [
      model,
      se ? 'SE' : '',
      `${engine} ${version}${composed ? ' (composed)' : ''}`,
      engine === 'senet' ? `${variant}${notFused ? ' (not fused)' : ''} ${algorithms}${pairedVectors ? ', paired' : ''}` : '',
      String(threads),
      String(batch),
      fixed(medianMs, 1),
      fixed(p95Ms, 1),
      fixed(minMs, 1),
      fixed(gflops, 1),
      agreement.toExponential(1),
      relativeError === undefined ? '' : relativeError.toExponential(1),
      seCostPercent ? costText(seCostPercent) : '',
      timesOurs ? ratioText(timesOurs) : '',
      speedup ? ratioText(speedup) : '',
    ],
  );
  return table([
    [
      'network',
      'gates',
      'engine',
      'kernels',
      'threads',
      'batch',
      'median ms',
      'p95',
      'min',
      'GFLOP/s',
      'agreement',
      'error',
      'cost of SE',
      'times ours',
      'speed-up',
    ],
    ...shown,
  ]);
}

export const costText = ({ median, low, high }: SeCost): string => intervalText(`${signed(median)} %`, low, high, signed);
export const ratioText = ({ median, low, high }: Paired): string => intervalText(median.toFixed(2), low, high, (value) => value.toFixed(2));
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

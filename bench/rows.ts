import { seCost } from '../src/stats/paired.js';
import { quantile, sorted } from '../src/stats/timing.js';
import type { TimedRow } from './result.js';

/** What a row says of a contestant besides its times. */
export type Timed = Omit<TimedRow, 'runtime' | 'medianMs' | 'p95Ms' | 'minMs' | 'gflops' | 'seCostPercent'>;

/** @param times milliseconds of each run; @param without those of the twin without gates, run by run, if it was timed beside this one */
export function timedRow(of: Timed, macs: number, times: readonly number[], without?: readonly number[]): Omit<TimedRow, 'runtime'> {
  const ascending = sorted(times);
  const medianMs = quantile(ascending, 0.5);
  return {
    ...of,
    medianMs,
    p95Ms: quantile(ascending, 0.95),
    minMs: ascending[0] as number,
    gflops: (2 * macs) / medianMs / 1e6,
    ...(without && { seCostPercent: seCost(times, without) }),
  };
}

/** Order statistics of timings, and the runs that they are made of. */

export const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

/** The value below which a share `q` of the sorted values lies; the mean of two where it falls between them. */
export function quantile(ascending: readonly number[], q: number): number {
  const at = q * (ascending.length - 1);
  const below = ascending[Math.floor(at)] as number;
  return below + (at - Math.floor(at)) * ((ascending[Math.ceil(at)] as number) - below);
}

/**
 * A 95 % confidence interval of the median, whatever the distribution: the k-th values from both ends, k the largest for which
 * a fair coin thrown n times shows fewer than k heads with a probability of at most 2.5 % (the sign test).
 */
export function medianInterval(values: readonly number[]): { readonly median: number; readonly low: number; readonly high: number } {
  const ascending = sorted(values);
  const n = ascending.length;
  let k = 0;
  for (let term = 0.5 ** n, tail = term; tail <= 0.025; k++) {
    term *= (n - k) / (k + 1);
    tail += term;
  }
  const rank = Math.max(k, 1);
  return { median: quantile(ascending, 0.5), low: ascending[rank - 1] as number, high: ascending[n - rank] as number };
}

/** Whether the median of so many values has a 95 % interval: of fewer, all lie to one side of it too often (2 · 0.5ⁿ > 5 %). */
export const hasInterval = (count: number): boolean => count >= 6;

export interface Rounds {
  readonly warmup: number;
  /** The most that are timed. */
  readonly rounds: number;
  /** No further round begins after so long, warm-up included, once there is an interval of the median. @defaultValue no limit */
  readonly budgetMs?: number;
  /** Called before each round; those of the warm-up are below 0. */
  readonly progress?: (round: number) => void;
}

/** Milliseconds of each run of each contender, interleaved: every round runs all of them, in turn forwards and backwards. */
export async function interleave(
  contenders: readonly (() => unknown)[],
  { warmup, rounds, budgetMs = Infinity, progress }: Rounds,
): Promise<readonly (readonly number[])[]> {
  const times: number[][] = contenders.map(() => []);
  const began = performance.now();
  for (let round = -warmup; round < rounds; round++) {
    if (hasInterval(round) && performance.now() - began >= budgetMs) break;
    progress?.(round);
    const order = contenders.map((_, i) => i);
    if (round % 2 !== 0) order.reverse();
    for (const i of order) {
      const start = performance.now();
      await contenders[i]?.();
      if (round >= 0) times[i]?.push(performance.now() - start);
    }
  }
  return times;
}

/** Means and standard deviations of a block's channels. */
export interface Excited {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Collects excitations: by module path, a value a channel. */
export function moments() {
  const sums = new Map<string, { readonly sum: Float64Array; readonly squares: Float64Array }>();
  let images = 0;
  return {
    count: (): number => images,
    add(gates: ReadonlyMap<string, Float32Array>): void {
      images++;
      for (const [path, values] of gates) {
        const at = sums.get(path) ?? { sum: new Float64Array(values.length), squares: new Float64Array(values.length) };
        sums.set(path, at);
        values.forEach((value, c) => {
          at.sum[c] = (at.sum[c] as number) + value;
          at.squares[c] = (at.squares[c] as number) + value * value;
        });
      }
    },
    of: (): ReadonlyMap<string, Excited> =>
      new Map(
        [...sums].map(([path, { sum, squares }]) => {
          const mean = Array.from(sum, (total) => total / images);
          const deviation = mean.map((m, c) => Math.sqrt(Math.max(0, (squares[c] as number) / images - m ** 2)));
          return [path, { mean, deviation }];
        }),
      ),
  };
}

import { InputError } from '../errors.js';
import { quantisationFor } from './recipe.js';

/** Bins of a histogram over [−limit, limit): some ten for each of 127 integers, wherever the numbers lie in it. */
const bins = 8192;

/** What numbers a value has: its ends exactly, what lies between them in bins. One pass will do: bins are joined in pairs where a number lies beyond. */
export class Histogram {
  #counts: Float64Array = new Float64Array(bins);
  /** The same, each number as much as its channel matters. */
  #weighted: Float64Array = new Float64Array(bins);
  #limit = 2 ** -20;
  #low = Infinity;
  #high = -Infinity;
  count = 0;

  /**
   * @param shares how much the numbers of each channel count, of data [1, C, ...]; their mean is 1
   * @throws InputError for a number that is not finite
   */
  add(what: string, data: Float32Array | Float64Array, shares?: Float64Array): void {
    let [low, high] = [this.#low, this.#high];
    for (let i = 0; i < data.length; i++) {
      const value = data[i] as number;
      if (value < low) low = value;
      if (value > high) high = value;
      if (!(Math.abs(value) < 2 ** 100)) throw new InputError(`${what} is ${value} on a picture of the calibration`);
    }
    [this.#low, this.#high] = [low, high];
    while (data.length > 0 && (low < -this.#limit || high >= this.#limit)) this.#widen();
    const perUnit = bins / (2 * this.#limit);
    const plane = shares ? data.length / shares.length : data.length;
    for (let i = 0; i < data.length; i++) {
      const bin = Math.min(Math.floor(((data[i] as number) + this.#limit) * perUnit), bins - 1);
      this.#counts[bin] = (this.#counts[bin] as number) + 1;
      this.#weighted[bin] = (this.#weighted[bin] as number) + (shares?.[Math.floor(i / plane)] ?? 1);
    }
    this.count += data.length;
  }

  #widen(): void {
    this.#counts = widened(this.#counts);
    this.#weighted = widened(this.#weighted);
    this.#limit *= 2;
  }

  get low(): number {
    return this.#low;
  }

  get high(): number {
    return this.#high;
  }

  /** Each bin that has numbers: its middle, and how many. */
  *#filled(counts = this.#counts): Generator<readonly [middle: number, count: number]> {
    const width = (2 * this.#limit) / bins;
    for (let i = 0; i < bins; i++) {
      const count = counts[i] as number;
      if (count > 0) yield [Math.min(Math.max((i + 0.5) * width - this.#limit, this.#low), this.#high), count];
    }
  }

  /** The range without a share of the numbers at either end. */
  percentile(share: number): readonly [low: number, high: number] {
    const filled = [...this.#filled()];
    const end = (list: readonly (readonly [number, number])[], extreme: number): number => {
      let left = share * this.count;
      for (const [middle, count] of list) {
        left -= count;
        if (left < 0) return middle;
      }
      return extreme;
    };
    return [end(filled, this.#high), end(filled.toReversed(), this.#low)];
  }

  /**
   * The range whose integers are nearest to the numbers, by the mean of squares of what `f` makes of both: the ends are moved in, one step after another, as long
   * as that pays. Numbers count as much as their channels matter.
   */
  leastSquares(wide: boolean, f: (x: Float64Array) => ArrayLike<number> = (x) => x): readonly [low: number, high: number] {
    const filled = [...this.#filled(this.#weighted)];
    const wanted = f(Float64Array.from(filled, ([middle]) => middle));
    const error = (low: number, high: number): number => {
      const { scale, zeroPoint, range } = quantisationFor(low, high, wide);
      const found = f(Float64Array.from({ length: range[1] + 1 }, (_, q) => (q - zeroPoint) * scale));
      let sum = 0;
      filled.forEach(([x, count], i) => {
        const q = Math.min(Math.max(Math.round(x / scale) + zeroPoint, range[0]), range[1]);
        sum += count * ((found[q] as number) - (wanted[i] as number)) ** 2;
      });
      return sum;
    };
    let best = [Math.min(this.#low, 0), Math.max(this.#high, 0)] as [number, number];
    let least = error(...best);
    for (const end of [1, 0, 1, 0] as const) {
      const from = best[end];
      for (let share = steps - 1; share >= 1; share--) {
        const tried = [...best] as [number, number];
        tried[end] = (from * share) / steps;
        const found = error(...tried);
        if (found < least) [best, least] = [tried, found];
      }
    }
    return best;
  }
}

/** Counts over twice the range. */
function widened(counts: Float64Array): Float64Array {
  const wider = new Float64Array(bins);
  for (let i = 0; i < bins; i++) {
    const to = bins / 4 + Math.floor(i / 2);
    wider[to] = (wider[to] as number) + (counts[i] as number);
  }
  return wider;
}

/** Ends that are tried, each way. */
const steps = 40;

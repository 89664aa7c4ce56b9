/** A gap between requests that is longer says no more than this one, in milliseconds. */
const longestGap = 1000;

/** How fast requests come: the mean gap between recent ones. */
export class Pace {
  #gap = longestGap;
  #last = Number.NEGATIVE_INFINITY;

  /** Counts a request. @param now as `performance.now()` counts */
  came(now: number): void {
    this.#gap += (Math.min(now - this.#last, longestGap) - this.#gap) / 8;
    this.#last = now;
  }

  /** Whether so many more are likely to come within this time, in milliseconds. */
  brings(requests: number, withinMs: number): boolean {
    return requests * this.#gap <= withinMs;
  }
}

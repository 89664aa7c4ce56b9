import type { RunningServer } from './server.js';

const everyMs = 500;

/** What a server holds over time. */
export interface Watched {
  /** Bytes, in their order. */
  readonly samples: readonly number[];
  stop(): void;
}

export function watchMemory({ memory }: RunningServer): Watched {
  const samples: number[] = [];
  const timer = setInterval(() => {
    memory().then(
      (bytes) => samples.push(bytes),
      () => {}, // it has ended
    );
  }, everyMs);
  return { samples, stop: () => clearInterval(timer) };
}

/** The least and the most of a quarter of the samples. */
export interface Quarter {
  readonly least: number;
  readonly most: number;
}

/** The first quarter has what is compiled and cached at first. */
export const quarters = (samples: readonly number[]): readonly Quarter[] =>
  [0, 1, 2, 3].map((i) => {
    const some = samples.slice(Math.floor((i * samples.length) / 4), Math.floor(((i + 1) * samples.length) / 4));
    return { least: Math.min(...some), most: Math.max(...some) };
  });

/** Whether memory came back, in the last quarter, to what it was in the second: what grows for good does not. */
export function isFlat(samples: readonly number[]): boolean {
  const [, second, , last] = quarters(samples) as [Quarter, Quarter, Quarter, Quarter];
  return last.least <= second.most;
}

import { duration } from '../report/format.js';

/** How fast images are worked through. */
export interface Pace {
  /** After each image: how fast it goes, and how long it will take. */
  next(): string;
  /** At the end; undefined where there was none. */
  done(): string | undefined;
}

export function paceOf(images: number): Pace {
  const start = performance.now();
  let done = 0;
  const seconds = (): number => (performance.now() - start) / 1000;
  return {
    next() {
      const rate = ++done / seconds();
      return `${rate.toFixed(1)} a second, ${duration((images - done) / rate)} left`;
    },
    done: () => (done === 0 ? undefined : `${done} images in ${duration(seconds())}, ${(done / seconds()).toFixed(1)} a second`),
  };
}

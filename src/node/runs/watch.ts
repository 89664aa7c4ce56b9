import { duration, percent } from '../../report/format.js';
import type { EpochLine } from '../../train/metrics.js';
import type { Interrupt } from '../interrupt.js';
import { note } from '../output.js';
import { progress } from '../progress.js';
import type { Watcher } from './run.js';

/** How long a run is. */
interface Extent {
  /** Of all steps, those of an epoch, and those taken before now. */
  readonly steps: number;
  readonly perEpoch: number;
  readonly from: number;
  /** Images a step. */
  readonly batch: number;
}

/** Says on stderr how a run goes. */
export function watch({ steps: all, perEpoch, from, batch }: Extent, interrupt: Interrupt): Watcher & { clear(): void } {
  const shown = progress();
  const began = performance.now();
  let [loss, right] = [Number.NaN, Number.NaN];
  return {
    stopped: () => interrupt.caught() !== undefined,
    stepped(steps, found) {
      // averages over about the last twenty steps: single batches jump about
      loss = smoothed(loss, found.loss);
      right = smoothed(right, found.correct / found.images);
      const rate = (steps - from) / ((performance.now() - began) / 1000);
      shown.show(
        `epoch ${Math.ceil(steps / perEpoch)} of ${all / perEpoch}, step ${steps} of ${all}: loss ${loss.toFixed(3)}, ${percent(right)} right, lr ${found.lr.toPrecision(3)}, ${Math.round(rate * batch)} images a second, ${duration((all - steps) / rate)} left`,
      );
    },
    wrote(line) {
      if (line.kind !== 'epoch') return;
      shown.clear();
      note(epochText(line));
    },
    clear: () => shown.clear(),
  };
}

const smoothed = (mean: number, value: number): number => (Number.isNaN(mean) ? value : 0.95 * mean + 0.05 * value);

const epochText = ({ epoch, loss, accuracy, test, average, seconds }: EpochLine): string =>
  `epoch ${epoch}: loss ${loss.toFixed(4)}, ${percent(accuracy)} right; of the test set ${percent(test.accuracy)}${average ? `, by the averaged weights ${percent(average.accuracy)}` : ''}; ${duration(seconds)}`;

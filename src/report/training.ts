import type { TrainingConfig } from '../train/config.js';
import type { EpochLine, MetricsLine, Score } from '../train/metrics.js';
import { duration, percent } from './format.js';
import { type Fact, htmlTable, page } from './html.js';
import { lineChart } from './lineChart.js';

/** A run's page: its curves, epochs and configuration. */
export function runReport(name: string, config: TrainingConfig, lines: readonly MetricsLine[]): string {
  const epochs = lines.filter((line): line is EpochLine => line.kind === 'epoch');
  const last = epochs.at(-1);
  const best = epochs.reduce<EpochLine | undefined>(
    (a, b) => (a === undefined || tested(b).accuracy > tested(a).accuracy ? b : a),
    undefined,
  );
  const facts: Fact[] = [
    ['network', config.model],
    ['epochs', `${last?.epoch ?? 0} of ${config.epochs}${last ? `, ${duration(last.seconds)}` : ''}`],
    ['best', best ? `${percent(tested(best).accuracy)} of the test images right after epoch ${best.epoch}` : 'no epoch is over'],
    ['data', `${config.data.train}, ${config.data.test}`],
  ];
  const averaged = epochs.some(({ average }) => average !== undefined);
  const curve = (name: string, of: (line: EpochLine) => number | undefined) => ({
    name,
    points: epochs.flatMap((line) => (of(line) === undefined ? [] : [[line.epoch, of(line) as number] as const])),
  });
  const charts = (what: keyof Score, title: string, format: (y: number) => string): string =>
    lineChart({
      title,
      across: 'epoch',
      format,
      lines: [
        curve('training images, augmented, by the weights of the moment', (line) => line[what]),
        curve('test images', ({ test }) => test[what]),
        ...(averaged ? [curve('test images, by the averaged weights', ({ average }) => average?.[what])] : []),
      ],
    });
  const rates = { title: 'Learning rate', across: 'step', format: (y: number) => String(Number(y.toPrecision(3))) };
  const sections =
    epochs.length === 0
      ? []
      : [
          charts('loss', 'Loss', (y) => y.toFixed(2)),
          charts('accuracy', 'Share of images classified right', (y) => percent(y, 1)),
          lineChart({ ...rates, lines: [{ name: 'rate', points: lines.map(({ step, lr }) => [step, lr] as const) }] }),
          htmlTable(
            ['epoch', 'loss', 'right', 'test loss', 'test right', ...(averaged ? ['averaged, test right'] : []), 'since the start'],
            epochs.map(({ epoch, loss, accuracy, test, average, seconds }) => [
              String(epoch),
              loss.toFixed(4),
              percent(accuracy),
              test.loss.toFixed(4),
              percent(test.accuracy),
              ...(averaged ? [average ? percent(average.accuracy) : ''] : []),
              duration(seconds),
            ]),
          ),
        ];
  return page({ title: `${name}: training`, heading: name, facts, sections: [...sections, htmlTable(['key', 'value'], settings(config))] });
}

const tested = ({ test, average }: EpochLine): Score => average ?? test;

const settings = (config: TrainingConfig): string[][] =>
  Object.entries(config).flatMap(([key, value]) => (value === undefined ? [] : [[key, JSON.stringify(value)]]));

import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { InputError, naming } from '../../errors.js';
import { parseJson } from '../../io/jsonText.js';
import { type MetricsLine, metricsLine } from '../../train/metrics.js';
import { unreadable } from '../files.js';
import { writeNow } from '../writeNow.js';

/** The lines of a run, a JSON object each. */
export interface Metrics extends Disposable {
  readonly lines: readonly MetricsLine[];
  /** Written before it returns. */
  add(line: MetricsLine): void;
}

/** Opens the file, without what was written after the checkpoint that a run goes on from, which is at so many steps and whole epochs. */
export function openMetrics(file: string, at: { readonly steps: number; readonly epochs: number }): Metrics {
  const lines: MetricsLine[] = readMetrics(file).filter((line) =>
    line.kind === 'epoch' ? line.epoch <= at.epochs : line.step <= at.steps,
  );
  writeNow(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const handle = openSync(file, 'a');
  return {
    lines,
    add(line) {
      lines.push(line);
      try {
        writeFileSync(handle, `${JSON.stringify(line)}\n`);
      } catch (cause) {
        throw new InputError(`${file}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
      }
    },
    [Symbol.dispose]: () => closeSync(handle),
  };
}

/**
 * The lines of a file that may not be there, and that a run may be writing to; a process that was killed may have left half a line at its end.
 *
 * @throws InputError naming the file that cannot be read, or its damaged line
 */
export function readMetrics(file: string): MetricsLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(file, cause);
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => naming(`${file}: line ${i + 1}`, () => metricsLine.read(parseJson(line), '')));
}

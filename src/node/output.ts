import { shortened } from '../errors.js';
import { visible, visibleLines } from '../report/visible.js';
import { masked } from './masked.js';

/** What every command prints with: results on stdout, everything else on stderr. What files say is shown, never obeyed. */

export const print = (text: string): void => write(`${visibleLines(text)}\n`);
export const note = (text: string): void => void process.stderr.write(`${visibleLines(shortened(masked(text), 10_000))}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Says in one line what went wrong. */
export const complain = (message: string): void => note(`senet: ${visible(message)}`);

/** The reader of stdout has gone, or its disk is full: nothing more would arrive. The code that watches the stream throws it. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

let broken = false; // the stream itself forgets its error

/** @throws OutputError if the write before failed, so that a long command ends, in good order; after the last one there is nothing to end. */
function write(text: string): void {
  if (broken) throw new OutputError('standard output cannot be written');
  process.stdout.write(text);
  broken = Boolean(process.stdout.errored);
}

/** A JSON list whose entries, a line each, are printed as they come, so that none need wait for the last. */
export function jsonList<T>(): { add(entry: T): void; end(): void } {
  let before = '[\n';
  return {
    add(entry) {
      write(`${before}${visible(JSON.stringify(entry))}`);
      before = ',\n';
    },
    end: () => print(before === ',\n' ? '\n]' : '[]'),
  };
}

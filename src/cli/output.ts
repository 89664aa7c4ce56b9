import { shortened } from '../errors.js';
import { masked } from './masked.js';
import { visible, visibleLines } from './visible.js';

/** What every command prints with: results on stdout, everything else on stderr. What files say is shown, never obeyed. */

export const print = (text: string): void => write(`${visibleLines(text)}\n`);
export const note = (text: string): void => void process.stderr.write(`${visibleLines(shortened(masked(text), 10_000))}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Says in one line what went wrong. */
export const complain = (message: string): void => note(`senet: ${visible(message)}`);

/** Whoever reads stdout has gone, or its disk is full: nothing that follows would arrive. Said by whoever watches the stream. */
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

/** Every row is as wide as the widest. */
const widest = 300;

/** Columns as wide as their widest cell, numbers to the right; the first row is the head. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map((cell) => shortened(visible(cell), widest)));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const numeric = widths.map((_, column) => rows.slice(1).every((row) => /^[-+]?[\d,.]*( ?[%x]| ms| M| G)?$/.test(row[column] ?? '')));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number)))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}

/** 28088024 → `28,088,024`. */
export const thousands = (value: number): string => value.toLocaleString('en-US');

/** 3860488192 → `3.860`, in units of 1e9. */
export const giga = (value: number): string => (value / 1e9).toFixed(3);

/** 28311552 → `27.0`, in MiB. */
export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** 0.76341 → `76.34 %`. */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** Text as HTML, SVG and their attributes in double quotes hold it. XML has no place for control characters, however they are written. */
export const escapeMarkup = (text: string): string =>
  visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(']]>', ']]&gt;').replaceAll('"', '&quot;');

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

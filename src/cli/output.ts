/** What every command prints with: results on stdout, everything else on stderr. */

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Columns as wide as their widest cell, numbers to the right; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
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

/** Text as HTML, SVG and their attributes in double quotes hold it. */
export const escapeMarkup = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** A JSON list whose entries, a line each, are printed as they come, so that none need wait for the last. */
export function jsonList<T>(): { add(entry: T): void; end(): void } {
  let before = '[\n';
  return {
    add(entry) {
      process.stdout.write(`${before}${JSON.stringify(entry)}`);
      before = ',\n';
    },
    end: () => print(before === ',\n' ? '\n]' : '[]'),
  };
}

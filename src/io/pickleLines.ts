/** Values that protocol 0 of Python's pickle writes as lines of text: each is undefined where the line is none. */

/** Digits of a number that is kept: what is longer is nobody's, and slow to turn into one. */
const mostDigits = 1000;

/** INT: `7\n`; `00` and `01` are the truth values. */
export function integerIn(line: string): number | bigint | boolean | undefined {
  if (line === '00' || line === '01') return line === '01';
  if (!/^[+-]?\d+$/.test(line) || line.length > mostDigits) return undefined;
  const value = Number(line);
  return Number.isSafeInteger(value) ? value : BigInt(line.replace(/^\+/, ''));
}

/** LONG: `7L\n`; Python 3 takes it without the letter, too. */
export const longIn = (line: string): number | bigint | undefined => {
  const value = integerIn(line.replace(/L$/, ''));
  return typeof value === 'boolean' ? Number(value) : value;
};

const words: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN, '-nan': Number.NaN };

/** FLOAT, as Python prints it. */
export function floatIn(line: string): number | undefined {
  if (Object.hasOwn(words, line)) return words[line];
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line) ? Number(line) : undefined;
}

const backslash = 0x5c;
const escapes: ReadonlyMap<number, number> = new Map(
  Object.entries({ '\\': 0x5c, "'": 0x27, '"': 0x22, a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }).map(([letter, byte]) => [
    letter.charCodeAt(0),
    byte,
  ]),
);

/** STRING: the bytes of Python 2's text between quotes, of which what cannot be printed is escaped. */
export function quotedBytesIn(line: Uint8Array): Uint8Array | undefined {
  const quote = line[0];
  const end = line.length - 1;
  if (end < 1 || (quote !== 0x22 && quote !== 0x27) || line[end] !== quote) return undefined;
  const bytes = new Uint8Array(end - 1);
  let length = 0;
  for (let at = 1; at < end; ) {
    const byte = line[at++] as number;
    if (byte !== backslash) {
      bytes[length++] = byte;
      continue;
    }
    const letter = line[at] as number;
    const numbered = /^(?:x([0-9a-fA-F]{2})|([0-7]{1,3}))/.exec(String.fromCharCode(...line.subarray(at, Math.min(at + 3, end))));
    const known = escapes.get(letter);
    if (numbered !== null) {
      bytes[length++] = numbered[1] ? Number.parseInt(numbered[1], 16) : Number.parseInt(numbered[2] as string, 8);
      at += numbered[0].length;
    } else if (known !== undefined && at < end) {
      bytes[length++] = known;
      at++;
    } else bytes[length++] = backslash; // Python keeps it where it stands for nothing
  }
  return bytes.subarray(0, length);
}

/** UNICODE: a byte a character of Latin-1, any other by its number. */
export function unicodeIn(line: Uint8Array): string | undefined {
  let text = '';
  for (let at = 0; at < line.length; at += 4096) text += String.fromCharCode(...line.subarray(at, at + 4096));
  let isText = true;
  const result = text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, four?: string, eight?: string) => {
    const code = Number.parseInt(four ?? (eight as string), 16);
    isText &&= code <= 0x10ffff;
    return isText ? String.fromCodePoint(code) : '';
  });
  return isText ? result : undefined;
}

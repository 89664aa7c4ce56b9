import type { DownloadFault } from './error.js';

/** How long a silence is waited for, how slow a connection may be, and the largest file that is taken. */
export const usualLimits = { stallMs: 20_000, minBytesPerSecond: 1024, maxBytes: 2 ** 32 } as const;

/** Four times what float32 takes: room for what else a file of weights may hold, and no more. */
export const bytesPerParameter = 16;

/** After these what has come is not the beginning of the file. */
export const worthless: ReadonlySet<DownloadFault> = new Set(['html', 'hash', 'long']);

/** So many connections in a row may break without a byte more having come; so many in all. */
export const mostBreaks = { fruitless: 3, all: 100 } as const;

/** Whether a file begins as a page for people does: every format of weights begins otherwise. @param start its first 64 bytes */
export const looksLikePage = (start: Uint8Array): boolean => /^\s*<(!doctype|html|\?xml)/i.test(new TextDecoder('latin1').decode(start));

/** What a header says of a number of bytes; undefined if it is missing or no such number. */
export function bytesIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name) ?? '';
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

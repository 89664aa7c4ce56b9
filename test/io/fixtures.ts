import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Filter, Pixels } from '../../src/io/resize.js';
import { readImage } from '../../src/node/images/image.js';

/** PIL's answers, with their provenance and the program that asked for them. */
export const expectations = new URL('../fixtures/preprocess/', import.meta.url);
export const photographs = new URL('../../assets/images/', import.meta.url);

/** A crop of a photograph, [x, y, width, height], and what comes of it. */
export interface ResizeCase {
  readonly photo: string;
  readonly box: readonly [number, number, number, number];
  readonly filter: Filter;
  readonly to?: readonly [number, number];
  readonly resize?: number;
  readonly crop?: number;
  readonly sha256: string;
  readonly tensor?: string;
}

export async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(name, expectations), 'utf8')) as T;
}

export const read = (folder: URL, name: string): Promise<Pixels> => readImage(fileURLToPath(new URL(name, folder)));

export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** The part of an image that a case starts from. */
export function cut({ width, data }: Pixels, [x, y, w, h]: ResizeCase['box']): Pixels {
  const rows = Array.from({ length: h }, (_, row) => data.subarray(((y + row) * width + x) * 3, ((y + row) * width + x + w) * 3));
  return { width: w, height: h, data: Uint8Array.from(rows.flatMap((row) => [...row])) };
}

/** The largest difference between two images of one size, and NaN for different sizes. (A diff of 150,000 bytes takes vitest minutes.) */
export function largestDifference(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height || a.data.length !== b.data.length) return Number.NaN;
  return a.data.reduce((largest, byte, i) => Math.max(largest, Math.abs(byte - (b.data[i] as number))), 0);
}

import { readRange, type Source } from '../io/source.js';
import { isJson } from './shardIndex.js';

/** What a file of weights is, by its first bytes. */

const longest = 16;

/** As many of a file's first bytes as tell what it is. */
export const startOf = (source: Source): Promise<Uint8Array> => readRange(source, 0, Math.min(longest, source.size));

export const ascii = (bytes: Uint8Array, begin: number, end: number): string => String.fromCharCode(...bytes.subarray(begin, end));

/** Asked before all others: its ninth byte counts tensors, and may be any. (A safetensors header of so many bytes is beyond that format's limit.) */
export const isGguf = (start: Uint8Array): boolean => ascii(start, 0, 4) === 'GGUF';

export const isHdf5 = (start: Uint8Array): boolean => ascii(start, 0, 8) === '\x89HDF\r\n\x1a\n';

/** Asked next: what comes before the brace, the header's length, may look like the beginning of another format. */
export const isSafetensors = async (source: Source, start: Uint8Array): Promise<boolean> =>
  ascii(start, 8, 9) === '{' && !isGguf(start) && !isHdf5(start) && !(await isJson(source));

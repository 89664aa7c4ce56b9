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

/** What people take for a checkpoint, by the bytes that it has at a place. */
const others: readonly (readonly [what: string, at: number, bytes: string])[] = [
  ['a gzip archive: unpack it first', 0, '\x1f\x8b'],
  ['a bzip2 archive: unpack it first', 0, 'BZh'],
  ['an xz archive: unpack it first', 0, '\xfd7zXZ\0'],
  ['a Zstandard archive: unpack it first', 0, '\x28\xb5\x2f\xfd'],
  ['a 7z archive: unpack it first', 0, '7z\xbc\xaf\x27\x1c'],
  ['a RAR archive: unpack it first', 0, 'Rar!'],
  ['a tar archive: unpack it first', 257, 'ustar'],
  ['a picture (JPEG)', 0, '\xff\xd8\xff'],
  ['a picture (PNG)', 0, '\x89PNG'],
  ['a PDF document', 0, '%PDF-'],
];

/** What else a file is, and what can be done, if it is told by its bytes. */
export async function otherFile(source: Source): Promise<string | undefined> {
  const start = await readRange(source, 0, Math.min(512, source.size));
  return others.find(([, at, bytes]) => ascii(start, at, at + bytes.length) === bytes)?.[0];
}

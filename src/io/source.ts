import { WeightsError } from '../errors.js';

/**
 * Bytes that are read by ranges: a file, a Blob, or an array. What reads them never needs the whole, so a file of half a gigabyte costs
 * no more memory than the tensors taken from it.
 */
export interface Source {
  /** Bytes in all. */
  readonly size: number;
  /** Bytes [begin, begin + length), which lie within the size. They may be a view of what the source holds: not to be written to. */
  read(begin: number, length: number): Promise<Uint8Array>;
}

/** @returns a source whose reads are views of `bytes`, not copies. */
export function bytesSource(bytes: Uint8Array | ArrayBuffer): Source {
  // always a plain Uint8Array: the slice of a Node Buffer would be no copy
  const array = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  return { size: array.length, read: async (begin, length) => array.subarray(begin, begin + length) };
}

/** A browser's File among others. */
export function blobSource(blob: Blob): Source {
  return { size: blob.size, read: async (begin, length) => new Uint8Array(await blob.slice(begin, begin + length).arrayBuffer()) };
}

/** Bytes [begin, begin + length) of a source, as one. @throws WeightsError if they are not all within it. */
export function sliceSource(source: Source, begin: number, length: number): Source {
  checkRange(source, begin, length);
  return { size: length, read: (at, bytes) => source.read(begin + at, bytes) };
}

/** Bytes [begin, begin + length). @throws WeightsError if they are not all within the source: nothing is allocated for what a file merely claims. */
export async function readRange(source: Source, begin: number, length: number): Promise<Uint8Array> {
  checkRange(source, begin, length);
  const bytes = await source.read(begin, length);
  if (bytes.length !== length) throw new WeightsError(`expected ${length} bytes from byte ${begin}, found ${bytes.length}`);
  return bytes;
}

function checkRange({ size }: Source, begin: number, length: number): void {
  const end = begin + length;
  if (!(begin >= 0 && length >= 0 && end <= size)) throw new WeightsError(`expected bytes ${begin} to ${end}, found a file of ${size}`);
}

import { InputError, WeightsError } from '../errors.js';
import { insteadOf } from '../meant.js';

/**
 * Bytes that are read by ranges: a file, a Blob, or an array. What reads them never needs the whole, so a file of half a gigabyte costs
 * no more memory than the tensors taken from it.
 */
export interface Source {
  /** Bytes in all. */
  readonly size: number;
  /**
   * Bytes [begin, begin + length), which lie within the size. They may be a view of what the source holds: not to be written to.
   *
   * @param into memory of at least `length` bytes that they may be put in, whatever it holds; then they lie at its start
   */
  read(begin: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}

/** A Blob, or a File of a page: what of it is read. */
export interface BlobLike {
  readonly size: number;
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** @returns the bytes of an array or a buffer, not a copy of them. @throws InputError for anything else, such as a file's name. */
export function bytesOf(file: Uint8Array | ArrayBuffer): Uint8Array {
  // always a plain Uint8Array: the slice of a Node Buffer would be no copy
  if (ArrayBuffer.isView(file)) return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  if (file instanceof ArrayBuffer) return new Uint8Array(file);
  throw notBytes(file);
}

/** What a caller without types may hand in where a file's bytes belong. */
export function notBytes(found: unknown): InputError {
  return new InputError(`expected the bytes of a file, found ${insteadOf('file', found)}`);
}

/** @returns a source whose reads are views of `bytes`, not copies. */
export function bytesSource(bytes: Uint8Array | ArrayBuffer): Source {
  const array = bytesOf(bytes);
  return { size: array.length, read: async (begin, length) => array.subarray(begin, begin + length) };
}

/** A browser's File among others. */
export function blobSource(blob: BlobLike): Source {
  return { size: blob.size, read: async (begin, length) => new Uint8Array(await blob.slice(begin, begin + length).arrayBuffer()) };
}

/** @returns what reads the bytes of any of these. @throws InputError for anything else. */
export function sourceOf(file: Uint8Array | ArrayBuffer | BlobLike | Source): Source {
  if (typeof file !== 'object' || file === null) throw notBytes(file);
  if (ArrayBuffer.isView(file) || file instanceof ArrayBuffer) return bytesSource(file);
  if ('read' in file && typeof file.read === 'function' && Number.isSafeInteger(file.size)) return file;
  if ('slice' in file && typeof file.slice === 'function' && Number.isSafeInteger(file.size)) return blobSource(file);
  throw notBytes(file);
}

/** Bytes [begin, begin + length) of a source, as one. @throws WeightsError if they are not all within it. */
export function sliceSource(source: Source, begin: number, length: number): Source {
  checkRange(source, begin, length);
  return { size: length, read: (at, bytes, into) => source.read(begin + at, bytes, into) };
}

/** Bytes [begin, begin + length). @throws WeightsError if they are not all within the source: nothing is allocated for what a file merely claims. */
export async function readRange(source: Source, begin: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
  checkRange(source, begin, length);
  const bytes = await source.read(begin, length, into && into.length >= length ? into : undefined);
  if (bytes.length !== length) throw new WeightsError(`expected ${length} bytes from byte ${begin}, found ${bytes.length}`);
  return bytes;
}

function checkRange({ size }: Source, begin: number, length: number): void {
  const end = begin + length;
  if (!(begin >= 0 && length >= 0 && end <= size)) throw new WeightsError(`expected bytes ${begin} to ${end}, found a file of ${size}`);
}

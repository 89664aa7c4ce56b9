import type { Draw } from './draw.js';

/** A case's files, by their names. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** Where the files of a case can lie, for readers of paths. */
export interface Place {
  /** Writes the files to a folder that holds nothing else. @returns its path */
  write(files: Files): string;
}

/** What is fuzzed: one of the package's readers, and what it is given. */
export interface Reader {
  /** A case: files that are nearly right. */
  make(draw: Draw): Files;
  /** Reads them as a user of the package does. @throws SenetError for what it refuses; anything else thrown is a fault */
  read(files: Files, place: Place): Promise<void>;
  /** CPU that reading takes however small the files are, as for a command that starts with much else. @defaultValue 0 */
  readonly baseMs?: number;
  /** Bytes that the files stand for beyond their own, as a picture for its pixels, if they are `read` or else refused. */
  readonly claimed?: (files: Files, read: boolean) => number;
}

/** What a picture says of its pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
  /** Of what a decoder keeps before it gives RGB. */
  readonly bitsPerPixel: number;
  /** The most pixels that a byte of the format can stand for. */
  readonly mostPerByte: number;
}

/** A reader and how many cases of 1000 are its own. `open` gets ready what all cases share. */
export interface ReaderEntry {
  readonly share: number;
  readonly open: () => Promise<Reader>;
}

export type ReaderTable = Readonly<Record<string, ReaderEntry>>;

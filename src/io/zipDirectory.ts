import { WeightsError } from '../errors.js';
import { readRange, type Source } from './source.js';

/** The directory at the end of a ZIP archive (PKWARE's APPNOTE, §4.3 and §4.4), ZIP64 included. */

/** What the directory says of an entry. */
export interface Listed {
  readonly name: string;
  readonly size: number;
  readonly compressed: number;
  readonly method: number;
  /** 0 where the writer left it out, as `torch.serialization.set_crc32_options(False)` has it. */
  readonly crc: number;
  /** Where its local header begins. */
  readonly at: number;
  /** The name, as the header must repeat it. */
  readonly nameBytes: Uint8Array;
}

export const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };
export const lengths = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 };
export const flagBits = { encrypted: 1, streamed: 8 };

/** Where 32 and 16 bits were too few, the number stands elsewhere. */
export const in64 = 0xffffffff;
const in64Count = 0xffff;

/** Where the directory lies, and how many entries it has. */
export interface Directory {
  readonly begin: number;
  readonly bytes: number;
  readonly count: number;
}

/** The record at the end says where the directory lies; a comment of up to 65,535 bytes may follow it. */
export async function findDirectory(source: Source): Promise<Directory> {
  const tail = Math.min(source.size, lengths.end + 0xffff);
  const tailAt = source.size - tail;
  const view = viewOf(await readRange(source, tailAt, tail));
  let at = tail - lengths.end;
  while (at >= 0 && !(view.getUint32(at, true) === signatures.end && at + lengths.end + view.getUint16(at + 20, true) === tail)) at--;
  if (at < 0) throw damaged("expected the directory's record at the end; the file is truncated or no ZIP archive");
  const [disk, count, bytes, begin] = [
    view.getUint16(at + 4, true),
    view.getUint16(at + 10, true),
    view.getUint32(at + 12, true),
    view.getUint32(at + 16, true),
  ];
  if (count === in64Count || bytes === in64 || begin === in64) return findDirectory64(source, tailAt + at);
  if (disk !== 0) throw damaged('expected an archive in one part');
  return { begin, bytes, count };
}

async function findDirectory64(source: Source, endAt: number): Promise<Directory> {
  if (endAt < lengths.locator64) throw damaged('expected a ZIP64 locator');
  const locator = viewOf(await readRange(source, endAt - lengths.locator64, lengths.locator64));
  if (locator.getUint32(0, true) !== signatures.locator64) throw damaged('expected a ZIP64 locator');
  const record = viewOf(await readRange(source, uint64(locator, 8), lengths.end64));
  if (record.getUint32(0, true) !== signatures.end64) throw damaged('expected a ZIP64 record');
  return { count: uint64(record, 32), bytes: uint64(record, 40), begin: uint64(record, 48) };
}

/** The entry at byte `at` of the directory. @throws WeightsError if it is cut off, or encrypted. */
export function readEntry(view: DataView, at: number): { readonly entry: Listed; readonly end: number } {
  if (at + lengths.central > view.byteLength || view.getUint32(at, true) !== signatures.central)
    throw damaged(`expected an entry at byte ${at} of the directory`);
  const flags = view.getUint16(at + 8, true);
  const [nameLength, extraLength, commentLength] = [
    view.getUint16(at + 28, true),
    view.getUint16(at + 30, true),
    view.getUint16(at + 32, true),
  ];
  const nameAt = at + lengths.central;
  const extraAt = nameAt + nameLength;
  const end = extraAt + extraLength + commentLength;
  if (end > view.byteLength) throw damaged(`expected an entry of ${end - at} bytes at byte ${at} of the directory`);
  const nameBytes = new Uint8Array(view.buffer, view.byteOffset + nameAt, nameLength);
  const name = nameOf(nameBytes);
  if ((flags & flagBits.encrypted) !== 0) throw damaged(`entry ${show(name)} is encrypted`);

  const wide = wideFields(view, extraAt, extraAt + extraLength);
  const field = (offset: number): number => {
    const value = view.getUint32(at + offset, true);
    if (value !== in64) return value;
    const found = wide.shift();
    if (found === undefined) throw damaged(`entry ${show(name)}: expected its sizes in a ZIP64 field`);
    return found;
  };
  // the wide field holds those that did not fit, in this order
  const [size, compressed, header] = [field(24), field(20), field(42)];
  const [method, crc] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
  return { entry: { name, size, compressed, method, crc, at: header, nameBytes }, end };
}

/** The 64-bit numbers of an entry's ZIP64 extra field, which is tagged 1. */
export function wideFields(view: DataView, begin: number, end: number): number[] {
  for (let at = begin; at + 4 <= end; ) {
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > end) break;
    if (view.getUint16(at, true) === 1) return Array.from({ length: Math.min(3, length >> 3) }, (_, i) => uint64(view, at + 4 + 8 * i));
    at += 4 + length;
  }
  return [];
}

/** Text in UTF-8; in an older code page, of which only ASCII matters here, a character a byte. */
export function nameOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Beyond 2^53 it is inexact, and beyond any file. */
const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
/** A name in a message. */
export const show = (name: string): string => name.slice(0, 80);
export const who = 'zip';
export const damaged = (message: string): WeightsError => new WeightsError(`${who}: ${message}`);

import { WeightsError } from '../errors.js';
import { inflate } from './inflate.js';
import { bytesSource, readRange, type Source, sliceSource } from './source.js';

/**
 * The directory of a ZIP archive, and its entries by ranges (PKWARE's APPNOTE, §4.3 and §4.4), ZIP64 included. PyTorch stores its entries
 * uncompressed, so that an entry is a range of the file.
 */

export interface ZipEntry {
  readonly name: string;
  /** Bytes once inflated. */
  readonly size: number;
  readonly compressed: number;
  readonly method: number;
  /** Where its local header begins. */
  readonly at: number;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };
const lengths = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 };
const methods = { stored: 0, deflated: 8 };

/** Where 32 and 16 bits were too few, the number stands elsewhere. */
const in64 = 0xffffffff;
const in64Count = 0xffff;

export const isZip = (start: Uint8Array): boolean => start.length >= 4 && viewOf(start).getUint32(0, true) === signatures.local;

/** The entries, in the directory's order. @throws WeightsError for a damaged archive, one in several parts, and encrypted entries. */
export async function zipEntries(source: Source): Promise<readonly ZipEntry[]> {
  const { begin, bytes, count } = await findDirectory(source);
  if (count * lengths.central > bytes) throw damaged(`expected a directory of ${count} entries, found ${bytes} bytes`);
  const directory = viewOf(await readRange(source, begin, bytes));
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, end } = readEntry(directory, at);
    if (names.has(entry.name)) throw damaged(`expected each entry once, found ${entry.name} twice`);
    names.add(entry.name);
    entries.push(entry);
    at = end;
  }
  return entries;
}

/** An entry's bytes: a range of the archive if it is stored, else inflated. @throws WeightsError if it is damaged, or of another method. */
export async function zipEntrySource(source: Source, { name, size, compressed, method, at }: ZipEntry): Promise<Source> {
  const header = viewOf(await readRange(source, at, lengths.local));
  if (header.getUint32(0, true) !== signatures.local) throw damaged(`entry ${name}: expected its header at byte ${at}`);
  const data = sliceSource(source, at + lengths.local + header.getUint16(26, true) + header.getUint16(28, true), compressed);
  if (method === methods.stored) {
    if (size !== compressed) throw damaged(`entry ${name}: expected ${size} bytes, found ${compressed}`);
    return data;
  }
  if (method !== methods.deflated) throw damaged(`entry ${name}: expected it stored or deflated, found method ${method}`);
  if (size > maxInflated(source))
    throw damaged(`entry ${name}: expected at most twice the archive's bytes once inflated, found ${size}; unpack it first`);
  return bytesSource(await inflate(data, size, `entry ${name}`));
}

/** What an entry may inflate to: floats hardly compress, and a deflated byte may stand for a thousand. */
const maxInflated = ({ size }: Source): number => Math.max(2 * size, 2 ** 20);

/** The record at the end says where the directory lies; a comment of up to 65,535 bytes may follow it. */
async function findDirectory(source: Source): Promise<{ readonly begin: number; readonly bytes: number; readonly count: number }> {
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

async function findDirectory64(source: Source, endAt: number) {
  if (endAt < lengths.locator64) throw damaged('expected a ZIP64 locator');
  const locator = viewOf(await readRange(source, endAt - lengths.locator64, lengths.locator64));
  if (locator.getUint32(0, true) !== signatures.locator64) throw damaged('expected a ZIP64 locator');
  const record = viewOf(await readRange(source, uint64(locator, 8), lengths.end64));
  if (record.getUint32(0, true) !== signatures.end64) throw damaged('expected a ZIP64 record');
  return { count: uint64(record, 32), bytes: uint64(record, 40), begin: uint64(record, 48) };
}

function readEntry(view: DataView, at: number): { readonly entry: ZipEntry; readonly end: number } {
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
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + nameAt, nameLength));
  if ((flags & 1) !== 0) throw damaged(`entry ${name} is encrypted`);

  const wide = wideFields(view, extraAt, extraAt + extraLength);
  const field = (offset: number): number => {
    const value = view.getUint32(at + offset, true);
    if (value !== in64) return value;
    const found = wide.shift();
    if (found === undefined) throw damaged(`entry ${name}: expected its sizes in a ZIP64 field`);
    return found;
  };
  // the wide field holds those that did not fit, in this order
  const [size, compressed, header] = [field(24), field(20), field(42)];
  return { entry: { name, size, compressed, method: view.getUint16(at + 10, true), at: header }, end };
}

/** The 64-bit numbers of an entry's ZIP64 extra field, which is tagged 1. */
function wideFields(view: DataView, begin: number, end: number): number[] {
  for (let at = begin; at + 4 <= end; ) {
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > end) break;
    if (view.getUint16(at, true) === 1) return Array.from({ length: Math.min(3, length >> 3) }, (_, i) => uint64(view, at + 4 + 8 * i));
    at += 4 + length;
  }
  return [];
}

/** Beyond 2^53 it is inexact, and beyond any file. */
const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
const damaged = (message: string): WeightsError => new WeightsError(`zip: ${message}`);

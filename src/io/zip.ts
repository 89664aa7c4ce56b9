import { Budget, heap } from './budget.js';
import { crc32 } from './crc32.js';
import { inflate } from './inflate.js';
import { bytesSource, readRange, type Source, sliceSource } from './source.js';
import {
  damaged,
  findDirectory,
  flagBits,
  in64,
  type Listed,
  lengths,
  nameOf,
  readEntry,
  show,
  signatures,
  viewOf,
  who,
  wideFields,
} from './zipDirectory.js';

/** A ZIP archive's entries, by ranges. PyTorch stores its entries uncompressed, so that an entry is a range of the file. */

export interface ZipEntry {
  readonly name: string;
  /** Bytes once inflated. */
  readonly size: number;
  /**
   * Its bytes: a range of the archive if it is stored, else inflated, once for all who ask. Their CRC-32 is checked where all of them pass by: if the
   * entry is deflated, or read in one piece, as tensors with a storage of their own are.
   *
   * @throws WeightsError if it is damaged, says otherwise in its header than in the directory, is of another method, or inflates to out of proportion.
   */
  open(): Promise<Source>;
}

const methods = { stored: 0, deflated: 8 };

export const isZip = (start: Uint8Array): boolean => start.length >= 4 && viewOf(start).getUint32(0, true) === signatures.local;

/** The entries, in the directory's order. @throws WeightsError for a damaged archive, one in several parts, encrypted entries and such that overlap. */
export async function zipEntries(source: Source): Promise<readonly ZipEntry[]> {
  const { begin, bytes, count } = await findDirectory(source);
  if (count * lengths.central > bytes) throw damaged(`expected a directory of ${count} entries, found ${bytes} bytes`);
  const directory = viewOf(await readRange(source, begin, bytes));
  if (bytes >= 4 && directory.getUint32(0, true) !== signatures.central)
    throw damaged(
      `expected the directory at byte ${begin}, found none: the file is damaged, or several archives one after another, as a .distcp is, of which torch.distributed.checkpoint.format_utils.dcp_to_torch_save makes one file`,
    );
  const budget = new Budget(source.size);
  const listed: Listed[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, end } = readEntry(directory, at);
    if (names.has(entry.name)) throw damaged(`expected each entry once, found ${show(entry.name)} twice`);
    names.add(entry.name);
    listed.push(entry);
    budget.spend(heap.dict + heap.object + heap.entry + heap.text(entry.name.length), who);
    at = end;
  }
  if (at !== bytes) throw damaged(`expected a directory of ${at} bytes for its ${count} entries, found ${bytes}`);
  const ends = endsOf(listed, begin);
  return listed.map((entry) => {
    let content: Promise<Source> | undefined;
    const open = (): Promise<Source> => {
      content ??= openEntry(source, entry, ends.get(entry) as number, budget);
      return content;
    };
    return { name: entry.name, size: entry.size, open };
  });
}

/** How far each entry may reach: to the next, and the last to the directory. @throws WeightsError if one surely reaches further. */
function endsOf(listed: readonly Listed[], directory: number): ReadonlyMap<Listed, number> {
  const inPlace = [...listed].sort((a, b) => a.at - b.at);
  const ends = new Map<Listed, number>();
  for (const [i, entry] of inPlace.entries()) {
    const end = inPlace[i + 1]?.at ?? directory;
    if (entry.at + lengths.local + entry.nameBytes.length + entry.compressed > end)
      throw damaged(`entry ${show(entry.name)}: expected it to end by byte ${end}, where another begins or the directory`);
    ends.set(entry, end);
  }
  return ends;
}

async function openEntry(source: Source, entry: Listed, end: number, budget: Budget): Promise<Source> {
  const { size, compressed, method, crc } = entry;
  const who = `entry ${show(entry.name)}`;
  const begin = await localEnd(source, entry, who);
  if (begin + compressed > end) throw damaged(`${who}: expected ${compressed} bytes before byte ${end}, found ${end - begin}`);
  const data = sliceSource(source, begin, compressed);
  const check = (bytes: Uint8Array): void => {
    const found = crc === 0 ? 0 : crc32(bytes);
    if (found !== crc)
      throw damaged(`${who}: expected bytes of CRC-32 ${crc.toString(16)}, found ${found.toString(16)}; the file is damaged`);
  };
  if (method === methods.stored) {
    if (size !== compressed) throw damaged(`${who}: expected ${size} bytes, found ${compressed}`);
    return checkedWhole(data, check);
  }
  if (method !== methods.deflated) throw damaged(`${who}: expected it stored or deflated, found method ${method}`);
  if (size > maxInflated(source))
    throw damaged(`${who}: expected at most four times the archive's bytes once inflated, found ${size}; unpack it first`);
  budget.spend(size, `zip: ${who}`);
  const bytes = await inflate(data, size, who);
  check(bytes);
  return bytesSource(bytes);
}

/** Where an entry's header ends and its data begin. @throws WeightsError if the header is another entry's than the directory says. */
async function localEnd(source: Source, { size, compressed, method, crc, at, nameBytes }: Listed, who: string): Promise<number> {
  const nameAt = at + lengths.local;
  const header = await readRange(source, at, lengths.local + nameBytes.length);
  const fixed = viewOf(header);
  if (fixed.getUint32(0, true) !== signatures.local) throw damaged(`${who}: expected its header at byte ${at}`);
  const [nameLength, extraLength] = [fixed.getUint16(26, true), fixed.getUint16(28, true)];
  const name = header.subarray(lengths.local);
  if (nameLength !== nameBytes.length || !nameBytes.every((byte, i) => name[i] === byte))
    throw damaged(`${who}: expected its name in its header at byte ${at}, found ${show(nameOf(name))}`);
  // a writer that streams knows these only afterwards, and leaves them 0
  const streamed = (fixed.getUint16(6, true) & flagBits.streamed) !== 0;
  const agrees = (found: number, expected: number): boolean => found === expected || (streamed && (found === 0 || found === in64));
  let [compressedThere, sizeThere] = [fixed.getUint32(18, true), fixed.getUint32(22, true)];
  if (compressedThere === in64 || sizeThere === in64) {
    const extra = viewOf(await readRange(source, nameAt + nameLength, extraLength));
    [sizeThere = sizeThere, compressedThere = compressedThere] = wideFields(extra, 0, extraLength);
  }
  if (
    fixed.getUint16(8, true) !== method ||
    !agrees(fixed.getUint32(14, true), crc) ||
    !agrees(compressedThere, compressed) ||
    !agrees(sizeThere, size)
  )
    throw damaged(`${who}: expected in its header at byte ${at} the method, sizes and CRC-32 that the directory has, found others`);
  return nameAt + nameLength + extraLength;
}

/** A source whose bytes are checked when they are first read as a whole. */
function checkedWhole(source: Source, check: (bytes: Uint8Array) => void): Source {
  let checked = false;
  return {
    size: source.size,
    read: async (begin, length) => {
      const bytes = await source.read(begin, length);
      if (!checked && begin === 0 && bytes.length === source.size) {
        check(bytes);
        checked = true;
      }
      return bytes;
    },
  };
}

/** What an entry may inflate to: floats hardly compress, those that were bfloat16 to half, and a deflated byte may stand for a thousand. */
const maxInflated = ({ size }: Source): number => Math.max(4 * size, 2 ** 20);

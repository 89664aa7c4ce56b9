import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { bytesSource, readRange } from '../../src/io/source.js';
import { type ZipEntry, zipEntries } from '../../src/io/zip.js';
import { seeded } from '../support/arbitraries.js';
import { bytesOf, concatBytes, text, u16, u32 } from '../support/files/bytes.js';
import { type ZipItem, zip } from '../support/files/zip.js';

const items: readonly ZipItem[] = [
  { name: 'a/stored', bytes: () => text('0123456789') },
  { name: 'b', bytes: () => new Uint8Array(0) },
  { name: 'größe', bytes: () => text('deflated '.repeat(1000)), deflated: true },
];

async function contents(file: Uint8Array): Promise<[string, string][]> {
  const source = bytesSource(file);
  const read = async (entry: ZipEntry): Promise<[string, string]> => {
    const data = await entry.open();
    return [entry.name, new TextDecoder().decode(await readRange(data, 0, data.size))];
  };
  return Promise.all((await zipEntries(source)).map(read));
}

const expected = items.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes())]);

describe('zip', () => {
  test.each([
    ['as usual', {}],
    ['in 64 bits', { zip64: true }],
    ['as PyTorch writes them, sizes after the data', { streamed: true }],
    ['with a comment that holds a false end', { comment: `PK\u0005\u0006${' '.repeat(40)}` }],
  ])('%s: names and contents, stored and deflated', async (_, options) => {
    expect(await contents(concatBytes(zip(items, options)))).toEqual(expected);
  });

  test('a stored entry is a view of the archive, not a copy', async () => {
    const file = concatBytes(zip(items));
    const source = bytesSource(file);
    const [entry] = await zipEntries(source);
    const data = await (await (entry as ZipEntry).open()).read(2, 3);
    expect([new TextDecoder().decode(data), data.buffer]).toEqual(['234', file.buffer]);
  });

  const plain = concatBytes(zip(items));
  const at = (file: Uint8Array, signature: number, place: number): number => Buffer.from(file).lastIndexOf(u32(signature)) + place;
  /** The bytes at a place of the last entry's record in the directory, of its header, or of the end. */
  const records = { central: 0x02014b50, local: 0x04034b50, end: 0x06054b50 };
  type Change = readonly [record: keyof typeof records, place: number, bytes: Uint8Array];
  const patched = (...changes: readonly Change[]): Uint8Array => {
    const file = plain.slice();
    for (const [record, place, bytes] of changes) file.set(bytes, at(file, records[record], place));
    return file;
  };
  const size = (bytes: number) => patched(['central', 24, u32(bytes)], ['local', 22, u32(bytes)]);
  const flipped = (place: number) => plain.map((byte, i) => (i === place ? byte ^ 4 : byte));
  const inDirectoryTwice = (): Uint8Array => {
    const [first, ...others] = items as [ZipItem, ...ZipItem[]];
    const file = concatBytes(zip([first, { ...first, name: 'A/stored' }, ...others]));
    file.set(u32(0), Buffer.from(file).indexOf(u32(records.central), Buffer.from(file).indexOf(u32(records.central)) + 4) + 42);
    return file;
  };

  test.each([
    ['nothing', new Uint8Array(0), /expected the directory's record at the end/],
    ['cut', plain.subarray(0, plain.length - 1), /truncated or no ZIP archive/],
    ['a directory beyond the file', patched(['end', 16, u32(plain.length)]), /expected bytes \d+ to \d+, found a file/],
    ['more entries than there are', patched(['end', 10, u16(4)]), /directory/],
    ['fewer entries than there are', patched(['end', 10, u16(2)]), /a directory of \d+ bytes for its 2 entries, found \d+/],
    ['thousands of entries', patched(['end', 10, u16(5000)]), /a directory of 5000 entries, found \d+ bytes/],
    ['an encrypted entry', patched(['central', 8, u16(0x801)]), /entry größe is encrypted/],
    ['an unknown method', patched(['central', 10, u16(12)], ['local', 8, u16(12)]), /stored or deflated, found method 12/],
    ['an entry that inflates to a million', size(2 ** 31), /four times the archive's bytes once inflated/],
    ['an entry that inflates to less', size(9999), /expected 9999 bytes, found 9000/],
    ['an entry that inflates to more', size(8999), /expected 8999 bytes, found more/],
    ['an entry without its header', patched(['central', 42, u32(86)]), /entry größe: expected its header at byte 86/],
    ['64 bits without them', patched(['central', 24, u32(0xffffffff)]), /expected its sizes in a ZIP64 field/],
    ['a name twice', concatBytes(zip([...items, items[1] as ZipItem])), /expected each entry once, found b twice/],
    ['a flipped bit of stored bytes', flipped(45), /entry a\/stored: expected bytes of CRC-32 a684c7c6, found \w+; the file is damaged/],
    [
      'a flipped bit of the CRC-32',
      patched(['central', 16, u32(1)], ['local', 14, u32(1)]),
      /entry größe: expected bytes of CRC-32 1, found/,
    ],
    [
      'another CRC-32 in the header',
      patched(['local', 14, u32(1)]),
      /entry größe: .* sizes and CRC-32 that the directory has, found others/,
    ],
    ['another size in the header', patched(['local', 22, u32(1)]), /entry größe: .* that the directory has, found others/],
    ['another method in the header', patched(['local', 8, u16(0)]), /entry größe: .* that the directory has, found others/],
    [
      'another name in the header',
      patched(['local', 30, text('G')]),
      /entry größe: expected its name in its header at byte 85, found Größe/,
    ],
    ['two entries in one place', inDirectoryTwice(), /expected it to end by byte 0, where another begins or the directory/],
    ['an entry within another', patched(['central', 20, u32(9999)]), /entry größe: expected it to end by byte \d+, where another begins/],
  ])('%s is a WeightsError that says so', async (_, file, message) => {
    const error = await contents(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(message);
  });

  test('a CRC-32 of 0 is none: PyTorch can be told to leave it out', async () => {
    const file = concatBytes(zip(items.map((item) => ({ ...item, crc: 0 }))));
    expect(await contents(file)).toEqual(expected);
  });

  test('part of a stored entry is read without the rest, and so without a check', async () => {
    const [entry] = await zipEntries(bytesSource(flipped(45)));
    const data = await (entry as ZipEntry).open();
    expect(new TextDecoder().decode(await data.read(0, 3))).toBe('012');
    await expect(data.read(0, 10)).rejects.toThrow(WeightsError);
  });

  test('a deflated entry is inflated once, however many ask', async () => {
    const file = bytesSource(plain);
    let reads = 0;
    const read = (begin: number, length: number) => {
      reads++;
      return file.read(begin, length);
    };
    const counted = { size: file.size, read };
    const entry = (await zipEntries(counted)).at(-1) as ZipEntry;
    const first = await entry.open();
    const before = reads;
    for (let i = 0; i < 100; i++) expect(await entry.open()).toBe(first);
    expect(reads).toBe(before);
  });

  test('entries that inflate to more than four times the archive, together, are refused', async () => {
    const half = () => new Uint8Array(2 ** 19);
    const file = concatBytes(zip(Array.from({ length: 3 }, (_, i) => ({ name: `${i}`, bytes: half, deflated: true }))));
    await expect(contents(file)).rejects.toThrow(/zip: entry 1: expected a file whose objects take at most 1048576 bytes of memory/);
  });

  test('floats that were bfloat16 deflate to less than half, and are inflated', async () => {
    const values = seeded([2 ** 19], 1).data as Float32Array;
    const rounded = bytesOf(values).map((byte, i) => (i % 4 < 2 ? 0 : byte));
    const file = concatBytes(zip([{ name: 'a', bytes: () => rounded, deflated: true }]));
    expect(rounded.length / file.length).toBeGreaterThan(2);
    const [entry] = await zipEntries(bytesSource(file));
    expect((await (entry as ZipEntry).open()).size).toBe(rounded.length);
  });

  test('archives one after another are told from damage', async () => {
    const several = concatBytes([concatBytes(zip(items.slice(0, 1))), plain]);
    await expect(zipEntries(bytesSource(several))).rejects.toThrow(
      /several archives one after another, as a \.distcp is, of which .*dcp_to_torch_save/,
    );
  });

  test('names in an old code page are told apart', async () => {
    const file = concatBytes(zip([...items, { name: '\u0101', bytes: () => text('') }, { name: '\u0201', bytes: () => text('') }]));
    const old = Buffer.from(file.map((byte) => (byte === 0xc4 || byte === 0xc8 ? byte + 0x20 : byte))); // bytes that begin no text in UTF-8
    expect((await zipEntries(bytesSource(old))).map(({ name }) => name).slice(3)).toEqual(['\u00e4\u0081', '\u00e8\u0081']);
  });
});

import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { bytesSource, readRange } from '../../src/io/source.js';
import { type ZipEntry, zipEntries, zipEntrySource } from '../../src/io/zip.js';
import { concatBytes, text, u16, u32 } from '../support/files/bytes.js';
import { type ZipItem, zip } from '../support/files/zip.js';

const items: readonly ZipItem[] = [
  { name: 'a/stored', bytes: () => text('0123456789') },
  { name: 'b', bytes: () => new Uint8Array(0) },
  { name: 'größe', bytes: () => text('deflated '.repeat(1000)), deflated: true },
];

async function contents(file: Uint8Array): Promise<[string, string][]> {
  const source = bytesSource(file);
  const read = async (entry: ZipEntry): Promise<[string, string]> => {
    const data = await zipEntrySource(source, entry);
    return [entry.name, new TextDecoder().decode(await readRange(data, 0, data.size))];
  };
  return Promise.all((await zipEntries(source)).map(read));
}

const expected = items.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes())]);

describe('zip', () => {
  test.each([
    ['as usual', {}],
    ['in 64 bits', { zip64: true }],
    ['with a comment that holds a false end', { comment: `PK\u0005\u0006${' '.repeat(40)}` }],
  ])('%s: names and contents, stored and deflated', async (_, options) => {
    expect(await contents(concatBytes(zip(items, options)))).toEqual(expected);
  });

  test('a stored entry is a view of the archive, not a copy', async () => {
    const file = concatBytes(zip(items));
    const source = bytesSource(file);
    const [entry] = await zipEntries(source);
    const data = await (await zipEntrySource(source, entry as ZipEntry)).read(2, 3);
    expect([new TextDecoder().decode(data), data.buffer]).toEqual(['234', file.buffer]);
  });

  const plain = concatBytes(zip(items));
  const patched = (pattern: Uint8Array, change: (file: Uint8Array, at: number) => void): Uint8Array => {
    const file = plain.slice();
    change(file, Buffer.from(file).lastIndexOf(pattern));
    return file;
  };
  const central = u32(0x02014b50);
  const end = u32(0x06054b50);

  test.each([
    ['nothing', new Uint8Array(0), /expected the directory's record at the end/],
    ['cut', plain.subarray(0, plain.length - 1), /truncated or no ZIP archive/],
    [
      'a directory beyond the file',
      patched(end, (file, at) => file.set(u32(plain.length), at + 16)),
      /expected bytes \d+ to \d+, found a file/,
    ],
    ['more entries than there are', patched(end, (file, at) => file.set(u16(4), at + 10)), /directory/],
    ['thousands of entries', patched(end, (file, at) => file.set(u16(5000), at + 10)), /a directory of 5000 entries, found \d+ bytes/],
    ['an encrypted entry', patched(central, (file, at) => file.set(u16(0x801), at + 8)), /entry größe is encrypted/],
    ['an unknown method', patched(central, (file, at) => file.set(u16(12), at + 10)), /stored or deflated, found method 12/],
    [
      'an entry that inflates to a million',
      patched(central, (file, at) => file.set(u32(2 ** 31), at + 24)),
      /twice the archive's bytes once inflated/,
    ],
    ['an entry that inflates to less', patched(central, (file, at) => file.set(u32(9999), at + 24)), /expected 9999 bytes, found 9000/],
    ['an entry that inflates to more', patched(central, (file, at) => file.set(u32(8999), at + 24)), /expected 8999 bytes, found more/],
    [
      'an entry without its header',
      patched(central, (file, at) => file.set(u32(1), at + 42)),
      /entry größe: expected its header at byte 1/,
    ],
    ['64 bits without them', patched(central, (file, at) => file.set(u32(0xffffffff), at + 24)), /expected its sizes in a ZIP64 field/],
    ['a name twice', concatBytes(zip([...items, items[1] as ZipItem])), /expected each entry once, found b twice/],
  ])('%s is a WeightsError that says so', async (_, file, message) => {
    const error = await contents(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(message);
  });
});

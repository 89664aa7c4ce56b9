import { crc32, deflateRawSync } from 'node:zlib';
import { concatBytes, text, u16, u32, u64 } from './bytes.js';

export interface ZipItem {
  readonly name: string;
  readonly bytes: () => Uint8Array;
  /** @defaultValue false */
  readonly deflated?: boolean;
  /** Stands in place of the CRC-32. */
  readonly crc?: number;
}

export interface ZipOptions {
  /** Sizes and places in 64 bits, as in files of 4 GiB and more. @defaultValue false */
  readonly zip64?: boolean;
  readonly comment?: string;
  /** Sizes and CRC-32 follow the data, as PyTorch writes them. @defaultValue false */
  readonly streamed?: boolean;
}

const none = 0xffffffff;

/** The parts of a ZIP archive, in order. */
export function* zip(items: readonly ZipItem[], { zip64 = false, comment = '', streamed = false }: ZipOptions = {}): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes, deflated = false, crc } of items) {
    const content = bytes();
    const data = deflated ? deflateRawSync(content) : content;
    const start = [u16(zip64 ? 45 : 20), u16(streamed ? 0x0808 : 0x0800), u16(deflated ? 8 : 0), u32(0)];
    const sum = u32(crc ?? crc32(content));
    const common = [...start, sum];
    const sizes = [u32(data.length), u32(content.length), u16(text(name).length)];
    const wide = concatBytes([u16(1), u16(24), u64(content.length), u64(data.length), u64(at)]);
    directory.push(
      concatBytes([
        ...[u32(0x02014b50), u16(45), ...common, ...(zip64 ? [u32(none), u32(none), sizes[2] as Uint8Array] : sizes)],
        ...[u16(zip64 ? wide.length : 0), u16(0), u16(0), u16(0), u32(0), u32(zip64 ? none : at), text(name), ...(zip64 ? [wide] : [])],
      ]),
    );
    const known = streamed ? [...start, u32(0), u32(0), u32(0), sizes[2] as Uint8Array] : [...common, ...sizes];
    const header = concatBytes([u32(0x04034b50), ...known, u16(3), text(name), u16(0xffff).slice(0, 1), u16(0)]);
    const descriptor = streamed ? concatBytes([u32(0x08074b50), sum, ...sizes.slice(0, 2)]) : new Uint8Array(0);
    yield header;
    yield data;
    yield descriptor;
    at += header.length + data.length + descriptor.length;
  }
  const central = concatBytes(directory);
  yield central;
  if (zip64) {
    yield concatBytes([
      ...[u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0), u64(items.length), u64(items.length), u64(central.length), u64(at)],
      ...[u32(0x07064b50), u32(0), u64(at + central.length), u32(1)],
    ]);
  }
  const counts = zip64
    ? [u16(0xffff), u16(0xffff), u32(none), u32(none)]
    : [u16(items.length), u16(items.length), u32(central.length), u32(at)];
  yield concatBytes([u32(0x06054b50), u16(0), u16(0), ...counts, u16(text(comment).length), text(comment)]);
}

import { concatBytes, text, u16, u32 } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import { mutated } from './mutate.js';

/** What cameras and editors write of a picture beside its pixels: EXIF (TIFF 6.0) and XMP. */

const swapped = (bytes: Uint8Array): Uint8Array => bytes.slice().reverse();

/** A directory of entries, the orientation's among them, perhaps twice, of any type and place. */
export function tiff(draw: Draw): Uint8Array {
  const big = draw.once(2);
  const two = (value: number): Uint8Array => (big ? swapped(u16(value)) : u16(value));
  const four = (value: number): Uint8Array => (big ? swapped(u32(value)) : u32(value));
  const tag = (): number => draw.pick([0x112, 0x112, 0x112, 0x8769, 0x8825, 0x10f, 0, 0xffff]);
  const value = (): Uint8Array =>
    draw.once(3) ? draw.bytes(4) : concatBytes([two(draw.pick([1, 6, 8, 0, 9, 0xffff])), two(draw.pick([0, 6]))]);
  const entries = draw.several(5, () =>
    concatBytes([two(tag()), two(draw.pick([3, 3, 4, 1, 2, 9, 12, 0, 13])), four(draw.pick([1, 1, 0, 2, 2 ** 31])), value()]),
  );
  const count = draw.once(6) ? draw.pick([0, 0xffff, entries.length + 1]) : entries.length;
  const block = concatBytes([
    ...[text(big ? 'MM' : 'II'), two(draw.once(12) ? 43 : 42), four(draw.once(6) ? draw.pick([0, 4, 7, 9, 2 ** 31, 0xffffffff]) : 8)],
    ...[two(count), ...entries, four(draw.pick([0, 8, 0xffffffff]))],
  ]);
  return draw.once(4) ? mutated(block, draw) : block;
}

const orientations = ['1', '6', '8', '0', '9', '-1', ' 6 ', '6.0', '', '99999999999999999999', 'NaN', '\0', '６'];

/** A packet in which the orientation is an attribute or an element. */
export function xmp(draw: Draw): Uint8Array {
  const value = draw.pick(orientations);
  const said = draw.several(2, () =>
    draw.once(2)
      ? ` tiff:Orientation="${value}"`
      : draw.pick([` tiff:Orientation='${value}'`, ' tiff:Orientation=', ' tiff:Orientation="6']),
  );
  const element = draw.pick(['', `<tiff:Orientation>${value}</tiff:Orientation>`, '<tiff:Orientation>', '<a>'.repeat(draw.length(500))]);
  const packet = text(
    `<?xpacket begin="\uFEFF"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description${said.join('')}>${element}</rdf:Description></rdf:RDF></x:xmpmeta>`,
  );
  return draw.once(6) ? mutated(packet, draw) : packet;
}

/** ImageMagick's way to keep EXIF in a PNG's text: lines of hexadecimal digits. */
export function rawProfile(draw: Draw): Uint8Array {
  const block = concatBytes([text('Exif\0\0'), tiff(draw)]);
  const digits = Buffer.from(block)
    .toString('hex')
    .replaceAll(/(.{72})/g, '$1\n');
  const length = draw.once(5) ? draw.pick([0, -1, 2 ** 31]) : block.length;
  return text(`\nexif\n${String(length).padStart(8)}\n${digits}\n`);
}

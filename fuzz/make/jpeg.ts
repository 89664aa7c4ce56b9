import { concatBytes, text, u8 } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import type { Extent } from '../reader.js';
import { tiff } from './exif.js';
import { mutated } from './mutate.js';

/** JPEG files whose segments are not quite those of a writer. */

const be16 = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 255, value & 255);

interface Segment {
  readonly marker: number;
  readonly content: Uint8Array;
  /** Entropy-coded data that follow. */
  readonly scan: Uint8Array;
}

/** The segments between SOI and EOI. */
export function segmentsOf(file: Uint8Array): readonly Segment[] {
  const segments: Segment[] = [];
  for (let at = 2; at + 4 <= file.length && file[at] === 0xff && file[at + 1] !== 0xd9; ) {
    const marker = file[at + 1] as number;
    const end = at + 2 + (file[at + 2] as number) * 256 + (file[at + 3] as number);
    let next = end;
    if (marker === 0xda) while (next < file.length && !(file[next] === 0xff && isMarker(file[next + 1]))) next++;
    segments.push({ marker, content: file.subarray(at + 4, end), scan: file.subarray(end, next) });
    at = next;
  }
  return segments;
}

/** Neither a stuffed zero nor a restart. */
const isMarker = (byte = 0xd9): boolean => byte !== 0 && !(byte >= 0xd0 && byte <= 0xd7);

const write = ({ marker, content, scan }: Segment, length = content.length + 2): Uint8Array =>
  concatBytes([u8(0xff), u8(marker), be16(length), content, scan]);

const plain = (marker: number, ...content: readonly Uint8Array[]): Segment => ({
  marker,
  content: concatBytes(content),
  scan: new Uint8Array(0),
});

const extras: readonly ((draw: Draw) => Segment)[] = [
  (draw) => plain(0xe0, text('JFIF\0'), u8(draw.pick([0, 1, 2, 255])), u8(draw.whole(0, 3)), draw.bytes(draw.pick([7, 0, 5]))),
  (draw) => plain(0xe1, text('Exif\0\0'), tiff(draw)),
  (draw) => plain(0xe2, text('ICC_PROFILE\0'), draw.bytes(draw.whole(0, 40))),
  (draw) => plain(0xee, text('Adobe'), draw.bytes(6), u8(draw.whole(0, 3))),
  (draw) => plain(0xdd, be16(draw.pick([0, 1, 2, 7, 65535]))), // DRI
  (draw) => plain(0xfe, draw.bytes(draw.whole(0, 20))),
  (draw) => plain(draw.pick([0xc4, 0xdb, 0xcc, 0xdc, 0xc8, 0xf0, 0xd8, 0x01, 0xdf]), draw.bytes(draw.whole(0, 40))),
];

/** Changes one segment's content: a frame's extents and sampling, a scan's components, a table. */
function changed(segment: Segment, draw: Draw): Segment {
  const content = segment.content.slice();
  if (content.length === 0) return segment;
  content[draw.whole(0, Math.min(content.length - 1, draw.once(2) ? 19 : 400))] = draw.pick([
    0, 1, 2, 3, 4, 8, 0x11, 0x12, 0x21, 0x22, 0x41, 0x14, 63, 255,
  ]);
  return { ...segment, content: draw.once(8) ? content.subarray(0, draw.whole(0, content.length)) : content };
}

export function jpeg(good: Uint8Array, draw: Draw): Uint8Array {
  const segments = [...segmentsOf(good)];
  for (let i = draw.whole(0, 3); i > 0 && segments.length > 0; i--) {
    const at = draw.whole(0, segments.length - 1);
    const kind = draw.whole(0, 7);
    const segment = segments[at] as Segment;
    if (kind === 0) segments.splice(at, 1);
    else if (kind === 1) segments.splice(at, 0, segments[draw.whole(0, segments.length - 1)] as Segment);
    else if (kind <= 3) segments.splice(at, 0, draw.pick(extras)(draw));
    else if (kind <= 5) segments[at] = changed(segment, draw);
    else if (kind === 6) segments[at] = { ...segment, marker: draw.pick([0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xca, 0xda, 0xdb, 0xe0]) };
    else segments[at] = { ...segment, scan: mutated(segment.scan, draw) };
  }
  const between = (): Uint8Array =>
    draw.once(30)
      ? draw.pick([new Uint8Array(draw.length(100)), u8(0xff), draw.bytes(draw.whole(1, 6)), Uint8Array.of(0xff, 0xd9)])
      : new Uint8Array(0);
  const parts = segments.map((segment) =>
    concatBytes([between(), draw.once(40) ? write(segment, draw.pick([0, 1, 2, 65535])) : write(segment)]),
  );
  return concatBytes([Uint8Array.of(0xff, 0xd8), ...parts, ...(draw.once(6) ? [] : [Uint8Array.of(0xff, 0xd9)])]);
}

/** Large ones, and ones that claim to be. */
export function bulkJpeg(good: Uint8Array, size: number, draw: Draw): Uint8Array {
  const segments = segmentsOf(good);
  const before = segments.filter(({ marker }) => marker !== 0xda);
  const scans = segments.filter(({ marker }) => marker === 0xda);
  const file = (...parts: readonly (readonly Segment[])[]): Uint8Array =>
    concatBytes([Uint8Array.of(0xff, 0xd8), ...parts.flat().map((part) => write(part)), Uint8Array.of(0xff, 0xd9)]);
  const many = (segment: Segment): Segment[] => Array(Math.ceil(size / (segment.content.length + segment.scan.length + 4))).fill(segment);
  const large = (height: number, width: number): readonly Segment[] =>
    before.map((segment) => {
      if (segment.marker < 0xc0 || segment.marker > 0xc2) return segment;
      const content = segment.content.slice();
      content.set([...be16(height), ...be16(width)], 1);
      return { ...segment, content };
    });
  return draw.pick([
    () => file(many(plain(0xfe)), before, scans),
    () => file(before, scans.flatMap(many)), // as many scans as fit
    () => file(many(plain(0xe1, text('Exif\0\0'), tiff(draw))), before, scans),
    () => file(large(64, Math.min(65000, size)), scans),
    () => file(large(Math.min(65000, size), 64), scans),
    () =>
      file(
        large(2048, 2048),
        scans.map((scan) => ({ ...scan, scan: new Uint8Array(size) })),
      ),
    () => concatBytes([Uint8Array.of(0xff, 0xd8), new Uint8Array(size).fill(0xff)]),
    () => concatBytes([Uint8Array.of(0xff, 0xd8), new Uint8Array(size), file(before, scans)]),
  ])();
}

/** What the first frame says; undefined for what is no JPEG. Its decoder has planes, and rows of RGB. */
export function jpegExtent(file: Uint8Array): Extent | undefined {
  if (file[0] !== 0xff) return undefined;
  const frame = file.findIndex((byte, i) => byte === 0xff && isFrame(file[i + 1]));
  if (frame < 0 || frame + 9 > file.length) return undefined;
  const view = new DataView(file.buffer, file.byteOffset + frame, 9);
  return { height: view.getUint16(5), width: view.getUint16(7), bitsPerPixel: 64, mostPerByte: 1024 };
}

const isFrame = (marker = 0): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

import { concat } from './concat.js';
import { app, comment, type Frame, type Markers, type Segment } from './jpegMarkers.js';

const ascii = (bytes: Uint8Array, length: number): string => String.fromCharCode(...bytes.subarray(0, length));

/** JFIF 1.01 without units, density or thumbnail. */
const jfif = [0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
const adobe = (transform: number): readonly number[] => [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform];

/**
 * The file with what its pixels need and nothing else, so that what libjpeg then warns of concerns them (it prints an image's first warning only).
 * Left out are the metadata and the bytes between segments; JFIF and Adobe segments, which tell of the colours, have a version and a transform
 * that libjpeg knows, those that it would assume; an end of image is put where it lacks.
 */
export function cleanJpeg({ segments }: Markers, { components }: Frame): Uint8Array<ArrayBuffer> {
  return concat([[0xff, 0xd8], ...segments.map((segment) => clean(segment, components.length)), [0xff, 0xd9]]);
}

function clean({ marker, bytes, contents }: Segment, components: number): ArrayLike<number> {
  if (marker === app(0) && contents.length >= 14 && ascii(contents, 5) === 'JFIF\0') return jfif;
  if (marker === app(14) && contents.length >= 12 && ascii(contents, 5) === 'Adobe')
    return adobe(contents[11] === 0 ? 0 : components === 4 ? 2 : 1);
  return (marker >= app(0) && marker <= app(15)) || marker === comment ? [] : bytes;
}

/** EXIF 2.32, tag 274: how a camera was held. */
const orientationTag = 0x0112;

type Read = (view: DataView, at: number, little: boolean) => number | undefined;

/** TIFF 6.0, §2: of each type its size in bytes, and the number that its first value is; bytes, text and what is undefined are none to PIL. */
const types: Readonly<Record<number, readonly [size: number, read: Read]>> = {
  1: [1, () => undefined],
  2: [1, () => undefined],
  3: [2, (view, at, little) => view.getUint16(at, little)],
  4: [4, (view, at, little) => view.getUint32(at, little)],
  5: [8, (view, at, little) => view.getUint32(at, little) / view.getUint32(at + 4, little)],
  6: [1, (view, at) => view.getInt8(at)],
  7: [1, () => undefined],
  8: [2, (view, at, little) => view.getInt16(at, little)],
  9: [4, (view, at, little) => view.getInt32(at, little)],
  10: [8, (view, at, little) => view.getInt32(at, little) / view.getInt32(at + 4, little)],
  11: [4, (view, at, little) => view.getFloat32(at, little)],
  12: [8, (view, at, little) => view.getFloat64(at, little)],
  13: [4, (view, at, little) => view.getUint32(at, little)],
  16: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};

/** Byte order and 42; PIL also takes the 42 in the other order. */
const headers: ReadonlyMap<string, boolean> = new Map([
  ['II*\0', true],
  ['II\0*', true],
  ['MM\0*', false],
  ['MM*\0', false],
]);

/**
 * What an EXIF block says of the orientation, as PIL reads it: a number of whatever type, NaN if it is none, undefined if nothing is said. Of several
 * entries the last counts; an entry whose data lie outside the block ends the directory.
 */
export function orientationInExif(block: Uint8Array): number | undefined {
  const tiff = withoutPrefixes(block);
  if (tiff.length < 8) return undefined;
  const little = headers.get(String.fromCharCode(...tiff.subarray(0, 4)));
  if (little === undefined) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  // the offset of the first directory, which is a count 2 and entries of tag 2, type 2, count 4, value or its offset 4
  const directory = view.getUint32(4, little);
  const entries = directory + 2 > tiff.length ? 0 : view.getUint16(directory, little);
  let found: number | undefined;
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.length; i++, at += 12) {
    const type = types[view.getUint16(at + 2, little)];
    const count = view.getUint32(at + 4, little);
    if (type === undefined || count === 0) continue;
    const [size, read] = type;
    const data = count * size > 4 ? view.getUint32(at + 8, little) : at + 8;
    if (data + count * size > tiff.length) break;
    if (view.getUint16(at, little) === orientationTag) found = read(view, data, little) ?? Number.NaN;
  }
  return found;
}

/** JPEG puts Exif 0 0 in front of the TIFF structure; some programs do so elsewhere too, or twice. */
function withoutPrefixes(block: Uint8Array): Uint8Array {
  let rest = block;
  while (isExif(rest)) rest = rest.subarray(6);
  return rest;
}

export const isExif = (block: Uint8Array): boolean => String.fromCharCode(...block.subarray(0, 6)) === 'Exif\0\0';

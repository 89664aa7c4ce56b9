import { basename, dirname, extname, resolve } from 'node:path';
import type { Detection } from '../../detector/detector.js';
import { InputError } from '../../errors.js';
import { jpegSignature } from '../../io/jpeg.js';
import { orientationOf } from '../../io/orientation.js';
import { pngSignature } from '../../io/png.js';
import type { Pixels } from '../../io/resize.js';
import { burn } from '../../report/detections/burn.js';
import { marksOf } from '../../report/detections/marks.js';
import { detectionsSvg } from '../../report/detections/svg.js';
import { statOf } from '../files.js';
import { writeWhole } from '../writeWhole.js';
import { pngOf, writePng } from './image.js';

/** In the name of a drawing it stands for its picture's. */
const placeholder = '{name}';

/**
 * The file that each picture is drawn to. `out` ends in .svg or .png; of several pictures it has `{name}` in it, a picture's file name without its ending.
 *
 * @throws InputError for another ending, a folder that is missing, pictures that would be drawn to one file, and a drawing in the place of a picture
 */
export async function drawingsOf(files: readonly string[], out: string): Promise<ReadonlyMap<string, string>> {
  if (!/\.(svg|png)$/i.test(out)) throw new InputError(`${out}: expected a drawing's name to end in .svg or .png`);
  if (files.length > 1 && !out.includes(placeholder))
    throw new InputError(`${out}: expected ${placeholder}, for the name of each picture, in the name of ${files.length} drawings`);
  const pictures = new Set(files.map((file) => resolve(file)));
  const drawnFrom = new Map<string, string>();
  const drawings = new Map<string, string>();
  for (const file of files) {
    const drawing = out.replaceAll(placeholder, () => basename(file, extname(file)));
    const other = drawnFrom.get(resolve(drawing));
    if (other !== undefined) throw new InputError(`${drawing}: ${other} and ${file} would both be drawn to it`);
    if (pictures.has(resolve(drawing))) throw new InputError(`${drawing}: is a picture: its drawing needs another name`);
    drawnFrom.set(resolve(drawing), file);
    drawings.set(file, drawing);
  }
  for (const folder of new Set([...drawings.values()].map(dirname)))
    if (!(await statOf(folder))?.isDirectory()) throw new InputError(`${folder}: is no folder, so no drawing can be written to it`);
  return drawings;
}

/** A picture, as its file has it and as its pixels were read. */
export interface DrawnOn {
  readonly bytes: Uint8Array;
  readonly pixels: Pixels;
  /** Whether the pixels may be those of a damaged file. */
  readonly tolerant: boolean;
}

/** Writes a picture with detections drawn over it, whole or not at all, as SVG or PNG by the file's ending. @throws InputError, naming the file, if it cannot be written */
export async function drawDetections(file: string, picture: DrawnOn, detections: readonly Detection[]): Promise<void> {
  const { pixels } = picture;
  const marks = marksOf(pixels, detections);
  if (/png$/i.test(file)) await writePng(file, burn(pixels, marks));
  else await writeWhole(file, detectionsSvg(pixels, await embedded(picture), marks));
}

/**
 * A picture as a `data:` address: the file as it is, unless programs that show it would differ from the pixels that were read, or from one another, in how they turn it or in what they
 * make of damage.
 */
async function embedded({ bytes, pixels, tolerant }: DrawnOn): Promise<string> {
  const plain = !tolerant && (await orientationOf(bytes)) === 1;
  return plain ? dataAddress(mimeOf(bytes), bytes) : dataAddress('image/png', pngOf(pixels));
}

const dataAddress = (type: string, bytes: Uint8Array): string =>
  `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`;

/** Of a picture that could be read. */
function mimeOf([first]: Uint8Array): string {
  if (first === jpegSignature[0]) return 'image/jpeg';
  return first === pngSignature[0] ? 'image/png' : 'image/webp';
}

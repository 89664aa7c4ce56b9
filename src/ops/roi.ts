import { InputError, ShapeError } from '../errors.js';
import { dims2, dims4, type Shape, type Tensor } from '../tensor.js';
import type { Pair } from './op.js';

/** A region of interest in one of several maps: corners in pixels of the image. */
export interface Roi {
  readonly map: number;
  readonly image: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Numbers of a row of rois: map, image, x1, y1, x2, y2. */
export const roiNumbers = 6;

/** Cells of the map between which corners lie: beyond them no region is meant, and counting its samples would take forever. */
export const farthest = 2 ** 20;

/** [R, C, P, Q] of regions in maps [N, C, ·, ·] of one N and C. @throws ShapeError if operands do not fit */
export function roiShape(op: string, inputs: readonly Shape[], output: Pair): Shape {
  const [first, ...others] = inputs.slice(0, -1);
  const rois = inputs.at(-1);
  if (first === undefined || rois === undefined) throw new ShapeError(`${op} takes maps and regions`, { operands: [inputs.length] });
  const [N, C] = dims4(first);
  for (const other of others)
    if (dims4(other)[0] !== N || dims4(other)[1] !== C)
      throw new ShapeError(`${op}: maps are of the same images and channels`, { first, other });
  const [R, numbers] = dims2(rois);
  if (numbers !== roiNumbers) throw new ShapeError(`${op}: a region is a row of ${roiNumbers} numbers`, { rois });
  if (!output.every((extent) => Number.isSafeInteger(extent) && extent >= 1))
    throw new ShapeError(`${op}: extents are whole numbers from 1`, { output });
  return [R, C, ...output];
}

/**
 * Region r of rois [R, 6]; undefined of a pad, whose map is −1.
 *
 * @throws InputError for a map or an image that does not exist, and for corners that are not finite or lie more than `farthest` cells away
 */
export function roiAt(op: string, rois: Tensor, r: number, scales: readonly number[], images: number): Roi | undefined {
  const [map, image, x1, y1, x2, y2] = rois.data.subarray(r * roiNumbers) as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (map === -1) return undefined;
  const wrong = (what: string): InputError => new InputError(`${op}: region ${r} ${what}`);
  const scale = scales[map];
  if (scale === undefined) throw wrong(`is of map ${map}; there are 0 to ${scales.length - 1}, and −1 of a pad`);
  if (!(Number.isInteger(image) && image >= 0 && image < images)) throw wrong(`is of image ${image}; there are 0 to ${images - 1}`);
  const corners = [x1, y1, x2, y2];
  if (!corners.every((corner) => Math.abs(corner) * scale <= farthest))
    throw wrong(`has corners [${corners.join(', ')}]; they are finite and at most ${farthest} cells of the map away`);
  return { map, image, x1, y1, x2, y2 };
}

import { mirror } from '../data/mirror.js';
import { InputError } from '../errors.js';
import { crop, cropOffset, type Extents, type Filter, type Pixels, type Rectangle, resize } from '../io/resize.js';

/** A view of a picture: a square of it, turned left to right where it is mirrored, and resized where its side is not the network's. In whole pixels. */
export interface View {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  readonly mirrored: boolean;
}

const mirrored = (view: View): View => ({ ...view, mirrored: !view.mirrored });

/** The view of the mirrored picture, as one of the picture as it lies. */
const ofMirrored = ({ left, side, ...view }: View, { width }: Extents): View => mirrored({ ...view, side, left: width - left - side });

const centre = ({ width, height }: Extents, side: number): View => ({
  left: cropOffset(width, side),
  top: cropOffset(height, side),
  side,
  mirrored: false,
});

/** torchvision's FiveCrop: top left, top right, bottom left, bottom right, centre. */
function five({ width, height }: Extents, side: number): readonly View[] {
  const at = (left: number, top: number): View => ({ left, top, side, mirrored: false });
  const [right, bottom] = [width - side, height - side];
  return [at(0, 0), at(right, 0), at(0, bottom), at(right, bottom), centre({ width, height }, side)];
}

/**
 * Szegedy 2015 (arXiv:1409.4842, §7), of one scale: the left, centre and right square, or the top, centre and bottom one of an upright picture. Of each the
 * four corners and the centre, as `five` has them, and the whole square resized; then the mirrored versions of these six.
 */
function ofSquares({ width, height }: Extents, side: number): readonly View[] {
  const square = Math.min(width, height);
  return [0, cropOffset(Math.max(width, height), square), Math.max(width, height) - square].flatMap((offset) => {
    const [left, top] = width >= height ? [offset, 0] : [0, offset];
    const views = five({ width: square, height: square }, side).map((view) => ({ ...view, left: left + view.left, top: top + view.top }));
    const six = [...views, { left, top, side: square, mirrored: false }];
    return [...six, ...six.map(mirrored)];
  });
}

/** How many views are taken: the centre; it and its mirror image; four corners and the centre; these and those of the mirrored picture; GoogLeNet's. */
export type CropCount = 1 | 2 | 5 | 10 | 144;

/** The views of each scale by how many there are; of 144, which are of four scales, 36. */
const kinds: Readonly<Record<CropCount, (of: Extents, side: number) => readonly View[]>> = {
  1: (of, side) => [centre(of, side)],
  2: (of, side) => [centre(of, side), mirrored(centre(of, side))],
  5: five,
  /** torchvision's TenCrop: five of the picture, then five of the mirrored picture. Where the excess is odd, the two centres are a pixel apart. */
  10: (of, side) => [...five(of, side), ...five(of, side).map((view) => ofMirrored(view, of))],
  144: ofSquares,
};

export const cropCounts = Object.keys(kinds).map(Number) as readonly CropCount[];

/**
 * The views of a resized picture, squares of `side` pixels, in order.
 *
 * @throws InputError if the picture is smaller than the square
 */
export function viewsOf({ width, height }: Extents, side: number, crops: CropCount): readonly View[] {
  if (Math.min(width, height) < side) throw new InputError(`crop to ${side}×${side}: the picture is ${width}×${height} pixels`);
  return kinds[crops]({ width, height }, side);
}

/** The smallest box that holds all views. */
export function around(views: readonly View[]): Rectangle {
  const left = Math.min(...views.map((view) => view.left));
  const top = Math.min(...views.map((view) => view.top));
  const right = Math.max(...views.map((view) => view.left + view.side));
  const bottom = Math.max(...views.map((view) => view.top + view.side));
  return { left, top, width: right - left, height: bottom - top };
}

/** A view's pixels, `side` × `side`. */
export function viewed(pixels: Pixels, { left, top, side: own, mirrored }: View, side: number, filter: Filter): Pixels {
  const square = resize(crop(pixels, { left, top, width: own, height: own }), side, side, filter);
  return mirrored ? mirror(square) : square;
}

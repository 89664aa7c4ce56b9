import { InputError, ShapeError } from '../errors.js';
import { dims4, halfToEven, type Tensor } from '../tensor.js';
import { checkSize, type Floats, type Size } from './boxes.js';

/** Anchors of a pyramid: `boxes` of all levels, the finest first, and how many each level has. */
export interface Anchors {
  readonly boxes: Float64Array;
  readonly counts: readonly number[];
}

/** Which boxes stand at each place of each level. */
export interface AnchorConfig {
  /** Per level, the sides in pixels of the padded image. */
  readonly sizes: readonly (readonly number[])[];
  /** Height / width, the same on all levels. */
  readonly ratios: readonly number[];
}

/**
 * The boxes of one place of a map, centred at 0 (Ren 2015, arXiv:1506.01497, §3.1.1; torchvision's `AnchorGenerator`): for each ratio, for each size,
 * width = size / √ratio and height = size · √ratio. Halves of both are rounded to whole numbers, half to even. The steps before are float32's.
 *
 * @returns [ratios · sizes, 4]
 * @throws InputError unless sizes and ratios are positive
 */
export function anchorCells(sizes: readonly number[], ratios: readonly number[]): Float64Array {
  if (![...sizes, ...ratios].every((value) => Number.isFinite(value) && value > 0))
    throw new InputError(`anchors: sizes and ratios must be above 0, not ${sizes.join(', ')} and ${ratios.join(', ')}`);
  const float32 = Math.fround;
  return Float64Array.from(
    ratios.flatMap((ratio) => {
      const tall = float32(Math.sqrt(float32(ratio)));
      const wide = float32(1 / tall);
      return sizes.flatMap((size) => {
        const halfWidth = halfToEven(float32(wide * float32(size)) / 2);
        const halfHeight = halfToEven(float32(tall * float32(size)) / 2);
        return [-halfWidth, -halfHeight, halfWidth, halfHeight];
      });
    }),
  );
}

/**
 * Pixels of the padded image from one place of a map to the next: ⌊image / map⌋ per axis, which need not be a power of two.
 *
 * @throws ShapeError if a map is larger than the image
 */
export function anchorStride(image: Size, map: Size): Size {
  checkSize('anchors: the padded image', image);
  checkSize('anchors: a map', map);
  if (map[0] > image[0] || map[1] > image[1]) throw new ShapeError('anchors: a map is larger than its image', { image, map });
  return [Math.floor(image[0] / map[0]), Math.floor(image[1] / map[1])];
}

/**
 * The anchors of all levels in the order row, column, cell.
 *
 * @param image the batch's size, padding included
 * @param maps the sizes of the levels' maps, the finest first
 * @throws ShapeError if a map is larger than the image; InputError unless there are sizes for each level
 */
export function pyramidAnchors(image: Size, maps: readonly Size[], { sizes, ratios }: AnchorConfig): Anchors {
  if (sizes.length !== maps.length) throw new InputError(`anchors: sizes for ${sizes.length} levels, but ${maps.length} maps`);
  const levels = maps.map((map, level) => {
    const cells = anchorCells(sizes[level] as readonly number[], ratios);
    return { map, cells, stride: anchorStride(image, map), count: (map[0] * map[1] * cells.length) / 4 };
  });
  const counts = levels.map(({ count }) => count);
  const boxes = new Float64Array(4 * counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const { map, cells, stride } of levels)
    for (let row = 0, y = 0; row < map[0]; row++, y += stride[0])
      for (let column = 0, x = 0; column < map[1]; column++, x += stride[1])
        for (let i = 0; i < cells.length; i += 2) {
          boxes[at++] = (cells[i] as number) + x;
          boxes[at++] = (cells[i + 1] as number) + y;
        }
  return { boxes, counts };
}

/**
 * What a head says of one image's anchors, in the order of the anchors: from maps [N, cells · fields, H, W], the finest first, to rows of `fields`
 * numbers.
 *
 * @param image which one of the batch
 * @param fields 1 for logits, 4 for deltas
 * @throws ShapeError if a map has no such image, or its channels are no multiple of `fields`
 */
export function inAnchorOrder(maps: readonly Tensor[], image: number, fields: number): Floats {
  let total = 0;
  for (const { shape } of maps) {
    const [N, channels, H, W] = dims4(shape);
    if (!(image >= 0 && image < N) || channels % fields !== 0)
      throw new ShapeError(`anchors: ${fields} values per cell, of image ${image}`, { map: shape });
    total += channels * H * W;
  }
  const values = maps.every(({ data }) => data instanceof Float64Array) ? new Float64Array(total) : new Float32Array(total);
  let first = 0;
  for (const { shape, data } of maps) {
    const [, channels, H, W] = dims4(shape);
    let from = image * channels * H * W;
    const end = first + channels * H * W;
    for (let channel = 0; channel < channels; channel++)
      for (let at = first + channel; at < end; at += channels) values[at] = data[from++] as number;
    first = end;
  }
  return values;
}

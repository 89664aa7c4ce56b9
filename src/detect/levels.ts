import { InputError } from '../errors.js';
import { halfToEven } from '../tensor.js';
import { checkSize, countBoxes, type Size } from './boxes.js';

/** Lin 2017 (arXiv:1612.03144, equation 1): a box of 224 × 224, ImageNet's size, belongs to the level of stride 2⁴. */
const canonical = { side: 224, level: 4 } as const;

/** torchvision adds it, so that a box exactly between two levels goes to the coarser in spite of rounding. */
const nudge = 1e-6;

/**
 * The scale of each map, map / image rounded to a power of two: 2^round(log2(height of the map / height of the image)), in float32 as torchvision's
 * `MultiScaleRoIAlign` has it. The width has no say there.
 *
 * @param image the size before padding; of several images the largest height and width
 * @throws InputError for extents that are not whole and positive
 */
export function pyramidScales(maps: readonly Size[], image: Size): readonly number[] {
  checkSize('levels: the image', image);
  return maps.map((map) => {
    checkSize('levels: a map', map);
    return 2 ** halfToEven(Math.fround(Math.log2(Math.fround(map[0] / image[0]))));
  });
}

/**
 * The map that each box is pooled from, as its index: ⌊4 + log2(√area / 224) + 10⁻⁶⌋, limited to the levels that the scales are of. A box of no area goes
 * to the finest.
 *
 * @param scales of the maps, the finest first: `pyramidScales`
 * @throws ShapeError unless the boxes are rows of four; InputError if an area is not a number from 0, or the scales are none or skip a level
 */
export function pyramidLevels(boxes: Float64Array, scales: readonly number[]): Int32Array {
  const count = countBoxes('levels', boxes);
  if (scales.length === 0) throw new InputError('levels: there must be at least one scale');
  const finest = -Math.log2(scales[0] as number);
  const coarsest = -Math.log2(scales.at(-1) as number);
  if (coarsest < finest || coarsest - finest >= scales.length)
    throw new InputError(`levels: scales ${scales.join(', ')} skip a level, or ascend`);
  return Int32Array.from({ length: count }, (_, i) => {
    const width = (boxes[4 * i + 2] as number) - (boxes[4 * i] as number);
    const height = (boxes[4 * i + 3] as number) - (boxes[4 * i + 1] as number);
    const area = width * height;
    if (!(area >= 0)) throw new InputError(`levels: box ${i} has sides ${width} and ${height}, whose area is not a number from 0`);
    const level = Math.floor(canonical.level + Math.log2(Math.sqrt(area) / canonical.side) + nudge);
    return Math.min(Math.max(level, finest), coarsest) - finest;
  });
}

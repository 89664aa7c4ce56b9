import { anchorBoxes } from '../detect/anchorBoxes.js';
import { type Anchors, inAnchorOrder, pyramidAnchors } from '../detect/anchors.js';
import type { Floats, Size } from '../detect/boxes.js';
import { type DetectionRule, type Detections, selectDetections } from '../detect/detections.js';
import { pyramidLevels, pyramidScales } from '../detect/levels.js';
import { type Proposals, proposalRule, selectCandidates } from '../detect/proposals.js';
import type { Transformed } from '../detect/transform.js';
import type { DetectionModel, DetectionSettings } from '../models/detection/model.js';
import { dims4, type Tensor, zerosLike } from '../tensor.js';

/** What a detector does between the inputs and the outputs of its graph. */

/** What a detector's graph computed, by name: see `DetectionModel`. */
export type DetectorOutputs = ReadonlyMap<string, Tensor>;

/** The largest height and width of a batch's images, before padding: the size that the detector's graph is made for. */
export const largestOf = (sizes: readonly Size[]): Size => [Math.max(...sizes.map(([h]) => h)), Math.max(...sizes.map(([, w]) => w))];

/**
 * The regions that the first layers' answers propose, for each image of a batch.
 *
 * @param outputs `objectness.K` and `deltas.K` of every map K
 */
export function propose(
  { maps, settings }: Pick<DetectionModel, 'maps' | 'settings'>,
  outputs: DetectorOutputs,
  batch: Transformed,
): readonly Proposals[] {
  const named = (what: string): readonly Tensor[] => maps.map((map) => outputs.get(`${what}.${map}`) as Tensor);
  const objectness = named('objectness');
  const deltas = named('deltas');
  const anchors = anchorsOf(settings, batch, objectness);
  const { preNms, postNms, proposalScore } = settings;
  const rule = { ...proposalRule, preNms, postNms, scoreThreshold: proposalScore };
  return batch.sizes.map((size, image) => {
    const logits = inAnchorOrder(objectness, image, 1);
    const boxes = anchorBoxes(inAnchorOrder(deltas, image, 4), logits, anchors.boxes);
    return selectCandidates(boxes, logits, anchors.counts, size, rule);
  });
}

function anchorsOf({ anchorSizes, anchorRatios }: DetectionSettings, { images }: Transformed, objectness: readonly Tensor[]): Anchors {
  const [, , height, width] = dims4(images.shape);
  const sizes = objectness.map(({ shape: [, , h, w] }) => [h, w] as Size);
  return pyramidAnchors([height, width], sizes, { sizes: anchorSizes, ratios: anchorRatios });
}

/**
 * Proposals as the graph's input `regions`, [count, 6]: rows of map, image, x1, y1, x2, y2. What is left over has the map −1, which is none.
 *
 * @param maps sizes of the maps that regions are pooled from, the finest first
 * @param size the largest height and width of the batch's images, before padding
 */
export function regionsOf(proposals: readonly Proposals[], maps: readonly Size[], size: Size, count: number, like: Tensor): Tensor {
  const regions = zerosLike(like, [count, 6]);
  const scales = pyramidScales(maps, size);
  let row = 0;
  proposals.forEach(({ boxes }, image) => {
    pyramidLevels(boxes, scales).forEach((map, i) => {
      regions.data.set([map, image, ...boxes.subarray(4 * i, 4 * i + 4)], 6 * row++);
    });
  });
  for (; row < count; row++) regions.data[6 * row] = -1;
  return regions;
}

/**
 * What the last layers' answers say of each image.
 *
 * @param outputs `classLogits` and `boxDeltas`, of which each proposal has a row, one image after another
 * @returns boxes in the resized images
 */
export function detections(
  outputs: DetectorOutputs,
  proposals: readonly Proposals[],
  batch: Transformed,
  rule: DetectionRule,
): readonly Detections[] {
  const logits = outputs.get('classLogits') as Tensor;
  const deltas = outputs.get('boxDeltas') as Tensor;
  let first = 0;
  return proposals.map(({ boxes }, image) => {
    const [begin, end] = [first, first + boxes.length / 4];
    first = end;
    const rows = ({ shape: [, columns = 0], data }: Tensor): Floats => data.subarray(begin * columns, end * columns);
    return selectDetections(rows(logits), rows(deltas), boxes, batch.sizes[image] as Size, rule);
  });
}

import { anchorBoxes } from '../detect/anchorBoxes.js';
import { anchorDeltas } from '../detect/anchorDeltas.js';
import { type Anchors, inAnchorOrder, pyramidAnchors } from '../detect/anchors.js';
import type { Floats, Size } from '../detect/boxes.js';
import { type DetectionRule, type Detections, selectDetections } from '../detect/detections.js';
import { pyramidLevels, pyramidScales } from '../detect/levels.js';
import { nms } from '../detect/nms.js';
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
 * @param suppress with a stopwatch, where it is timed
 */
export function propose(
  { maps, settings }: Pick<DetectionModel, 'maps' | 'settings'>,
  outputs: DetectorOutputs,
  batch: Transformed,
  suppress = nms,
): readonly Proposals[] {
  const named = (what: string): readonly Tensor[] => maps.map((map) => outputs.get(`${what}.${map}`) as Tensor);
  const objectness = named('objectness');
  const deltas = named('deltas');
  const anchors = anchorsOf(settings, batch, objectness);
  const { preNms, postNms, proposalScore } = settings;
  const rule = { ...proposalRule, preNms, postNms, scoreThreshold: proposalScore };
  return batch.sizes.map((size, image) => {
    const logits = inAnchorOrder(objectness, image, 1);
    const boxes = anchorBoxes(anchorDeltas(deltas, image), logits, anchors.boxes);
    return selectCandidates(boxes, logits, anchors.counts, size, rule, suppress);
  });
}

/** Those of a detector's last picture: the next one is often of its size. */
const lastAnchors = new WeakMap<DetectionSettings, { readonly sizes: string; readonly anchors: Anchors }>();

function anchorsOf(settings: DetectionSettings, { images }: Transformed, objectness: readonly Tensor[]): Anchors {
  const [image, ...maps] = [images, ...objectness].map(({ shape }) => dims4(shape).slice(2) as unknown as Size);
  const sizes = JSON.stringify([image, maps]);
  const last = lastAnchors.get(settings);
  if (last?.sizes === sizes) return last.anchors;
  const anchors = pyramidAnchors(image as Size, maps, { sizes: settings.anchorSizes, ratios: settings.anchorRatios });
  lastAnchors.set(settings, { sizes, anchors });
  return anchors;
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
      const at = 6 * row++;
      regions.data[at] = map;
      regions.data[at + 1] = image;
      regions.data.set(boxes.subarray(4 * i, 4 * i + 4), at + 2);
    });
  });
  for (; row < count; row++) regions.data[6 * row] = -1;
  return regions;
}

/**
 * What the last layers' answers say of each image.
 *
 * @param outputs `classLogits` and `boxDeltas`, of which each proposal has a row, one image after another
 * @param suppress with a stopwatch, where it is timed
 * @returns boxes in the resized images
 */
export function detections(
  outputs: DetectorOutputs,
  proposals: readonly Proposals[],
  batch: Transformed,
  rule: DetectionRule,
  suppress = nms,
): readonly Detections[] {
  const logits = outputs.get('classLogits') as Tensor;
  const deltas = outputs.get('boxDeltas') as Tensor;
  let first = 0;
  return proposals.map(({ boxes }, image) => {
    const [begin, end] = [first, first + boxes.length / 4];
    first = end;
    const rows = ({ shape: [, columns = 0], data }: Tensor): Floats => data.subarray(begin * columns, end * columns);
    return selectDetections(rows(logits), rows(deltas), boxes, batch.sizes[image] as Size, rule, suppress);
  });
}

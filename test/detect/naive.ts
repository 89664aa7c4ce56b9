import type { CocoAnnotation, CocoDetection, CocoGroundTruth } from '../../src/detect/ap/coco.js';

/** COCO's twelve numbers from the rules, one after the other, with nothing shared, sorted once or kept from one number to the next. */

const ranges = { all: [0, 1e10], small: [0, 1024], medium: [1024, 9216], large: [9216, 1e10] } as const;
type Range = keyof typeof ranges;
const thresholds = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95];
const recalls = Array.from({ length: 101 }, (_, i) => i * 0.01);

interface Judged {
  readonly image: number;
  readonly score: number;
  readonly verdict: 'right' | 'wrong' | 'ignored';
}

function iou(detection: CocoDetection, object: CocoAnnotation): number {
  const [a, b] = [detection.bbox, object.bbox];
  const side = (axis: 0 | 1): number =>
    Math.max(0, Math.min(a[axis] + a[(axis + 2) as 2 | 3], b[axis] + b[(axis + 2) as 2 | 3]) - Math.max(a[axis], b[axis]));
  const both = side(0) * side(1);
  if (both === 0) return 0;
  return both / (object.iscrowd ? a[2] * a[3] : a[2] * a[3] + b[2] * b[3] - both);
}

/** Stable, as Array.prototype.sort is. */
const best = (detections: readonly CocoDetection[]): readonly CocoDetection[] => detections.toSorted((a, b) => b.score - a.score);

function judge(
  objects: readonly CocoAnnotation[],
  detections: readonly CocoDetection[],
  threshold: number,
  range: Range,
): readonly Judged[] {
  const within = (area: number): boolean => area >= ranges[range][0] && area <= ranges[range][1];
  const counts = (object: CocoAnnotation): boolean => !object.iscrowd && within(object.area);
  const free = new Set(objects);
  return best(detections)
    .slice(0, 100)
    .map((detection) => {
      const candidates = (ones: readonly CocoAnnotation[]): CocoAnnotation | undefined => {
        const matching = ones.filter((object) => (object.iscrowd || free.has(object)) && iou(detection, object) >= threshold);
        const largest = Math.max(...matching.map((object) => iou(detection, object)));
        return matching.findLast((object) => iou(detection, object) === largest);
      };
      const real = candidates(objects.filter(counts));
      const taken = real ?? candidates(objects.filter((object) => !counts(object)));
      if (taken) free.delete(taken);
      const ignored = taken ? real === undefined : !within(detection.bbox[2] * detection.bbox[3]);
      return { image: detection.image_id, score: detection.score, verdict: ignored ? 'ignored' : taken ? 'right' : 'wrong' };
    });
}

/** One class's precision over the recalls and its recall; undefined without objects. */
function ofClass(truth: CocoGroundTruth, found: readonly CocoDetection[], k: number, threshold: number, range: Range, most: number) {
  const mine = truth.annotations.filter(({ category_id }) => category_id === k);
  const [low, high] = ranges[range];
  const wanted = mine.filter(({ iscrowd, area }) => !iscrowd && area >= low && area <= high).length;
  if (wanted === 0) return undefined;
  const images = truth.images.map(({ id }) => id).toSorted((a, b) => a - b);
  const judged = images.flatMap((image) => {
    const detections = found.filter(({ image_id, category_id }) => image_id === image && category_id === k);
    return judge(
      mine.filter(({ image_id }) => image_id === image),
      detections,
      threshold,
      range,
    ).slice(0, most);
  });
  const read = judged.toSorted((a, b) => b.score - a.score).filter(({ verdict }) => verdict !== 'ignored');
  const right = (count: number): number => read.slice(0, count).filter(({ verdict }) => verdict === 'right').length;
  const points = read.map((_, i) => ({ recall: right(i + 1) / wanted, precision: right(i + 1) / (i + 1) }));
  const precision = recalls.map((recall) =>
    Math.max(0, ...points.filter((point) => point.recall >= recall).map((point) => point.precision)),
  );
  return { precision: mean(precision), recall: right(read.length) / wanted };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? -1 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** As `averagePrecision(...).summary`. Ids of annotations are above 0. */
export function naiveSummary(truth: CocoGroundTruth, found: readonly CocoDetection[]): readonly number[] {
  const of = (what: 'precision' | 'recall', range: Range = 'all', at: readonly number[] = thresholds, most = 100): number =>
    mean(truth.categories.flatMap(({ id }) => at.flatMap((threshold) => ofClass(truth, found, id, threshold, range, most)?.[what] ?? [])));
  return [
    of('precision'),
    of('precision', 'all', [0.5]),
    of('precision', 'all', [0.75]),
    ...(['small', 'medium', 'large'] as const).map((range) => of('precision', range)),
    ...[1, 10, 100].map((most) => of('recall', 'all', thresholds, most)),
    ...(['small', 'medium', 'large'] as const).map((range) => of('recall', range)),
  ];
}

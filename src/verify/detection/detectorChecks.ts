import { inAnchorOrder } from '../../detect/anchors.js';
import type { Size } from '../../detect/boxes.js';
import { type Detections, detectionRule } from '../../detect/detections.js';
import type { Proposals } from '../../detect/proposals.js';
import { restoreBoxes, type Transformed } from '../../detect/transform.js';
import { type DetectorOutputs, detections } from '../../detector/stages.js';
import type { Tensor } from '../../tensor.js';
import { type Check, check, exactly } from '../check.js';
import type { DetectorFile, ExpectedDetections, ExpectedProposals, Sampled, SampledMap } from './detectorFile.js';
import { type Pairs, pairBoxes } from './pairBoxes.js';

/** What a detector computed of a file's images. */
export interface DetectorRun {
  readonly batch: Transformed;
  readonly outputs: DetectorOutputs;
  readonly proposals: readonly Proposals[];
  readonly parameters: number;
}

/** What may differ: of float32's sums, as the file's README has it; of float64's, half a unit of the last digit that the file keeps, and some roundings. */
export type DetectorPrecision = 'float32' | 'float64';

const limits = {
  float32: { transformed: 2e-6, features: 1e-5, score: 3e-4, box: 0.05 },
  float64: { transformed: 2e-8, features: 2e-8, score: 1e-8, box: 1e-6 },
} as const;

/** Holds all that a file says of a detector to what was computed. */
export function detectorChecks(
  file: DetectorFile,
  { batch, outputs, proposals, parameters }: DetectorRun,
  precision: DetectorPrecision,
): readonly Check[] {
  const limit = limits[precision];
  const { maps, mapFeatures } = file.model;
  const featureOf = (map: string): Tensor | undefined => outputs.get(mapFeatures[maps.indexOf(map)] ?? '');
  /** The file's own limits are absolute; those of float64 are relative to the largest number. */
  const noise = (key: keyof DetectorFile['noise'], { values }: Sampled): number =>
    precision === 'float32' ? file.noise[key] : limit.features * largest(values);
  const objectness = maps.map((map) => outputs.get(`objectness.${map}`) as Tensor);
  const deltas = maps.map((map) => outputs.get(`deltas.${map}`) as Tensor);
  const moved = precision === 'float32' ? file.noise.proposals : limit.box;
  const pairs = file.proposals.map((expected, i) => pairProposals(proposals[i] as Proposals, expected, Math.max(moved, limit.box)));
  const rows = rowsOf(pairs, proposals);
  return [
    exactly('parameters', [parameters], [file.parameters]),
    exactly('image sizes', batch.sizes.flat(), file.imageSizes.flat()),
    exactly('batch', [...batch.images.shape], file.batch),
    sampled('transformed', batch.images.data, file.transformed, limit.transformed * largest(file.transformed.values)),
    ...[...file.features].flatMap(([map, expected]) => featureChecks(map, featureOf(map), expected, limit.features)),
    exactly(
      'anchors per level',
      objectness.map(({ shape: [, anchors = 0, height = 0, width = 0] }) => anchors * height * width),
      file.anchorsPerLevel,
    ),
    sampled('objectness', everyImage(objectness, batch, 1), file.objectness, noise('objectness', file.objectness)),
    sampled('proposal deltas', everyImage(deltas, batch, 4), file.rpnDeltas, noise('deltas', file.rpnDeltas)),
    ...file.proposals.flatMap((expected, i) =>
      proposalChecks(
        `proposals[${i}]`,
        proposals[i] as Proposals,
        expected,
        pairs[i] as Pairs,
        moved,
        noise('objectness', file.objectness),
      ),
    ),
    sampled('pooled', inRows(outputs.get('pooled') as Tensor, rows), file.pooled, pooledLimit(file, limit.features, moved)),
    sampled('class logits', inRows(outputs.get('classLogits') as Tensor, rows), file.classLogits, noise('logits', file.classLogits)),
    sampled('box deltas', inRows(outputs.get('boxDeltas') as Tensor, rows), file.boxDeltas, noise('boxDeltas', file.boxDeltas)),
    ...detections(outputs, proposals, batch, detectionRule).flatMap((found, i) =>
      detectionChecks(`detections[${i}]`, restored(found, batch, i), file.detections[i] as ExpectedDetections, limit),
    ),
  ];
}

/**
 * What pooled numbers may differ by: as the maps do, and as far as regions are moved. A pixel is a quarter of the finest map's cell, and between two cells a map
 * changes by no more than twice its largest number.
 */
const pooledLimit = (file: DetectorFile, relative: number, moved: number): number => {
  const most = Math.max(...[file.pooled, ...file.features.values()].map(({ values }) => largest(values))); // a file may list no maps
  return relative * most + 2 * most * (moved / 4);
};

const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** max |a − b| over the numbers that the file has: every `step`th. */
function sampled(name: string, data: ArrayLike<number>, { step, values }: Sampled, limit: number): Check {
  if (Math.ceil(data.length / step) !== values.length) return check(name, Number.NaN, limit);
  const error = values.reduce((most, value, i) => larger(most, Math.abs((data[i * step] as number) - value)), 0);
  return check(name, error, limit);
}

/** NaN, if one is. */
const larger = (a: number, b: number): number => (a >= b || Number.isNaN(a) ? a : b);

function featureChecks(map: string, found: Tensor | undefined, expected: SampledMap, relative: number): readonly Check[] {
  const name = `features ${map}`;
  if (found === undefined) return [check(name, Number.NaN, 0)];
  const limit = relative * largest(expected.values);
  const mean = (of: (value: number) => number): number => {
    let sum = 0;
    for (const value of found.data) sum += of(value);
    return sum / found.data.length;
  };
  return [
    exactly(`${name}: shape`, [...found.shape], expected.shape),
    sampled(name, found.data, expected, limit),
    check(`${name}: mean`, Math.abs(mean((value) => value) - expected.mean), limit),
    check(`${name}: mean of magnitudes`, Math.abs(mean(Math.abs) - expected.meanAbs), limit),
  ];
}

/** All images' numbers in the order of the anchors, one image after another. */
function everyImage(maps: readonly Tensor[], { sizes }: Transformed, fields: 1 | 4): Float64Array {
  return Float64Array.from(sizes.flatMap((_, image) => [...inAnchorOrder(maps, image, fields)]));
}

function pairProposals(found: Proposals, { boxes, levels }: ExpectedProposals, within: number): Pairs {
  return pairBoxes({ boxes: found.boxes, kinds: found.levels }, { boxes, kinds: levels }, within);
}

/** max |a − b| over the scores of pairs. */
const scoreError = (of: Pairs['of'], found: Float64Array, expected: readonly number[]): number =>
  expected.reduce((most, value, i) => {
    const at = of[i];
    return at === undefined ? most : larger(most, Math.abs((found[at] as number) - value));
  }, 0);

/** The logits' sigmoids move by a quarter of what logits do, at most. */
const steepestSigmoid = 0.25;

function proposalChecks(
  name: string,
  found: Proposals,
  expected: ExpectedProposals,
  { of, farthest, unpaired }: Pairs,
  moved: number,
  noise: number,
): readonly Check[] {
  const error = scoreError(
    of,
    found.scores,
    expected.logits.map((logit) => 1 / (1 + Math.exp(-logit))),
  );
  return [
    check(`${name}: without a counterpart, of ${expected.boxes.length}`, unpaired, 0),
    check(`${name}: boxes, in pixels`, farthest, moved),
    check(`${name}: scores`, error, noise * steepestSigmoid + Number.EPSILON),
  ];
}

/** Which row of the last layers' outputs each proposal of the file has: proposals that are nearly equal may change places. */
function rowsOf(pairs: readonly Pairs[], proposals: readonly Proposals[]): readonly (number | undefined)[] {
  let first = 0;
  return pairs.flatMap(({ of }, image) => {
    const begin = first;
    first += (proposals[image] as Proposals).scores.length;
    return of.map((at) => (at === undefined ? undefined : begin + at));
  });
}

/** Rows in the file's order; of one that is not there NaN. */
function inRows({ shape: [count = 1], data }: Tensor, rows: readonly (number | undefined)[]): Float64Array {
  const size = data.length / count;
  const ordered = new Float64Array(rows.length * size).fill(Number.NaN);
  rows.forEach((row, i) => {
    if (row !== undefined) ordered.set(data.subarray(row * size, (row + 1) * size), i * size);
  });
  return ordered;
}

const restored = (found: Detections, { sizes, originals }: Transformed, image: number): Detections => ({
  ...found,
  boxes: restoreBoxes(found.boxes, sizes[image] as Size, originals[image] as Size),
});

function detectionChecks(
  name: string,
  found: Detections,
  expected: ExpectedDetections,
  { score, box }: { readonly score: number; readonly box: number },
): readonly Check[] {
  const { of, farthest, unpaired } = pairBoxes(
    { boxes: found.boxes, kinds: found.labels },
    { boxes: expected.boxes, kinds: expected.labels },
    box,
  );
  const error = scoreError(of, found.scores, expected.scores);
  return [
    check(`${name}: without a counterpart, of ${expected.boxes.length}`, unpaired, 0),
    check(`${name}: boxes, in pixels`, farthest, box),
    check(`${name}: scores`, error, score),
  ];
}

import { InputError } from '../../errors.js';
import {
  anyText,
  atLeast,
  flag,
  type Kind,
  listOf,
  number,
  object,
  oneOf,
  optional,
  positive,
  type Read,
  text,
  wholeFrom,
} from '../../io/schema.js';
import { sizeOf } from '../../tensor.js';
import { mapOf, mostSide, newSize, numberIn, numbers, rows, rowsOf, scoresOfRows, shapeOf, size, whole, wholes } from './opsKinds.js';

/**
 * A file of torchvision's detection operators: inputs, and what torchvision computes of them in float64 (test/fixtures/detection/README.md). Every key is
 * known and checked, so that nothing in a file is passed over.
 */

/** Of one pyramid: 64 MiB. */
const mostAnchors = 2 ** 21;

const note = optional(anyText);

const anchors = object({
  name: text,
  note,
  image: size,
  grids: listOf(size),
  sizes: listOf(listOf(positive)),
  ratios: listOf(positive),
  cells: listOf(rows),
  strides: listOf(size),
  total: whole,
  levels: listOf(object({ count: whole, first: rows, last: rows, checksum: number })),
});

const boundedAnchors: Kind<Read<typeof anchors>> = {
  ...anchors,
  read(value, path) {
    const pyramid = anchors.read(value, path);
    const { grids, sizes, ratios } = pyramid;
    const total = grids.reduce((sum, grid, level) => sum + sizeOf(grid) * (sizes[level]?.length ?? 0) * ratios.length, 0);
    if (total > mostAnchors) throw new InputError(`${path} must be of at most ${mostAnchors} anchors, not ${total}`);
    return pyramid;
  },
};

const boxCoder = object({
  note,
  weights: listOf(positive, 4),
  boxes: rows,
  deltas: rowsOf(),
  decoded: rowsOf(),
  encodeFrom: numberIn(/^boxes\[(\d{1,6}):\]$/, 'as boxes[4:], the first box that a target belongs to'),
  targets: rows,
  encoded: rows,
});

const clip = object({ note, image: size, boxes: rows, clipped: rows, keptByMinSize: mapOf(wholes) });

const nms = object({
  name: text,
  note,
  threshold: atLeast(0),
  boxes: rows,
  scores: scoresOfRows,
  classes: optional(wholes),
  keep: wholes,
});

const rpn = object({
  name: text,
  note,
  image: size,
  counts: listOf(whole),
  preNms: whole,
  postNms: whole,
  threshold: atLeast(0),
  minSize: number,
  scoreThreshold: number,
  proposals: rows,
  objectness: scoresOfRows,
  boxes: rows,
  scores: numbers,
  levels: wholes,
});

const roiSingle = object({
  name: text,
  note,
  op: oneOf('RoIAlign', 'RoIPool'),
  features: shapeOf(4),
  featuresTensor: text,
  spatialScale: positive,
  size,
  samplingRatio: optional(wholeFrom(-1, 64)),
  aligned: optional(flag),
  rois: rowsOf(5),
  output: numbers,
});

const roi = object({
  single: optional(listOf(roiSingle), []),
  multi: optional(
    object({
      note,
      image: size,
      features: mapOf(shapeOf(4)),
      featuresTensor: text,
      boxes: rows,
      levels: wholes,
      scales: listOf(positive),
      output: numbers,
    }),
  ),
});

const fpn = object({
  name: text,
  note,
  weights: numberIn(
    /^uniform-v1, gain (\d{1,3}(?:\.\d{1,6})?), names inner_blocks\.K\.0\./,
    'as uniform-v1, gain 1, names inner_blocks.K.0.…',
  ),
  outChannels: wholeFrom(1, 4096),
  inputs: mapOf(shapeOf(4)),
  inputTensor: text,
  outputs: mapOf(object({ shape: shapeOf(4), values: numbers })),
});

/** What the columns of `transform.sizes` are. */
const sizeColumns = [
  'height',
  'width',
  'min',
  'max',
  'newHeight',
  'newWidth',
  'newHeight with a float64 scale',
  'newWidth with a float64 scale',
] as const;

const transform = object({
  note,
  sizeColumns: {
    what: `the list ${sizeColumns.join(', ')}`,
    read(value, path) {
      if (JSON.stringify(value) !== JSON.stringify(sizeColumns)) throw new InputError(`${path} must be ${this.what}`);
      return sizeColumns;
    },
  } satisfies Kind<typeof sizeColumns>,
  sizes: rowsOf(sizeColumns.length),
  batches: listOf(
    object({
      note,
      minSize: wholeFrom(1, mostSide),
      maxSize: wholeFrom(1, mostSide),
      images: listOf(shapeOf(3)),
      imageTensor: oneOf('imageK, (r + 1) / 2'),
      mean: listOf(number, 3),
      std: listOf(positive, 3),
      imageSizes: listOf(newSize),
      batch: shapeOf(4),
      step: wholeFrom(1),
      values: numbers,
      back: listOf(object({ boxes: rows, original: rows })),
    }),
  ),
});

const postprocess = object({
  name: text,
  note,
  image: size,
  scoreThreshold: number,
  nmsThreshold: atLeast(0),
  detectionsPerImage: whole,
  proposals: rows,
  logits: rowsOf(),
  deltas: rowsOf(),
  boxes: rows,
  scores: numbers,
  labels: wholes,
});

/** The parts of a file, by key. A file may lack some. */
const sections = {
  anchors: optional(listOf(boundedAnchors)),
  boxCoder: optional(listOf(boxCoder)),
  clip: optional(clip),
  nms: optional(listOf(nms)),
  rpn: optional(listOf(rpn)),
  roi: optional(roi),
  fpn: optional(listOf(fpn)),
  transform: optional(transform),
  postprocess: optional(listOf(postprocess)),
} as const;

const file = object({ about: anyText, seed: number, ...sections });

export type OpsVector = Read<typeof file>;
export type Section = keyof typeof sections;
export type Part<S extends Section> = Exclude<OpsVector[S], undefined>;

export const sectionNames = Object.keys(sections) as readonly Section[];

/** @throws InputError that names the key which is unknown, missing or not what the format has, or if there is no section */
export function parseOpsVector(json: unknown): OpsVector {
  const vector = file.read(json, '');
  if (sectionNames.every((name) => vector[name] === undefined))
    throw new InputError(`a file of detection operators has at least one of ${sectionNames.join(', ')}`);
  return vector;
}

import { InputError } from '../errors.js';
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
  record,
  text,
  wholeFrom,
} from '../io/schema.js';
import { type Shape, sizeOf } from '../tensor.js';
import type { Size } from './boxes.js';

/**
 * A file of torchvision's detection operators: inputs, and what torchvision computes of them in float64 (test/fixtures/detection/README.md). Every key is
 * known and checked, so that nothing in a file is passed over.
 */

/** More boxes than a network proposes; a suppression of so many takes a second. */
const mostRows = 2 ** 14;
/** Of one generated tensor, or of a batch: 32 MiB in float64. */
const mostValues = 2 ** 22;
/** Of one pyramid: 64 MiB. */
const mostAnchors = 2 ** 21;
const mostSide = 2 ** 14;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const numbers: Kind<Float64Array> = {
  what: 'a list of numbers',
  read(value, path) {
    if (!Array.isArray(value)) throw new InputError(`${path} must be ${this.what}`);
    const wrong = value.findIndex((entry) => !isNumber(entry));
    if (wrong >= 0) throw new InputError(`${path}[${wrong}] must be a number`);
    return Float64Array.from(value);
  },
};

/** Rows of one length, 4 unless it may be any, as one. */
const rowsOf = (width?: number): Kind<Float64Array> => ({
  what: `a list of at most ${mostRows} rows of ${width ?? 'equally many'} numbers`,
  read(value, path) {
    if (!Array.isArray(value) || value.length > mostRows) throw new InputError(`${path} must be ${this.what}`);
    const expected = width ?? (Array.isArray(value[0]) ? value[0].length : 1);
    const wrong = value.findIndex((row) => !Array.isArray(row) || row.length !== expected || !row.every(isNumber));
    if (wrong >= 0) throw new InputError(`${path}[${wrong}] must be a row of ${expected} numbers`);
    return Float64Array.from((value as readonly (readonly number[])[]).flat());
  },
});

const rows = rowsOf(4);
const whole = wholeFrom(0);
const wholes: Kind<Int32Array> = {
  what: 'a list of whole numbers',
  read: (value, path) => Int32Array.from(listOf(wholeFrom(0, 2 ** 31 - 1)).read(value, path)),
};
const scoresOfRows: Kind<Float64Array> = {
  what: `a list of at most ${mostRows} numbers`,
  read(value, path) {
    if (Array.isArray(value) && value.length > mostRows) throw new InputError(`${path} must be ${this.what}, not of ${value.length}`);
    return numbers.read(value, path);
  },
};

const size = listOf(wholeFrom(1, mostSide), 2) as Kind<readonly number[]> as Kind<Size>;
const newSize = listOf(wholeFrom(0, mostSide), 2) as Kind<readonly number[]> as Kind<Size>;

/** A generated tensor's extents. */
const shapeOf = (rank: number): Kind<Shape> => ({
  what: `${rank} extents of at most ${mostValues} values together`,
  read(value, path) {
    const shape = listOf(wholeFrom(1, mostValues), rank).read(value, path);
    if (sizeOf(shape) > mostValues) throw new InputError(`${path} must be ${this.what}, not ${JSON.stringify(shape)}`);
    return shape;
  },
});

/** An object of any keys, at most a hundred, each of the same kind. */
const mapOf = <T>(kind: Kind<T>): Kind<ReadonlyMap<string, T>> => ({
  what: `an object of at most 100 keys, each ${kind.what}`,
  read(value, path) {
    const entries = Object.entries(record.read(value, path));
    if (entries.length > 100) throw new InputError(`${path} must be ${this.what}, not of ${entries.length}`);
    return new Map(entries.map(([key, entry]) => [key, kind.read(entry, `${path}.${key}`)]));
  },
});

/** Text that says one thing, as the number in it. */
const numberIn = (pattern: RegExp, what: string): Kind<number> => ({
  what,
  read(value, path) {
    const found = pattern.exec(anyText.read(value, path))?.[1];
    if (found === undefined) throw new InputError(`${path} must be ${what}, not ${JSON.stringify(value).slice(0, 80)}`);
    return Number(found);
  },
});

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

/** The same, as what a file holds. */
export const opsVectorFile: Kind<OpsVector> = { what: 'a file of detection operators', read: parseOpsVector };

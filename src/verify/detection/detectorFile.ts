import { InputError } from '../../errors.js';
import { anyText, type Kind, listOf, number, objectWith, optional, positive, record, wholeFrom } from '../../io/schema.js';
import { findDetector } from '../../models/detection/index.js';
import type { DetectionModel } from '../../models/detection/model.js';

/** What PyTorch computed, in float64, for a whole detector on generated weights and photographs. */
export interface DetectorFile {
  /** The zoo's, with the settings of the file. */
  readonly model: DetectionModel;
  readonly seed: number;
  readonly gain: number;
  /** Gains of layers' weights, by module, in place of `gain`. */
  readonly gains: ReadonlyMap<string, number>;
  /** Biases of layers, by module. */
  readonly biases: ReadonlyMap<string, readonly number[]>;
  readonly eps: number;
  /** Paths, from a folder above the file. */
  readonly images: readonly string[];
  readonly parameters: number;
  /** [height, width] of each image, resized. */
  readonly imageSizes: readonly (readonly number[])[];
  readonly batch: readonly number[];
  readonly transformed: Sampled;
  readonly features: ReadonlyMap<string, SampledMap>;
  readonly anchorsPerLevel: readonly number[];
  readonly objectness: Sampled;
  readonly rpnDeltas: Sampled;
  readonly proposals: readonly ExpectedProposals[];
  readonly pooled: Sampled;
  readonly classLogits: Sampled;
  readonly boxDeltas: Sampled;
  readonly detections: readonly ExpectedDetections[];
  /** What the outputs of the four layers and the proposals may differ by, absolutely, without another selection. */
  readonly noise: Readonly<Record<NoiseKey, number>>;
}

const noiseKeys = ['objectness', 'deltas', 'proposals', 'logits', 'boxDeltas'] as const;
type NoiseKey = (typeof noiseKeys)[number];

/** Every `step`th number of a flattened tensor, from the first. */
export interface Sampled {
  readonly step: number;
  readonly values: readonly number[];
}

export interface SampledMap extends Sampled {
  readonly shape: readonly number[];
  readonly mean: number;
  readonly meanAbs: number;
}

/** Of one image; boxes are x1, y1, x2, y2. */
export interface ExpectedProposals {
  readonly boxes: readonly (readonly number[])[];
  readonly logits: readonly number[];
  readonly levels: readonly number[];
}

export interface ExpectedDetections {
  readonly boxes: readonly (readonly number[])[];
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}

/** Far more than any detector here takes. */
const [mostSide, mostRegions] = [2 ** 13, 2 ** 13];

const side = wholeFrom(1, mostSide);
const whole = wholeFrom(0);
const sampled = { step: wholeFrom(1), values: listOf(number) };
const boxes = listOf(listOf(number, 4));

const file = objectWith({
  model: anyText,
  images: listOf(anyText),
  seed: number,
  gain: number,
  gains: optional(record, {}),
  biases: optional(record, {}),
  bnEps: optional(number),
  minSize: side,
  maxSize: side,
  preNms: wholeFrom(1),
  postNms: wholeFrom(1, mostRegions),
  parameters: whole,
  imageSizes: listOf(listOf(side, 2)),
  batch: listOf(wholeFrom(1), 4),
  transformed: objectWith(sampled),
  features: record,
  anchorsPerLevel: listOf(whole),
  objectness: objectWith(sampled),
  rpnDeltas: objectWith(sampled),
  proposals: listOf(objectWith({ boxes, logits: listOf(number), levels: listOf(whole) })),
  pooled: objectWith(sampled),
  classLogits: objectWith(sampled),
  boxDeltas: objectWith(sampled),
  detections: listOf(objectWith({ boxes, scores: listOf(number), labels: listOf(whole) })),
  noise: optional(record),
});

const map = objectWith({ shape: listOf(wholeFrom(1), 4), mean: number, meanAbs: number, ...sampled });

/** Where a file does not say what its numbers may differ by: what those at hand say. */
const usualNoise: Readonly<Record<NoiseKey, number>> = { objectness: 1.5e-4, deltas: 4e-5, proposals: 2e-3, logits: 5e-4, boxDeltas: 2e-4 };

/** @throws InputError that names the field which is missing or not what the format has */
export function parseDetectorFile(json: unknown): DetectorFile {
  const { model: name, bnEps, minSize, maxSize, preNms, postNms, noise, ...read } = file.read(json, '');
  const zoo = findDetector(name);
  const images = read.images.length;
  if (images < 1) throw new InputError('images: expected at least one');
  for (const [key, list] of Object.entries({ imageSizes: read.imageSizes, proposals: read.proposals, detections: read.detections }))
    if (list.length !== images) throw new InputError(`${key}: expected one for each of ${images} images, found ${list.length}`);
  for (const [i, { boxes, logits, levels }] of read.proposals.entries()) checkAlike(`proposals[${i}]`, boxes, logits, levels);
  for (const [i, { boxes, scores, labels }] of read.detections.entries()) checkAlike(`detections[${i}]`, boxes, scores, labels);
  const entries = <T>(from: Readonly<Record<string, unknown>>, kind: Kind<T>, at: string): ReadonlyMap<string, T> =>
    new Map(Object.entries(from).map(([key, value]) => [key, kind.read(value, `${at}.${key}`)]));
  return {
    ...read,
    model: { ...zoo, settings: { ...zoo.settings, minSize, maxSize, preNms, postNms } },
    eps: bnEps ?? 1e-5,
    gains: entries(read.gains, positive, 'gains'),
    biases: entries(read.biases, listOf(number), 'biases'),
    features: entries(read.features, map, 'features'),
    noise:
      noise === undefined
        ? usualNoise
        : (Object.fromEntries(noiseKeys.map((key) => [key, number.read(noise[key], `noise.${key}`)])) as Record<NoiseKey, number>),
  };
}

function checkAlike(at: string, ...lists: readonly (readonly unknown[])[]): void {
  const lengths = lists.map((list) => list.length);
  if (new Set(lengths).size > 1) throw new InputError(`${at}: expected lists of one length, found ${lengths.join(', ')}`);
}

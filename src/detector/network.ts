import type { IdentifiedDetector } from '../checkpoints/detector.js';
import { InputError } from '../errors.js';
import { type Label, labelsFrom } from '../io/labels.js';
import { findDetector } from '../models/detection/index.js';
import type { DetectionModel } from '../models/detection/model.js';
import { kindOf } from '../tensor.js';
import type { Weights } from '../wasm/weights.js';
import { cocoClasses } from './cocoClasses.js';

/** A detector with weights, ready to be compiled. */
export interface DetectorNetwork<W extends Weights = Weights> {
  /** `source/name`. */
  readonly id: string;
  readonly model: DetectionModel;
  /** What the weights come from, for people. */
  readonly file: string;
  /** Where in it the weights lie; empty if at the top. */
  readonly takenFrom: string;
  readonly weights: W;
  /** Categories and, as class 0, the background. */
  readonly classes: number;
  readonly eps?: number | undefined;
  /** One per class, of class 0 too; undefined where nothing names it. */
  readonly labels: readonly (string | undefined)[];
  /** What was chosen where there was a choice: a sentence each, for people. */
  readonly notes: readonly string[];
}

/**
 * What a file's detector is called, and its classes.
 *
 * @param labels names of the classes: with the background as the first, or without it
 * @throws InputError for labels that are not one per class
 */
export function describeDetector<W extends Weights>(
  { model, classes, eps, same, takenFrom, ignored }: Omit<IdentifiedDetector, 'stored'>,
  weights: W,
  file: string,
  labels: readonly (string | Label)[] | undefined,
): DetectorNetwork<W> {
  const notes = [
    ...(takenFrom === '' ? [] : [`${file}: weights taken from ${takenFrom}`]),
    ...(same.length === 0 ? [] : [`${file}: ${model}; ${same.join(', ')} has the same tensors: --model names it`]),
    ...(ignored.length === 0 ? [] : [`${file}: ignored, as no part of the detector: ${ignored.slice(0, 4).join(', ')}`]),
  ];
  return { id: model, model: findDetector(model), file, takenFrom, weights, classes, eps, labels: namesOf(labels, classes), notes };
}

function namesOf(labels: readonly (string | Label)[] | undefined, classes: number): readonly (string | undefined)[] {
  if (labels === undefined) return classes === cocoClasses.length ? cocoClasses : Array.from({ length: classes });
  if (!Array.isArray(labels)) throw new InputError(`labels are a list of names, not ${kindOf(labels)}`);
  const names = labelsFrom(labels).map(({ name }) => name);
  if (names.length === classes - 1) return [undefined, ...names];
  if (names.length === classes) return [undefined, ...names.slice(1)];
  throw new InputError(`expected ${classes - 1} labels, one per class without the background, found ${labels.length}`);
}

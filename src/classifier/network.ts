import type { Identified } from '../checkpoints/index.js';
import { InputError } from '../errors.js';
import { type Label, labelsFrom } from '../io/labels.js';
import { imagenetMean, imagenetStd } from '../io/preprocess.js';
import { type Filter, filters } from '../io/resize.js';
import { likelihood } from '../io/stateNames.js';
import { findModel } from '../models/index.js';
import type { ModelOptions } from '../models/model.js';
import { pretrainedByFile, pretrainedOf } from '../pretrained/index.js';
import { classesIn, labelsOf } from '../pretrained/labels.js';
import { fullName } from '../pretrained/names.js';
import type { Preset } from '../pretrained/preset.js';
import type { Pretrained } from '../pretrained/pretrained.js';
import { kindOf, shown, type Tensor } from '../tensor.js';
import type { Weights } from '../wasm/weights.js';
import { readMobilenetKeys } from './mobilenetKeys.js';
import type { OwnNetwork } from './own.js';
import { readNormalisation, readTrained, type Trained } from './trained.js';

/** What was read of a file: which network it is of, its weights, and what it says of itself. */
export interface Loaded<W extends Weights = Weights> extends Pick<Identified, 'model' | 'options' | 'classes' | 'same' | WhatWasTaken> {
  readonly weights: W;
  readonly metadata: Readonly<Record<string, string>>;
  /** What it computes, if it is none of the zoo. */
  readonly own?: OwnNetwork;
}

/** How images are made for a network, and what its classes are called, where it is not to be what its weights say. */
export interface NetworkOptions {
  /** Names of the classes, in the order of the network's outputs. */
  readonly labels?: readonly (string | Label)[] | undefined;
  /** The side of the network's image, in pixels; `test`: the publisher's larger size for tests. */
  readonly size?: number | 'test' | undefined;
  /** The share of the resized image's shorter side that is kept, above 0 and at most 1. */
  readonly crop?: number | undefined;
  /** How images are resized, antialiased. */
  readonly interpolation?: Filter | undefined;
  /** Which of a file's dictionaries of tensors was asked for. */
  readonly state?: string | undefined;
}

/** A network with weights, in memory or of a file that is open, ready to be compiled, and what it takes to use it. */
export interface Network<W extends Weights = ReadonlyMap<string, Tensor>> {
  /** What it would be found by: `timm/seresnet50.ra2_in1k`, or `timm/seresnet50` if the weights are not published ones. */
  readonly name: string;
  /** As `listModels` has it; of an ONNX file what it says, or its name. */
  readonly id: string;
  /** Its variant, where the weights say that they are one's. */
  readonly options: ModelOptions;
  /** What the weights come from, for people: a file's path or name. */
  readonly file: string;
  /** Where in the file, if not at its top: `state_dict`. */
  readonly takenFrom: string;
  readonly weights: W;
  readonly classes: number;
  readonly preset: Preset;
  /** One per class; undefined where nothing names them. */
  readonly labels: readonly Label[] | undefined;
  /** The published weights, if these are. */
  readonly published: Pretrained | undefined;
  /** What was chosen where there was a choice: a sentence each, for people. */
  readonly notes: readonly string[];
  /** What it computes, if it is none of the zoo. */
  readonly own?: OwnNetwork;
}

/**
 * What a file's network is called, how its images are made and what its classes are called.
 *
 * @param file what the file is called where people read of it
 * @param named the published weights that it is known to be, if any
 * @throws InputError for options that contradict the weights, or metadata that are damaged
 */
export async function describeNetwork<W extends Weights>(
  loaded: Loaded<W>,
  file: string,
  named: Pretrained | undefined,
  { labels, state, ...images }: NetworkOptions,
): Promise<Network<W>> {
  const { options, takenFrom, weights, classes } = loaded;
  const published = named ?? publishedAs(file, loaded);
  const id = published?.network ?? loaded.model;
  const said = published ? undefined : saidIn(file, loaded.metadata);
  const like = published ?? (said?.preset ? undefined : likeliest(loaded));
  const layer = said?.preset ? undefined : readNormalisation(file, loaded.metadata);
  const labelled = await chooseLabels(labels, classes, like, said);
  const notes = [
    ...whatWasTaken(file, loaded, state),
    ...(published || said?.preset ? [] : [likeText(file, loaded, like)]),
    ...(layer ? [`${file}: images are normalised as the file's own layer ${layer.layer || 'at the top'} does it`] : []),
    ...(labelled === undefined && like?.labels === 'places365' ? [`${file}: ${placesNames}`] : []),
  ];
  const usual = said?.preset ?? like?.preset ?? usualPreset(loaded.own?.size ?? findModel(id).size);
  const preset = adjust(layer ? { ...usual, ...layer.images } : usual, images);
  return {
    name: published ? fullName(published) : id,
    id,
    options,
    file,
    takenFrom,
    weights,
    classes,
    preset,
    labels: labelled,
    published,
    notes,
    ...(loaded.own && { own: loaded.own }),
  };
}

/** What a file says of its images and classes, under our keys or else under those of others. */
function saidIn(file: string, metadata: Loaded['metadata']): Trained {
  const ours = readTrained(file, metadata);
  return ours.preset || ours.labels ? ours : readMobilenetKeys(file, metadata);
}

/** Names that are told of many. */
const mostNamed = 4;

type WhatWasTaken = 'takenFrom' | 'alsoIn' | 'ignored' | 'classifier';

/**
 * Of a file that holds the network more than once or as what it was not saved for, its classifier under another name, or tensors that the network has no
 * place for.
 *
 * @param state what was asked for, which needs no word
 */
export function whatWasTaken(
  file: string,
  { takenFrom, alsoIn, ignored, classifier }: Pick<Identified, WhatWasTaken>,
  state?: string,
): string[] {
  const tensors = [...ignored].flatMap(([name, what]) => (what.startsWith('a tensor') ? [name] : []));
  const more = tensors.length > mostNamed ? ` and ${tensors.length - mostNamed} more` : '';
  const instead = `; --state takes ${alsoIn.join(' or ')} instead`;
  const only = state === undefined && likelihood(takenFrom) === 2 ? ", which is an average's or another network's by its name" : undefined;
  const whence = alsoIn.length > 0 ? instead : only;
  return [
    ...(whence === undefined ? [] : [`${file}: weights taken from ${takenFrom || 'the top'}${whence}`]),
    ...(classifier === undefined ? [] : [`${file}: the classes are computed by the layer ${classifier}`]),
    ...(tensors.length > 0 ? [`${file}: ignored, as no part of the network: ${tensors.slice(0, mostNamed).join(', ')}${more}`] : []),
  ];
}

/** The published weights that a file is by its name, if its network is theirs. */
function publishedAs(file: string, { model, same }: Loaded): Pretrained | undefined {
  const known = pretrainedByFile(file.replace(/^.*[\\/]/, ''));
  return known && [model, ...same].includes(known.network) ? known : undefined;
}

/** Published weights of as many classes, under whichever of the network's names; else the usual ones. */
function likeliest({ model, same, classes }: Loaded): Pretrained | undefined {
  const own = pretrainedOf(model);
  return [...own, ...same.flatMap(pretrainedOf)].find(({ labels }) => classesIn[labels] === classes) ?? own[0];
}

const placesNames =
  "the names of Places365's classes do not ship: labels read from the categories_places365.txt of github.com/CSAILVision/places365 name them";

/** A checkpoint does not say on what images it was trained: likeliest on those of its network's usual weights. */
function likeText(file: string, { model, same }: Loaded, like: Pretrained | undefined): string {
  const others = same.length === 0 ? '' : `; ${same.join(', ')} would be the same network: --model says whose images`;
  return `${file}: ${model}, images as ${like ? `for ${like.name}` : "ImageNet's are usually made"}${others}`;
}

const usualPreset = (size: number): Preset => ({
  size,
  cropRatio: 0.875,
  filter: 'bilinear',
  mean: imagenetMean,
  std: imagenetStd,
});

/** The preset itself where nothing changes it. @throws InputError for what is no size, share or filter */
export function adjust(preset: Preset, { size, crop, interpolation }: Omit<NetworkOptions, 'labels'>): Preset {
  if (size === 'test' && !preset.test) throw new InputError('size test: these weights have one size only');
  if (size === undefined && crop === undefined && interpolation === undefined) return preset;
  if (size !== undefined && size !== 'test' && !(Number.isSafeInteger(size) && size > 0))
    throw new InputError(`size is a whole number of pixels, or test, not ${shown(size)}`);
  if (crop !== undefined && !(crop > 0 && crop <= 1)) throw new InputError(`crop is a share above 0 and at most 1, not ${shown(crop)}`);
  if (interpolation !== undefined && !filters.includes(interpolation))
    throw new InputError(`interpolation is ${filters.join(' or ')}, not ${shown(interpolation)}`);
  const sized = size === 'test' ? { ...preset, ...preset.test } : { ...preset, ...(size !== undefined && { size }) };
  return { ...sized, ...(crop !== undefined && { cropRatio: crop }), ...(interpolation && { filter: interpolation }) };
}

/** @throws InputError for what are no labels, or not as many as there are classes */
export function checkedLabels(given: readonly (string | Label)[], classes: number): readonly Label[] {
  if (!Array.isArray(given))
    throw new InputError(`labels are a list of names, not ${kindOf(given)}: parseLabels(bytes) reads a file of them`);
  if (given.length !== classes) throw new InputError(`expected ${classes} labels, one per class, found ${given.length}`);
  return labelsFrom(given);
}

async function chooseLabels(
  given: NetworkOptions['labels'],
  classes: number,
  like: Pretrained | undefined,
  said: Trained | undefined,
): Promise<readonly Label[] | undefined> {
  if (given !== undefined) return checkedLabels(given, classes);
  if (said?.labels?.length === classes) return said.labels;
  const set = like?.labels ?? 'imagenet';
  return classes === classesIn[set] ? await labelsOf(set) : undefined;
}

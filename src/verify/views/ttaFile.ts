import type { CropCount } from '../../classifier/views.js';
import { InputError } from '../../errors.js';
import {
  anyText,
  type Kind,
  listOf,
  number,
  objectWith,
  oneOf,
  optional,
  positive,
  record,
  text,
  three,
  wholeFrom,
} from '../../io/schema.js';
import { idOf } from '../vector.js';

/** What torchvision gives for several views of a photograph, and the probabilities of networks averaged over them, in float64. */
export interface TtaFile {
  readonly seed: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly nets: ReadonlyMap<string, TtaNet>;
  readonly crops: readonly TtaCrops[];
  readonly cases: readonly TtaCase[];
}

/** A network with generated weights (`uniform-v1`). Its classifier has a gain and a bias of its own. */
export interface TtaNet {
  /** Our id of the network, `source/name`. */
  readonly id: string;
  readonly classes: number;
  readonly gain: number;
  /** The module of the classifier, whose weight has a gain of its own, and whose bias is listed. */
  readonly head: string;
  readonly headGain: number;
  readonly headBias: readonly number[];
}

/** The views of a photograph: of each the SHA-256 of its bytes, and its first pixel. */
export interface TtaCrops {
  readonly image: string;
  readonly resize: number;
  readonly crop: number;
  readonly crops: CropCount;
  /** [height, width]. */
  readonly resized: readonly number[];
  readonly sha256: readonly string[];
  readonly firstPixels: readonly (readonly number[])[];
}

/** A network of a case, and the scales and side of its views. */
export interface TtaMember {
  readonly net: string;
  readonly scales: readonly number[];
  readonly crop: number;
}

/** What one network says of all its views, or several of theirs. */
export interface TtaCase {
  readonly image: string;
  readonly members: readonly TtaMember[];
  readonly crops: CropCount;
  readonly views: number | undefined;
  readonly meanOfProbabilities: readonly number[];
  readonly softmaxOfMeanLogits: readonly number[];
  readonly top5: readonly number[] | undefined;
  readonly top5OfLogits: readonly number[] | undefined;
  /** A row for each view; of one network only. */
  readonly logits: readonly (readonly number[])[] | undefined;
  /** One for each member, and the mean of their probabilities by them. */
  readonly weights: readonly number[] | undefined;
  readonly weightedProbabilities: readonly number[] | undefined;
}

/** Far more than any photograph or network here has. */
const [longestSide, mostClasses, mostScales] = [2 ** 12, 2 ** 16, 2 ** 6];

const kinds: Readonly<Record<'centre' | 'mirror' | 'five' | 'ten', CropCount>> = { centre: 1, mirror: 2, five: 5, ten: 10 };
const kind = oneOf(...(Object.keys(kinds) as readonly (keyof typeof kinds)[]));
const side = wholeFrom(1, longestSide);

const head = objectWith({
  seed: wholeFrom(0),
  mean: three(number),
  std: three(positive),
  nets: record,
  crops: listOf(record),
  cases: listOf(record),
});

const net = objectWith({
  source: anyText,
  classes: wholeFrom(1, mostClasses),
  gain: number,
  head: text,
  headGain: number,
  headBias: listOf(number),
});

const view = objectWith({
  image: text,
  resize: side,
  crop: side,
  kind,
  resized: listOf(wholeFrom(1), 2),
  sha256: listOf(text),
  firstPixels: listOf(listOf(wholeFrom(0, 255), 3)),
});

/** One scale, or several. */
const scales: Kind<readonly number[]> = {
  what: `${side.what}, or a list of up to ${mostScales}`,
  read(value, path) {
    const list = Array.isArray(value) ? listOf(side).read(value, path) : [side.read(value, path)];
    if (list.length === 0 || list.length > mostScales) throw new InputError(`${path} must be ${this.what}, not a list of ${list.length}`);
    return list;
  },
};

const shared = {
  image: text,
  kind,
  views: optional(wholeFrom(1)),
  top5: optional(listOf(wholeFrom(0))),
  top5OfLogits: optional(listOf(wholeFrom(0))),
  meanOfProbabilities: listOf(number),
  softmaxOfMeanLogits: listOf(number),
};
const ofOne = objectWith({ ...shared, net: text, resize: scales, crop: side, logits: optional(listOf(listOf(number))) });
const ofSeveral = objectWith({
  ...shared,
  ensemble: listOf(text),
  resize: listOf(scales),
  crop: listOf(side),
  weights: optional(listOf(positive)),
  weightedProbabilities: optional(listOf(number)),
});

/** @throws InputError naming the field that is missing, or not what the format has */
export function parseTta(json: unknown): TtaFile {
  const { nets: named, crops, cases, ...rest } = head.read(json, '');
  const nets = new Map(Object.entries(named).map(([name, value]) => [name, netOf(value, `nets.${name}`)]));
  return {
    ...rest,
    nets,
    crops: crops.map((value, i) => cropsOf(value, `crops[${i}]`)),
    cases: cases.map((value, i) => caseOf(value, `cases[${i}]`, nets)),
  };
}

/** The same, as what a file holds. */
export const ttaFile: Kind<TtaFile> = { what: 'vectors of test-time augmentation', read: parseTta };

function netOf(value: unknown, path: string): TtaNet {
  const { source, ...rest } = net.read(value, path);
  expectLength(rest.headBias, rest.classes, `${path}.headBias`);
  return { id: idOf(source), ...rest };
}

function cropsOf(value: unknown, path: string): TtaCrops {
  const { kind, ...rest } = view.read(value, path);
  expectFits(rest.crop, [rest.resize], path);
  for (const key of ['sha256', 'firstPixels'] as const) expectLength(rest[key], kinds[kind], `${path}.${key}`);
  return { ...rest, crops: kinds[kind] };
}

function caseOf(value: Readonly<Record<string, unknown>>, path: string, nets: TtaFile['nets']): TtaCase {
  const { members, kind, ...rest } = Object.hasOwn(value, 'ensemble') ? severalOf(value, path) : oneNetOf(value, path);
  const [first] = members as [TtaMember];
  const classes = nets.get(first.net)?.classes;
  for (const { net: name, scales: list, crop } of members) {
    if (!nets.has(name)) throw new InputError(`${path}: nets has no ${JSON.stringify(name.slice(0, 80))}`);
    if (nets.get(name)?.classes !== classes) throw new InputError(`${path}.ensemble: its networks must have the same classes`);
    expectFits(crop, list, path);
  }
  for (const key of ['meanOfProbabilities', 'softmaxOfMeanLogits', 'weightedProbabilities'] as const)
    if (rest[key]) expectLength(rest[key], classes as number, `${path}.${key}`);
  for (const [i, row] of rest.logits?.entries() ?? []) expectLength(row, classes as number, `${path}.logits[${i}]`);
  for (const key of ['top5', 'top5OfLogits'] as const)
    if (rest[key]?.some((index) => index >= (classes as number))) throw new InputError(`${path}.${key} must be of the ${classes} classes`);
  if (rest.logits) expectLength(rest.logits, first.scales.length * kinds[kind], `${path}.logits`);
  return { ...rest, members, crops: kinds[kind] };
}

function oneNetOf(value: unknown, path: string) {
  const { net: name, resize, crop, ...rest } = ofOne.read(value, path);
  return { ...rest, members: [{ net: name, scales: resize, crop }], weights: undefined, weightedProbabilities: undefined };
}

function severalOf(value: unknown, path: string) {
  const { ensemble, resize, crop, ...rest } = ofSeveral.read(value, path);
  if (ensemble.length === 0) throw new InputError(`${path}.ensemble must be a list of networks, not an empty one`);
  expectLength(resize, ensemble.length, `${path}.resize`);
  expectLength(crop, ensemble.length, `${path}.crop`);
  if (rest.weights) expectLength(rest.weights, ensemble.length, `${path}.weights`);
  if (rest.weightedProbabilities && !rest.weights) throw new InputError(`${path}.weights is missing: weightedProbabilities are by them`);
  const members = ensemble.map((name, i) => ({ net: name, scales: resize[i] as readonly number[], crop: crop[i] as number }));
  return { ...rest, members, logits: undefined };
}

function expectLength(list: readonly unknown[], length: number, path: string): void {
  if (list.length !== length) throw new InputError(`${path} must be a list of ${length}, not of ${list.length}`);
}

function expectFits(crop: number, scales: readonly number[], path: string): void {
  const small = scales.find((scale) => scale < crop);
  if (small !== undefined) throw new InputError(`${path}.resize must be ${crop} pixels, the crop, or more, not ${small}`);
}

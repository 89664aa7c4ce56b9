import { InputError } from '../errors.js';
import { kindOf, shown } from '../tensor.js';
import type { Disposed } from '../wasm/session.js';
import { type Average, averages } from './average.js';
import { type Classification, classification } from './classification.js';
import type { Classifier, ClassifyOptions } from './classifier.js';
import type { Picture } from './picture.js';
import { checkPictures } from './pictures.js';
import type { WorkerClassifier } from './worker/workerClassifier.js';

/** A classifier of either kind. */
export type Member = Pick<WorkerClassifier, 'protocol' | 'classify' | 'dispose'> & {
  readonly network: Pick<WorkerClassifier['network'], 'name' | 'classes' | 'labels'>;
};

export interface EnsembleOptions {
  /** A number above 0 for each member; only their ratios count. @defaultValue all the same */
  readonly weights?: readonly number[];
  /** What is averaged: each member's probabilities; or the members' mean logits, of which the softmax is taken then. @defaultValue 'probabilities' */
  readonly average?: Average;
  /** How many classes to name. @defaultValue 5 */
  readonly top?: number;
}

/** Networks that answer as one. */
export interface Ensemble extends Pick<Classifier, 'classify' | 'classifyAll' | 'dispose'>, Disposed {
  readonly members: readonly Member[];
  /** One for each member; they add up to 1. */
  readonly weights: readonly number[];
}

/**
 * Networks of the same classes, whose mean is the answer: each sees a picture in its own size and by its own protocol. Gates are their own, and not told.
 * The ensemble disposes of its members.
 *
 * @throws InputError for members that are none, or of other classes than the first; weights that are not a number above 0 for each; an average or `top`
 *   that is none
 */
export function createEnsemble(members: readonly Member[], options: EnsembleOptions = {}): Ensemble {
  checkMembers(members);
  if (kindOf(options) !== 'Object') throw new InputError(`createEnsemble takes options, { weights } among them, not ${kindOf(options)}`);
  const { weights: given, average = 'probabilities', top = 5 } = options;
  if (!averages.includes(average)) throw new InputError(`average is ${averages.join(' or ')}, not ${shown(average)}`);
  if (!Number.isSafeInteger(top) || top < 1) throw new InputError(`top is a whole number from 1, not ${shown(top)}`);
  const weights = sharesOf(given ?? members.map(() => 1), members.length);
  const labels = members.find(({ network }) => network.labels)?.network.labels;

  async function classify(picture: Picture, asked: ClassifyOptions = {}): Promise<Classification> {
    // all at once, so that each sees what a page shows now
    const parts = await Promise.all(members.map((member) => member.classify(picture, asked)));
    return { ...classification({ labels }, parts, average, top, weights), gates: new Map(), excitations: new Map() };
  }
  const dispose = (): void => {
    for (const member of members) member.dispose();
  };
  return {
    members,
    weights,
    classify,
    async *classifyAll(pictures, asked = {}) {
      checkPictures(pictures);
      for await (const picture of pictures) yield await classify(picture, asked);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

function checkMembers(members: readonly Member[]): void {
  const areMembers = Array.isArray(members) && members.every((member) => typeof member?.classify === 'function' && member.network);
  if (!areMembers || members.length === 0) throw new InputError(`createEnsemble takes a list of classifiers, not ${shown(members)}`);
  checkSameClasses((members as readonly Member[]).map(({ network }) => network));
}

/** @throws InputError for a network of other classes than the first: another number, or other names */
export function checkSameClasses(networks: readonly Member['network'][]): void {
  const first = networks[0] as Member['network'];
  const labelled = networks.find(({ labels }) => labels) ?? first;
  for (const { name, classes, labels } of networks) {
    if (classes !== first.classes)
      throw new InputError(`members of an ensemble have the same classes: ${first.name} has ${first.classes}, ${name} ${classes}`);
    const other = labels?.findIndex((label, i) => label.name !== labelled.labels?.[i]?.name) ?? -1;
    if (other >= 0)
      throw new InputError(
        `members of an ensemble have the same classes: class ${other} of ${labelled.name} is ${labelled.labels?.[other]?.name}, of ${name} ${labels?.[other]?.name}`,
      );
  }
}

/** @throws InputError unless they are a number above 0 for each member */
export function sharesOf(weights: readonly number[], members: number): readonly number[] {
  if (!Array.isArray(weights) || weights.length !== members)
    throw new InputError(`weights of an ensemble are a number for each of its ${members} members, not ${shown(weights)}`);
  const wrong = weights.find((weight) => !(Number.isFinite(weight) && weight > 0));
  if (wrong !== undefined || weights.some((weight) => weight === undefined))
    throw new InputError(`weights of an ensemble are numbers above 0, not ${shown(wrong)}`);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  if (!shares.every((share) => share > 0 && Number.isFinite(share)))
    throw new InputError(`weights of an ensemble are too far apart to add up: ${shown(weights)}`);
  return shares;
}

import { InputError } from '../errors.js';
import { count } from '../graph/count.js';
import { createModel, findModel } from '../models/index.js';
import { bytesPerParameter } from '../pretrained/download/limits.js';
import { findPretrained, pretrainedOf } from '../pretrained/index.js';
import { splitName } from '../pretrained/names.js';
import type { Pretrained, PublishedWeights } from '../pretrained/pretrained.js';

/** What a name without a file means. */
export interface NamedWeights {
  readonly pretrained: Pretrained;
  /** What else it could have meant, for people. */
  readonly note?: string;
}

/** Whether a name is one of weights, not of a network alone: `seresnet50.ra2_in1k`. */
const hasTag = (name: string): boolean => splitName(name).tag !== undefined;

/** The published weights that a file is said to be; undefined for a network's name, or none. @throws InputError if none are so called */
export const taggedWeights = (name: string | undefined): Pretrained | undefined =>
  name !== undefined && hasTag(name) ? findPretrained(name) : undefined;

/**
 * Published weights by their name, or the first of a network's.
 *
 * @param instead what to do where a network has none, for the message
 * @throws InputError if none are so called
 */
export function namedWeights(name: string, instead = 'hand a checkpoint in as weights'): NamedWeights {
  if (hasTag(name)) return { pretrained: findPretrained(name) };
  const { id } = findModel(name);
  const [first, ...rest] = pretrainedOf(id);
  if (first === undefined) throw new InputError(`no weights are published for ${id}: ${instead}`);
  if (rest.length === 0) return { pretrained: first };
  const others = rest.map(({ name }) => name).join(', ');
  return { pretrained: first, note: `${id}: using ${first.name}; there ${rest.length > 1 ? 'are' : 'is'} also ${others}` };
}

/** The largest file that can be of published weights. */
export const mostBytes = ({ network }: Pick<PublishedWeights, 'network'>): number => bytesPerParameter * count(createModel(network)).params;

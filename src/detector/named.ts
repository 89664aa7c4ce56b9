import { InputError } from '../errors.js';
import { count } from '../graph/count.js';
import { findDetector } from '../models/detection/index.js';
import { publishedDetectors } from '../pretrained/detectors.js';
import { bytesPerParameter } from '../pretrained/download/limits.js';
import { calledLike, fullName, splitName } from '../pretrained/names.js';
import type { PublishedWeights } from '../pretrained/pretrained.js';

/** What a name means where detectors are asked for. */
export interface NamedDetector {
  /** `source/name`. */
  readonly id: string;
  /** Those that are published for it; undefined where none are. */
  readonly published: PublishedWeights | undefined;
}

/**
 * A detector by its own name, `fasterrcnn_resnet50_fpn`, or by that of its published weights, `fasterrcnn_resnet50_fpn.COCO_V1`; either with the source in front.
 *
 * @throws InputError if nothing is so called; it suggests the nearest names, or lists the detector's weights
 */
export function namedDetector(name: string): NamedDetector {
  const { id } = findDetector(typeof name === 'string' ? splitName(name).network : name);
  const own = publishedDetectors.filter(({ network }) => network === id);
  if (!name.includes('.')) return { id, published: own[0] };
  const published = own.find((entry) => calledLike(name, entry) === name);
  if (published) return { id, published };
  throw new InputError(`no weights are called ${name}; of ${id} there are ${own.map(fullName).join(', ') || 'none'}`);
}

/** The largest file that can be of a detector's published weights. */
export const mostBytesOfDetector = ({ network }: Pick<PublishedWeights, 'network'>): number =>
  bytesPerParameter * count(findDetector(network).create({ size: [64, 64], regions: 1 })).params;

/**
 * @param instead what the error says to do
 * @throws InputError for a detector of which nobody publishes weights
 */
export function publishedOf({ id, published }: NamedDetector, instead = 'hand a checkpoint in as weights'): PublishedWeights {
  if (published === undefined) throw new InputError(`no weights are published for ${id}: ${instead}`);
  return published;
}

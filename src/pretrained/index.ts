import { InputError } from '../errors.js';
import { nearest } from '../graph/nearest.js';
import { calledLike, fullName, splitName } from './names.js';
import { places365 } from './places365.js';
import { cadene, caffe, moskomule } from './ports.js';
import type { Pretrained } from './pretrained.js';
import { pytorchcv } from './pytorchcv.js';
import { shipped } from './shipped.js';
import { timm } from './timm.js';
import { torchvision } from './torchvision.js';

/** By source in the order in which a bare name is looked up; of a network, the first is what its name without a tag means. */
const all: readonly Pretrained[] = [...timm, ...torchvision, ...places365, ...shipped, ...pytorchcv, ...cadene, ...moskomule, ...caffe];

export function listPretrained(): readonly Pretrained[] {
  return all;
}

/** What is used where no weights are named. */
export const usualPretrained: Pretrained = shipped[0];

/** The weights published for a network, `source/name`, the usual ones first; empty where there are none. */
export const pretrainedOf = (network: string): readonly Pretrained[] => all.filter((entry) => entry.network === network);

/**
 * The weights called `name`: `seresnet50.ra2_in1k`, or with its source in front, `timm/seresnet50.ra2_in1k`.
 *
 * @throws InputError if there are none; it lists the network's tags, or suggests the nearest names.
 */
export function findPretrained(name: string): Pretrained {
  if (typeof name !== 'string') throw new InputError(`weights are called by a text, not ${typeof name}`);
  const nameOf = (entry: Pretrained): string => calledLike(name, entry);
  const found = all.find((entry) => nameOf(entry) === name);
  if (found) return found;
  const { network } = splitName(name);
  const siblings = all.filter((entry) => splitName(nameOf(entry)).network === network).map(fullName);
  throw new InputError(
    siblings.length > 0
      ? `no weights are called ${name}; of ${network} there are ${siblings.join(', ')}`
      : `no weights are called ${name}${nearest(name, all.map(nameOf))}`,
  );
}

/** The weights that a file of this name holds, if its name is a published one (`se_resnet50-ce0d4300.pth`). */
export function pretrainedByFile(file: string): Pretrained | undefined {
  return all.find(({ origin }) =>
    origin.kind === 'url' ? origin.url.endsWith(`/${file}`) : origin.kind === 'page' && origin.file === file,
  );
}

import { InputError } from '../../errors.js';
import { nearest } from '../../graph/nearest.js';
import { insteadOf } from '../../meant.js';
import { fasterRcnnModels } from './fasterRcnn.js';
import type { DetectionModel } from './model.js';

export function listDetectors(): readonly DetectionModel[] {
  return fasterRcnnModels;
}

/** The detector called `name`, which is `source/name` or a bare name. @throws InputError for an unknown name; it suggests the nearest ones. */
export function findDetector(name: string): DetectionModel {
  if (typeof name !== 'string') throw new InputError(`a detector is called by a text, not ${insteadOf('name', name)}`);
  const found = detectorNamed(name);
  if (found) return found;
  const known = fasterRcnnModels.map(({ id }) => calledLike(name, id));
  throw new InputError(`unknown detector ${name}${nearest(name, known)}; \`senet models\` lists all`);
}

/** The same, or undefined for a name that no detector has. */
export const detectorNamed = (name: string): DetectionModel | undefined => fasterRcnnModels.find(({ id }) => calledLike(name, id) === name);

/** What a detector is called where `name` is: with its source, or without it. */
const calledLike = (name: string, id: string): string => (name.includes('/') ? id : id.slice(id.indexOf('/') + 1));

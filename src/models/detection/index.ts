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
  const bare = (id: string): string => id.slice(id.indexOf('/') + 1);
  const called = ({ id }: DetectionModel): string => (name.includes('/') ? id : bare(id));
  const found = fasterRcnnModels.find((model) => called(model) === name);
  if (found) return found;
  throw new InputError(`unknown detector ${name}${nearest(name, fasterRcnnModels.map(called))}; \`senet models --detectors\` lists all`);
}

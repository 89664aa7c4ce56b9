import type { ClassesBy } from './classNames.js';
import type { PassedOver } from './passedOver.js';

/** How a folder or a list was read. */
export interface Reading {
  readonly classesBy: ClassesBy;
  readonly passedOver: PassedOver;
}

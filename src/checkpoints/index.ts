export { type Adopted, adopt } from './adopt.js';
export { type Checkpoint, openCheckpoint } from './checkpoint.js';
export { type Inspection, inspect, modelKey, type Recognised, recognise } from './recognise.js';

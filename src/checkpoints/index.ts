export { type Adopted, adopt } from './adopt.js';
export { type Checkpoint, type CheckpointOptions, openCheckpoint } from './checkpoint.js';
export { type Identified, type Inspection, identify, inspect, type Recognised, type RecogniseOptions, recognise } from './recognise.js';
export { isJson, readShardIndex } from './shardIndex.js';
export { openShards } from './shards.js';
export { imagesKey, networkMetadata, normalisationKey, variantOf } from './variant.js';
export { readAll } from './weights.js';

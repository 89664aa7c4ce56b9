/**
 * What the library does with an operating system. `createClassifier` finds it by this name, where there is one.
 * @module senet/node
 */

export { readOnnxFile } from './onnxFile.js';
export { openPublished, type PublishedOptions, publishedFile } from './published.js';
export type { QueuedAnswer, QueuedEvaluation, QueuedImage, QueuedNetwork, QueuedRun, QueuedRunOptions, QueuePart } from './queue.js';
export { fileSource } from './weightsFile.js';

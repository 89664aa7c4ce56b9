import type { QueuedEvaluation } from '../../src/node/queue.js';

const hash = 'a'.repeat(64);

/** An evaluation of so many images, none of which is anywhere. */
export const evaluationOf = (images: number): QueuedEvaluation => ({
  version: '0.1.0',
  members: [{ sha256: hash, bytes: 1, file: 'w.safetensors', found: { id: 'm', takenFrom: '', options: {}, preset: {} }, classes: 10 }],
  run: { kernels: 'strict', algorithms: 'fast', tile: '5x8', tolerant: false, top: 5 },
  images: Array.from({ length: images }, (_, index) => ({
    index,
    name: `0/${index}.png`,
    file: `data/0/${index}.png`,
    bytes: 1,
    sha256: hash,
  })),
});

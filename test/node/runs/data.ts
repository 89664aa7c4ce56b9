import { nothingPassedOver } from '../../../src/data/passedOver.js';
import { syntheticTensor } from '../../../src/io/synthetic.js';
import type { TrainingData } from '../../../src/node/runs/data.js';
import type { Batch } from '../../../src/train/step.js';

/** Data in memory: images of 8×8, of which one class is brighter than the other. What an epoch is made of depends on its number. */
export function brightness({ images = 22, tests = 7, batch = 4 } = {}): TrainingData {
  const batchOf = (name: string, first: number, size: number): Batch => {
    const labels = Array.from({ length: size }, (_, n) => (first + n) % 2);
    const { shape, data } = syntheticTensor(name, [size, 3, 8, 8], first);
    return { input: { shape, data: data.map((value, i) => value + (labels[Math.floor(i / 192)] as number)) }, labels };
  };
  return {
    classes: ['dark', 'bright'],
    classesBy: 'list',
    passedOver: { train: nothingPassedOver, test: nothingPassedOver },
    images,
    tests,
    key: 'brightness',
    async *batches(epoch, from) {
      for (let i = from; i < Math.floor(images / batch); i++) yield batchOf(`epoch ${epoch}`, i * batch, batch);
    },
    async *test() {
      for (let first = 0; first < tests; first += batch) yield batchOf('test', first, Math.min(batch, tests - first));
    },
    [Symbol.dispose]: () => {},
  };
}

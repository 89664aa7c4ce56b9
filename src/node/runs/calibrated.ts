import { type GraphRunner, lookupOf, observe, recipeOf } from '../../quant/calibrate.js';
import { sizeOf, type Tensor } from '../../tensor.js';
import type { TrainingConfig } from '../../train/config.js';
import type { Batch } from '../../train/step.js';
import { compile } from '../../wasm/session.js';
import { noteObserved } from '../observed.js';
import type { RunState } from './checkpoint.js';
import type { TrainingData } from './data.js';
import { networkOf } from './network.js';

/** Images that ranges are chosen by, as many as `senet quantize` takes. */
const calibrated = 64;

/**
 * The beginning of a run that trains for integers: what they stand for is chosen on the first images of its first epoch, as its first steps will see them.
 *
 * @throws InputError for a value that is not finite, by the name of its layer, and if all images are of one colour
 */
export async function calibratedRun(from: RunState, config: TrainingConfig, data: TrainingData): Promise<RunState> {
  const network = networkOf({ ...config, batch: 1 }, data.classes.length);
  // bits of `fast` depend on the tile, and a run that is begun again is to be the same
  const runner: GraphRunner = (graph, weights) =>
    compile(graph, weights, { threads: config.threads, kernels: config.kernels, algorithms: 'direct' });
  const observed = await observe(network, from.state.weights, singles(data.batches(0, 0), calibrated), runner);
  noteObserved(config.data.train, observed);
  return { ...from, recipe: recipeOf(network, lookupOf(observed, 'mean-square'), new Set()) };
}

/** The images of batches, so many and one at a time. */
async function* singles(batches: AsyncIterable<Batch>, most: number): AsyncGenerator<Tensor, void, undefined> {
  let left = most;
  for await (const { input } of batches) {
    const [, ...shape] = input.shape;
    const size = sizeOf(shape);
    for (let at = 0; at < input.data.length; at += size, left--) {
      if (left === 0) return;
      yield { shape: [1, ...shape], data: input.data.subarray(at, at + size) };
    }
  }
}

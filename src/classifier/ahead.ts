import { classesIn } from '../pretrained/labels.js';
import type { Pretrained } from '../pretrained/pretrained.js';
import { planned, startKernels } from '../wasm/prepare.js';
import { arrange, type RunOptions } from './classifier.js';
import { adjust, type NetworkOptions } from './network.js';

/**
 * What a classifier does without its weights, done while they are on their way: kernels are compiled, and the network is planned and its tile timed. All is remembered where it
 * is made, for as long as somebody holds what this returns. Options that are wrong, and weights of another network, are refused by who waits for the weights.
 *
 * @param expected published weights of the network, if it is known
 */
export async function workAhead(expected: () => Pretrained | undefined, images: NetworkOptions, options: RunOptions): Promise<unknown> {
  try {
    startKernels(options);
    const weights = expected();
    if (weights === undefined || options.packed !== undefined) return undefined; // packed weights say for which tile they are
    const { network: id, labels, preset } = weights;
    const { graph, running } = await arrange({ id, options: {}, classes: classesIn[labels], preset: adjust(preset, images) }, options);
    return [graph, await planned(graph, running)];
  } catch (error) {
    return error;
  }
}

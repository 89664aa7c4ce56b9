import { adopt, variantOf } from '../../checkpoints/index.js';
import { InputError, WeightsError } from '../../errors.js';
import type { Graph } from '../../graph/graph.js';
import type { TrainingConfig } from '../../train/config.js';
import { heWeights } from '../../train/initialise.js';
import { nothing } from '../../train/metrics.js';
import { note } from '../output.js';
import { withCheckpoint } from '../weightsFile.js';
import type { RunState } from './checkpoint.js';

/**
 * A run before its first step.
 *
 * @throws WeightsError, naming the file, if the first weights are not the network's; InputError if a name in `anew` is none of the network's, or if there
 * are no weights to quantise.
 */
export async function beginning({ init, anew, seed, quantise }: TrainingConfig, network: Graph): Promise<RunState> {
  if (quantise && (init === undefined || anew.length > 0))
    throw new InputError(
      `quantise: a trained network is fine-tuned, so that ${init === undefined ? 'init names its weights' : 'nothing of it begins anew'}`,
    );
  const he = heWeights(network, seed);
  const isAnew = named(anew, [...he.keys()]);
  const taken = init === undefined ? [] : [...(await adopted(init, network))].filter(([name]) => !isAnew(name));
  const weights = new Map([...he, ...taken]);
  return {
    state: { steps: 0, weights, slots: {}, average: undefined },
    position: { epochs: 0, window: nothing, epoch: nothing, best: null, lowestLoss: null, seconds: 0 },
  };
}

/** Whether a parameter is one of `modules` or lies in one. */
function named(modules: readonly string[], parameters: readonly string[]): (parameter: string) => boolean {
  const lies = (parameter: string) => (module: string) => parameter === module || parameter.startsWith(`${module}.`);
  const unknown = modules.find((module) => !parameters.some((parameter) => lies(parameter)(module)));
  if (unknown !== undefined) throw new InputError(`anew: the network has no parameter or module ${JSON.stringify(unknown)}`);
  return (parameter) => modules.some(lies(parameter));
}

async function adopted(file: string, network: Graph) {
  const { weights, left, takenFrom } = await withCheckpoint(file, (checkpoint) => {
    if (variantOf(checkpoint.metadata)?.options.quantised) throw new WeightsError('is of a quantised network: expected the float one');
    return adopt(checkpoint, network);
  });
  if (takenFrom !== '') note(`${file}: weights taken from ${takenFrom}`);
  if (left.length > 0) note(`${file}: ${left.join(', ')}: for another number of classes, so these are new`);
  return weights;
}

import { adopt } from '../../checkpoints/index.js';
import type { Graph } from '../../graph/graph.js';
import type { TrainingConfig } from '../../train/config.js';
import { heWeights } from '../../train/initialise.js';
import { nothing } from '../../train/metrics.js';
import { note } from '../output.js';
import { withCheckpoint } from '../weightsFile.js';
import type { RunState } from './checkpoint.js';

/** A run before its first step. @throws WeightsError, naming the file, if the first weights are not the network's. */
export async function beginning({ init, seed }: TrainingConfig, network: Graph): Promise<RunState> {
  const he = heWeights(network, seed);
  const weights = init === undefined ? he : new Map([...he, ...(await adopted(init, network))]);
  return {
    state: { steps: 0, weights, slots: {}, average: undefined },
    position: { epochs: 0, window: nothing, epoch: nothing, best: null, lowestLoss: null, seconds: 0 },
  };
}

async function adopted(file: string, network: Graph) {
  const { weights, left, takenFrom } = await withCheckpoint(file, (checkpoint) => adopt(checkpoint, network));
  if (takenFrom !== '') note(`${file}: weights taken from ${takenFrom}`);
  if (left.length > 0) note(`${file}: ${left.join(', ')}: for another number of classes, so these are new`);
  return weights;
}

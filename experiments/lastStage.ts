import { Command } from 'commander';
import { readAll } from '../src/checkpoints/index.js';
import { openNetwork } from '../src/cli/network.js';
import { InputError } from '../src/errors.js';
import { count } from '../src/graph/count.js';
import { createModel } from '../src/models/index.js';
import type { ModelOptions } from '../src/models/model.js';
import { lastStageResult } from '../src/report/lastStage.js';
import { meanOfMany } from '../src/stats/student.js';
import { map, type Tensor } from '../src/tensor.js';
import { look, rights } from './images.js';
import { type Excited, moments } from './moments.js';
import { type CommonFlags, originOf, runExperiment } from './origin.js';

/**
 * `npm run experiment:last-stage`: what removing the SE blocks of the last stage saves and costs (Hu 2018, §4 and 7.2: 4 % instead of 10 % more parameters, and
 * less than 0.1 % of top-5 error). Nothing is trained again: the gates are left out, or stay at their mean over training images, which the batch norm
 * before them takes up.
 */

/** Of pytorchcv's networks for CIFAR: the last of three stages, and those before as `createModel` counts them, the stem being the first. */
const stage = 'features.stage3.';
const stagesBefore = [2, 3];
const every = 10;

interface Flags extends CommonFlags {
  readonly weights?: string;
}

const isGate = (name: string): boolean => name.startsWith(stage) && name.includes('.se.');

/** γ and β of the batch norm that a gate scaled, times its mean. */
function frozenAt(means: ReadonlyMap<string, Excited>, name: string, x: Tensor): Tensor {
  const unit = /^(features\.stage3\.unit\d+)\.body\.conv2\.bn\.(weight|bias)$/.exec(name)?.[1];
  if (unit === undefined) return x;
  const { mean } = means.get(`${unit}.se.sigmoid`) as Excited;
  let c = 0;
  return map(x, (value) => value * (mean[c++] as number));
}

const command = new Command('experiment:last-stage').option('--weights <file>', 'a checkpoint (default: the network that ships)');

await runExperiment(command, lastStageResult, async ({ data, ...flags }: Flags) => {
  const network = await openNetwork(flags);
  if (![...network.weights.keys()].some(isGate))
    throw new InputError(`${network.file}: expected a network with SE blocks in ${stage}*, found ${network.id}`);

  const seen = moments();
  for await (const { gates } of look(network, { data, split: 'train', every })) seen.add(gates);
  const means = seen.of();

  const without = new Map([...(await readAll(network.weights))].filter(([name]) => !isGate(name)));
  const frozen = new Map([...without].map(([name, x]) => [name, frozenAt(means, name, x)]));

  const test = { data, split: 'test' } as const;
  const whole = await rights(network, test);

  /** Accuracy, and what it differs by from the whole network's on the same images, in shares, with 95 % intervals. */
  function row(what: string, right: readonly number[], options: ModelOptions) {
    const { mean: difference, ...interval } = meanOfMany(right.map((one, i) => one - (whole[i] as number)));
    const { params: parameters } = count(createModel(network.id, { ...network.options, ...options, classes: network.classes }));
    return { what, parameters, accuracy: meanOfMany(right).mean, difference, ...interval };
  }

  const options = { stages: stagesBefore };
  const rows = [
    row('as trained', whole, {}),
    row('without the last stage’s gates', await rights(network, test, { options, weights: without }), options),
    row('its gates frozen at their mean', await rights(network, test, { options, weights: frozen }), options),
  ];
  return { ...originOf('last-stage'), network: network.name, tested: whole.length, frozenOver: seen.count(), rows };
});

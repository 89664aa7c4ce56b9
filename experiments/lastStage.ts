import { Command } from 'commander';
import { readAll } from '../src/checkpoints/index.js';
import { openNetwork } from '../src/cli/network.js';
import { InputError } from '../src/errors.js';
import { count, parameters } from '../src/graph/count.js';
import type { Graph } from '../src/graph/graph.js';
import { createModel } from '../src/models/index.js';
import type { ModelOptions } from '../src/models/model.js';
import type { Node, NodeId } from '../src/ops/op.js';
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

/** Those before the last of three, as `createModel` counts them, the stem being the first. */
const stagesBefore = [2, 3];
const every = 10;

interface Flags extends CommonFlags {
  readonly weights?: string;
}

/** γ and β of each batch norm that a gate of the last stage scales, by name, and the gate. */
function scaledNorms(graph: Graph, gates: readonly string[]): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const gate of gates) {
    const scale = graph.nodes.find(({ op, inputs }) => op === 'scale' && inputs[1] === graph.outputs.get(gate)) as Node;
    const norm = graph.nodes[scale.inputs[0] as NodeId] as Node;
    if (norm.op !== 'batchNorm') throw new InputError(`expected a batch norm before ${gate}, found ${norm.op}`);
    for (const id of norm.inputs.slice(1, 3)) named.set((graph.nodes[id] as Node<'param'>).attrs.name, gate);
  }
  return named;
}

/** One value per channel, times the mean of the channel's gate; as it is where there is none. */
function frozenAt(gate: Excited | undefined, x: Tensor): Tensor {
  if (gate === undefined) return x;
  let c = 0;
  return map(x, (value) => value * (gate.mean[c++] as number));
}

const command = new Command('experiment:last-stage').option('--weights <file>', 'a checkpoint (default: the network that ships)');

await runExperiment(command, lastStageResult, async ({ data, ...flags }: Flags) => {
  const network = await openNetwork(flags);
  const model = { ...network.options, classes: network.classes, gates: true };
  const graph = createModel(network.id, model);
  if (graph.outputs.size === 1) throw new InputError(`${network.file}: expected a network with SE blocks, found ${network.id}`);
  const before = createModel(network.id, { ...model, stages: stagesBefore });
  const last = [...graph.outputs.keys()].filter((name) => !before.outputs.has(name));
  const kept = new Set(parameters(before).map(({ name }) => name));
  const norms = scaledNorms(graph, last);

  const seen = moments();
  for await (const { gates } of look(network, { data, split: 'train', every })) seen.add(gates);
  const means = seen.of();

  const without = new Map([...(await readAll(network.weights))].filter(([name]) => kept.has(name)));
  const frozen = new Map([...without].map(([name, x]) => [name, frozenAt(means.get(norms.get(name) ?? ''), x)]));

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

import { openNetwork } from '../src/cli/network.js';
import { map, sizeOf, type Tensor } from '../src/tensor.js';
import { begin, finish } from './flags.js';
import { accuracy, look } from './images.js';
import { type Excited, moments } from './moments.js';

/**
 * `npm run finding:last-stage`: what removing the SE blocks of the last stage saves and costs (Hu 2018, §6.4 and 7.2, has them add 10 % of all
 * parameters and little accuracy). Nothing is trained again: the gates are left out, or stay at their mean over training images, which the batch norm before
 * them takes up.
 */

const stage = 'features.stage3.';
const { flags, origin } = begin('last-stage');
const network = await openNetwork(flags);
const test = { data: flags.data, split: 'test' } as const;

const means = moments();
for await (const { gates } of look(network, { data: flags.data, split: 'train', every: 10 })) means.add(gates);

const isGate = (name: string): boolean => name.startsWith(stage) && name.includes('.se.');
const without = new Map([...network.weights].filter(([name]) => !isGate(name)));
const frozen = new Map([...without].map(([name, x]) => [name, frozenAt(name, x)]));

/** γ and β of the batch norm that a gate scaled, times its mean. */
function frozenAt(name: string, x: Tensor): Tensor {
  const unit = /^(features\.stage3\.unit\d+)\.body\.conv2\.bn\.(weight|bias)$/.exec(name)?.[1];
  if (unit === undefined) return x;
  const { mean } = [...means.of()].find(([path]) => path.startsWith(`${unit}.`))?.[1] as Excited;
  let c = 0;
  return map(x, (value) => value * (mean[c++] as number));
}

const options = { stages: [1, 2] };
const count = (weights: ReadonlyMap<string, Tensor>): number =>
  [...weights].filter(([name]) => !/running_|num_batches/.test(name)).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
const rows = [
  { what: 'as trained', parameters: count(network.weights), accuracy: await accuracy(network, test) },
  { what: "the last stage's gates left out", parameters: count(without), accuracy: await accuracy(network, test, { options, weights: without }) },
  { what: 'the same, frozen at their mean', parameters: count(without), accuracy: await accuracy(network, test, { options, weights: frozen }) },
];
await finish({ ...origin, network: network.name, rows } as typeof origin);

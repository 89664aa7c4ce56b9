import { compile, createClassifier, createModel, grad, tensor, training } from 'senet';
import { crossEntropy, heWeights, sgd, targetsOf } from 'senet/train';

/** Teaches the network that ships two new classes, upright and level stripes, in ten steps: node fineTune.mjs */
const classifier = await createClassifier();
const { id, weights: trained } = classifier.network;
classifier.dispose();

const graph = createModel(id, { classes: 2, batch: 16 });
let weights = heWeights(graph, 1);
for (const [name, { shape }] of weights) if (String(trained.get(name)?.shape) === String(shape)) weights.set(name, trained.get(name));

const labels = Array.from({ length: 16 }, (_, n) => n % 2);
const stripes = labels.flatMap((label, n) => Array.from({ length: 3 * 32 * 32 }, (_, i) => (((label ? i >> 5 : i) + n) & 4 ? 1 : -1)));
const inputs = { input: tensor([16, 3, 32, 32], stripes), targets: targetsOf(labels, 2) };
const session = await compile(grad(training(graph), crossEntropy), weights);
for (let step = 0, state; step < 10; step++) {
  const outputs = session.run(inputs);
  console.log(`step ${step}: loss ${outputs.get('loss').data[0].toFixed(3)}`);
  const running = new Map([...outputs].filter(([name]) => name.includes('running')));
  const gradients = new Map([...outputs].filter(([name]) => weights.has(name) && !running.has(name)));
  const stepped = sgd({ weights, gradients, state }, { lr: 0.02, momentum: 0.9 });
  [weights, state] = [new Map([...stepped.weights, ...running]), stepped.state];
  session.update(weights);
}

import { compile, createModel, syntheticTensor, syntheticWeights } from '../../dist/src/index.js';

// Twelve sessions that live at once, and others that come and go between them: each gives what it gives alone.
const networks = ['resnet18', 'mobilenetv3_large_100', 'efficientnet_b0'].map((id) => {
  const graph = createModel(id, { size: 32, classes: 10 });
  return { graph, weights: syntheticWeights(graph, { seed: 7 }) };
});
const image = syntheticTensor('input', [1, 3, 32, 32], 7);
const open = ({ graph, weights }) => compile(graph, weights, { kernels: 'strict', tile: '6x8' });
const answer = (session) => session.run(image).get('logits').data.join();

const alone = [];
for (const network of networks) {
  const session = await open(network);
  alone.push(answer(session));
  session.dispose();
}
const live = [];
for (let i = 0; i < 12; i++) {
  live.push({ session: await open(networks[i % 3]), expected: alone[i % 3] });
  const other = await open(networks[(i + 1) % 3]);
  other.run(image);
  if (i % 2) {
    live.shift().session.dispose();
    live.push({ session: await open(networks[i % 3]), expected: alone[i % 3] });
  }
  other.dispose();
}
await Promise.all(live.map(({ session }) => session.runAsync(image)));
console.log(`${live.filter(({ session, expected }) => answer(session) === expected).length} of ${live.length} sessions`);

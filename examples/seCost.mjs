import { compile, createModel, syntheticTensor, syntheticWeights } from 'senet';

/** What SE adds to a network's time: node seCost.mjs legacy_seresnet50 21. A pair is a run with gates and one without, so that both meet the same machine. */
const [, , id = 'legacy_seresnet50', pairs = '21'] = process.argv;

async function timerOf(options) {
  const graph = createModel(id, options);
  const session = await compile(graph, syntheticWeights(graph, { seed: 1, gain: 1 }));
  const image = syntheticTensor('input', graph.nodes[0].shape, 1);
  return () => {
    const start = performance.now();
    session.run(image);
    return performance.now() - start;
  };
}

const [gated, plain] = [await timerOf({}), await timerOf({ se: false })];
for (const warm of [gated, plain, gated, plain]) warm();
const added = Array.from({ length: Number(pairs) }, () => 100 * (gated() / plain() - 1)).sort((a, b) => a - b);
const [low, median, high] = [0.25, 0.5, 0.75].map((share) => added[Math.floor(share * added.length)].toFixed(1));
console.log(`SE adds ${median} % to the time of ${id}; of ${pairs} pairs, half lie from ${low} to ${high} %`);

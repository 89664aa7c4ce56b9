import { build } from '../../dist/src/graph/build.js';
import { evaluate, reference } from '../../dist/src/graph/evaluate.js';
import { compile } from '../../dist/src/index.js';

// Products of bytes in code that no engine has optimised yet, and in code that it has: both are exact integers. Of extremes alone sums are the largest that there are, so that nothing saturates or wraps unseen.
const x = { dtype: 'uint8', scale: 1, zeroPoint: 0, range: [0, 127] };
const layers = [
  { name: 'dense', channels: 512, outputs: 16, kernel: 3, groups: 1 },
  { name: 'pointwise', channels: 40, outputs: 24, kernel: 1, groups: 1 },
  { name: 'grouped', channels: 32, outputs: 32, kernel: 3, groups: 8 },
  { name: 'depthwise', channels: 24, outputs: 24, kernel: 3, groups: 24 },
  { name: 'stem', channels: 3, outputs: 16, kernel: 3, groups: 1 },
];

const graphOf = ({ channels, outputs, kernel, groups }) =>
  build([1, channels, 6, 6], (image) => {
    const { graph } = image;
    const edge = (kernel - 1) / 2;
    const bytes = graph.emit('quantise', [image], { y: x });
    const shape = [outputs, channels / groups, kernel, kernel];
    const weights = graph.emit('param', [], { name: 'w', shape, trainable: true, dtype: 'int8' });
    const attrs = { stride: [1, 1], padding: [edge, edge, edge, edge], dilation: [1, 1], groups };
    const w = { dtype: 'int8', zeroPoints: [0] };
    return { sums: graph.emit('integerConv2d', [bytes, weights], { ...attrs, xDtype: 'uint8', xZeroPoint: 0, w }) };
  });

/** Numbers that any engine draws alike; every third is an end. */
const drawn = (shape, lowest, highest) => {
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
    i % 3 === 0 ? (next() < 0.5 ? lowest : highest) : lowest + Math.floor(next() * (highest - lowest + 1)),
  );
  return { shape, data };
};
const filled = (shape, value) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(value) });

const hotCalls = 300;

/** What is wrong, a line each; `all exact` if nothing is. */
export async function firstCalls() {
  const wrong = [];
  for (const kernels of ['relaxed', 'strict'])
    for (const layer of layers) {
      const graph = graphOf(layer);
      const { shape: image } = graph.nodes[0];
      const { shape } = graph.nodes.find(({ op }) => op === 'param');
      for (const [what, input, w] of [
        ['drawn', drawn(image, 0, 127), drawn(shape, -128, 127)],
        ['largest', filled(image, 127), filled(shape, 127)],
        ['lowest', filled(image, 127), filled(shape, -128)],
      ]) {
        const weights = new Map([['w', w]]);
        const exact = evaluate(graph, reference(weights, { input })).get('sums').data.join();
        const session = await compile(graph, weights, { kernels, tile: '6x8' });
        for (let call = 0; call < (what === 'drawn' ? hotCalls : 1); call++)
          if (session.run(input).get('sums').data.join() !== exact) wrong.push(`${kernels} ${layer.name} ${what}, call ${call + 1}`);
        session.dispose();
      }
    }
  return wrong.length === 0 ? 'all exact' : wrong.slice(0, 10).join('\n');
}

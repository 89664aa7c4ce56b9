import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answers, direction, finding, qvac, reading, rightOf } from '../../experiments/trainedNetworks.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { readOnnxFile } from '../../src/node/onnxFile.js';
import { graphOfOnnx } from '../../src/onnx/index.js';
import { type Tensor, widen } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';

/** What `npm run fetch:networks` fetches. */
const folder = join(import.meta.dirname, '../../networks');

/**
 * Chance is a third of three classes, a half of two directions, and no line of text. Lines are found by half of the detector's gates, and most are missed with
 * gates of 1.
 */
const networks = [
  { name: "QVAC's three classes", open: qvac, gates: 9, most: { trained: 6, 1: 3, 0.5: 3 } },
  { name: "PaddleOCR's direction of text", open: direction, gates: 9, most: { trained: 50, 1: 30, 0.5: 30 } },
  { name: "PaddleOCR's reading of text", open: reading, gates: 2, most: { trained: 11, 1: 0, 0.5: 0 } },
  { name: "PaddleOCR's finding of text", open: finding, gates: 10, most: { trained: 25, 1: 15, 0.5: 25 } },
] as const;

describe.each(networks)('$name', ({ open, gates, most }) => {
  test('gets every picture right with the gates that were trained', async () => {
    const network = await open(folder);
    expect([network.gates.length, network.asked.length]).toEqual([gates, most.trained]);
    expect(rightOf(network, await answers(network, 'trained'))).toBe(most.trained);
  });

  test.each([1, 0.5] as const)('gets no more right than it can with gates of %d: a wrong gate is a wrong answer', async (value) => {
    const network = await open(folder);
    expect(rightOf(network, await answers(network, value))).toBeLessThanOrEqual(most[value]);
  });
});

// the reference takes minutes for a line of text that is read
describe.each(networks.slice(0, 2))('$name', ({ open }) => {
  test('says the same in float64, of a picture of each answer', async () => {
    const { graph, weights, output, says, asked } = await open(folder);
    const wide = new Map([...(weights as ReadonlyMap<string, Tensor>)].map(([key, value]) => [key, widen(value)]));
    using session = await compile(graph, weights);
    for (const { image, answer } of asked.filter(({ answer: each }, i) => asked.findIndex((other) => other.answer === each) === i)) {
      const exact = (evaluate(graph, reference(wide, { input: widen(image) })).get(output) as Tensor).data;
      const { data } = session.run(image).get(output) as Tensor;
      expect([says(exact, 0), says(data, 0)]).toEqual([answer, answer]);
    }
  });
});

test.each([
  ['direction', { '0.200000': 9 }],
  ['detector', { '0.166667': 2, '0.200000': 8 }],
  ['recogniser', { '0.166667': 2 }],
])('the SE blocks of the %s are found with their slopes', async (name, expected) => {
  const { gates } = graphOfOnnx(await readOnnxFile(join(folder, `ocr/${name}.onnx`)), {
    input: [1, 3, name === 'detector' ? 64 : 48, 192],
  });
  const found: Record<string, number> = {};
  for (const { slope } of gates.values()) found[slope.toPrecision(6)] = (found[slope.toPrecision(6)] ?? 0) + 1;
  expect(found).toEqual(expected);
});

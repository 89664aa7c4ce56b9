import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answers, direction, type GateValue, qvac, rightOf } from '../../experiments/trainedNetworks.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { type Tensor, widen } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';

/** What `npm run fetch:networks` fetches. */
const folder = join(import.meta.dirname, '../../networks');

/** Chance is a third of three classes, and a half of two directions. */
const networks = [
  { name: "QVAC's three classes", open: qvac, gates: 9, most: { trained: 6, none: 3 } },
  { name: "PaddleOCR's direction of text", open: direction, gates: 9, most: { trained: 50, none: 30 } },
] as const;

describe.each(networks)('$name', ({ open, gates, most }) => {
  test('gets every picture right with the gates that were trained', async () => {
    const network = await open(folder);
    expect([network.gates.length, network.asked.length]).toEqual([gates, most.trained]);
    expect(rightOf(network, await answers(network, 'trained'))).toBe(most.trained);
  });

  test.each<GateValue>([1, 0.5])('is as good as chance with gates of %d: a wrong gate is a wrong answer', async (value) => {
    const network = await open(folder);
    expect(rightOf(network, await answers(network, value))).toBeLessThanOrEqual(most.none);
  });

  test('says the same in float64, of a picture of each answer', async () => {
    const { graph, weights, output, asked } = await open(folder);
    const wide = new Map([...(weights as ReadonlyMap<string, Tensor>)].map(([key, value]) => [key, widen(value)]));
    using session = await compile(graph, weights);
    for (const { image, answer } of asked.filter(({ answer: each }, i) => asked.findIndex((other) => other.answer === each) === i)) {
      const exact = (evaluate(graph, reference(wide, { input: widen(image) })).get(output) as Tensor).data;
      const { data } = session.run(image).get(output) as Tensor;
      expect([exact.indexOf(Math.max(...exact)), data.indexOf(Math.max(...data))]).toEqual([answer, answer]);
    }
  });
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conformanceLimits } from '../../src/cli/vector.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { ModelOptions } from '../../src/models/model.js';
import { compile } from '../../src/wasm/session.js';

interface Case {
  readonly id: string;
  readonly options?: ModelOptions;
  readonly seed: number;
  readonly input: readonly [number, number, number, number];
  readonly logits: readonly number[];
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/logits.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

/** Odd sizes, where padding, rounding and strides of the sources differ. */
test.each(cases)('$id $options: what PyTorch computes in float64', { timeout: 60_000 }, async ({ id, options, seed, input, logits }) => {
  const [batch, , height, width] = input;
  const graph = createModel(id, { ...options, batch, size: [height, width], classes: logits.length / batch });
  using session = await compile(graph, syntheticWeights(graph, { seed }), { algorithms: 'direct' });
  const found = session.run(syntheticTensor('input', input, seed)).get('logits');
  const error = Math.max(...logits.map((value, i) => Math.abs((found?.data[i] as number) - value)));
  expect(error).toBeLessThanOrEqual(conformanceLimits.direct * Math.max(...logits.map(Math.abs)));
});

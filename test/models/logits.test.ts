import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { ModelOptions } from '../../src/models/model.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { compile } from '../../src/wasm/session.js';
import { long, some } from '../support/length.js';

interface Case {
  readonly id: string;
  readonly options?: ModelOptions;
  readonly seed: number;
  /** @defaultValue 1 */
  readonly gain?: number;
  readonly input: readonly [number, number, number, number];
  readonly logits: readonly number[];
  /** By module path, each [N · channels]. */
  readonly gates?: Readonly<Record<string, readonly number[]>>;
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/logits.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

/** Of these the weights alone take seconds. */
const large = /vgg16|SENet-154/;
const rows = long
  ? cases
  : some(
      cases.filter(({ id }) => !large.test(id)),
      3,
    );

/** Odd sizes, where padding, rounding and strides of the sources differ. */
test.each(rows)('$id $options: what PyTorch computes in float64', { timeout: 120_000 }, async (row) => {
  const { id, options, seed, gain = 1, input, logits, gates = {} } = row;
  const [batch, , height, width] = input;
  const graph = createModel(id, {
    ...options,
    batch,
    size: [height, width],
    classes: logits.length / batch,
    gates: Object.keys(gates),
  });
  using session = await compile(graph, syntheticWeights(graph, { seed, gain }), { algorithms: 'direct' });
  const found = session.run(syntheticTensor('input', input, seed));
  const error = (output: string, expected: readonly number[]): number =>
    largest(expected.map((value, i) => (found.get(output)?.data[i] as number) - value));
  expect(error('logits', logits)).toBeLessThanOrEqual(conformanceLimits.direct * largest(logits));
  for (const [path, gate] of Object.entries(gates)) expect(error(path, gate), path).toBeLessThanOrEqual(conformanceLimits.direct);
});

import { expect, test } from 'vitest';
import { type Bounded, bounds } from '../../src/bound/bound.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { conv, globalAvgPool, input, linear, relu, scale } from '../../src/models/layers.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { seeded } from '../support/arbitraries.js';
import { expectWithin } from '../support/expectWithin.js';

/** Two stretches: a first answer, then a gate that is made of it, and a last answer behind the gate. */
const graph = build([1, 3, 9, 7], (image) => {
  const u = relu(conv(image, 'conv', { out: 16, kernel: 3 }));
  const first = linear(globalAvgPool(u), 'first', 16);
  const s = input(image, 's', [1, 16]);
  return { first, last: linear(globalAvgPool(scale(u, s)), 'last', 5) };
});
const weights = syntheticWeights(graph, { seed: 3 });
const image = seeded([1, 3, 9, 7], 4);
const halved = (outputs: ReadonlyMap<string, Tensor>): Tensor => {
  expect([...outputs.keys()]).toEqual(['first']); // not what is behind the input
  const { data } = outputs.get('first') as Tensor;
  return tensor(
    [1, 16],
    Array.from(data, (value) => value / 2),
  );
};

test('a late input is made of the outputs before it, and gives what it would give as an input', () => {
  const late = evaluate(graph, reference(weights, { input: image }), { late: { s: halved } });
  const s = halved(new Map([['first', late.get('first') as Tensor]]));
  expect(evaluate(graph, reference(weights, { input: image, s }))).toEqual(late);
});

for (const threads of [1, 2])
  test(`kernels on ${threads} threads stop for it, and give the same bits as with an input`, async () => {
    using session = await compile(graph, weights, { threads, kernels: 'strict' });
    const late = session.run({ input: image }, { s: halved });
    const s = halved(new Map([['first', late.get('first') as Tensor]]));
    expect(session.run({ input: image, s })).toEqual(late);
    expect(session.run(image, { s: halved })).toEqual(late);
    expect(await session.runAsync({ input: image }, { s: halved })).toEqual(late);
    const { outputs, stepMs } = session.profile({ input: image }, { s: halved });
    expect(outputs).toEqual(late);
    expect(stepMs).toHaveLength(session.plan.steps.length);
    const expected = evaluate(graph, bounds(weights, { input: image, s }));
    for (const [name, value] of late) expectWithin(value, expected.get(name) as Bounded, name);
  });

test('a late input that is none, or makes no such tensor, is an error that names it', async () => {
  using session = await compile(graph, weights);
  const run = (late: unknown) => () => session.run({ input: image }, late as never);
  expect(run({ t: halved })).toThrow(new InputError('no input is called t; there are input, s'));
  expect(run({ s: 1 })).toThrow(new InputError('late input s is a function of the outputs, not number'));
  expect(run([])).toThrow(InputError);
  expect(run({})).toThrow(ShapeError);
  expect(run({ s: () => seeded([1, 15], 1) })).toThrow(new ShapeError('input s', { expected: [1, 16], found: [1, 15] }));
  expect(run({ s: () => Promise.resolve(seeded([1, 16], 1)) })).toThrow(/input s is no tensor but.*Promise/);
  expect(() => evaluate(graph, reference(weights, { input: image }), { late: { t: halved } as never })).toThrow(InputError);
  expect(session.run({ input: image }, { s: halved }).size).toBe(2); // it is as good as before
});

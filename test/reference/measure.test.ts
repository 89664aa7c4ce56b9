import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Checked } from '../../reference/crosscheck/checked.js';
import { measure } from '../../reference/crosscheck/measure.js';
import { caseText, graphOf } from '../../reference/properties/case.js';
import { isDeep } from '../../reference/properties/deep.js';
import { properties } from '../../reference/properties/properties.js';
import { UnsupportedError } from '../../src/errors.js';
import { map } from '../../src/tensor.js';
import { faulty, flushing } from './faulty.js';

const draws = { seed: 1, cases: 60, gpuMs: 0 };
const quietly = (): void => {};

test('an engine that is wrong from 3 channels on is found, with the smallest case: 3 channels of one cell', async () => {
  const wrong = faulty('wrong', (y) => ((y.shape[1] as number) >= 3 ? map(y, (value) => value * 2 + 1) : y));
  const { rows, findings } = await measure('add', [wrong], draws, quietly);
  expect(rows).toMatchObject([{ op: 'add', engine: 'wrong', cases: 60, unsupported: 0 }]);
  const above = findings.find(({ fault }) => fault === 'above');
  expect(above?.smallest).toMatchObject({
    values: 'ordinary',
    inputs: [
      [1, 3, 1, 1],
      [1, 3, 1, 1],
    ],
  });
  expect(above?.cases).toBe(rows[0]?.faults.above);
  expect(rows[0]?.ratio).toBeGreaterThan(1);
});

test('the path of a finding leads to its smallest case', async () => {
  const wrong = faulty('wrong', (y) => map(y, (value) => value + 1));
  const { findings } = await measure('scale', [wrong], draws, quietly);
  const { path, smallest } = findings[0] ?? expect.fail('no finding');
  expect(fc.sample(properties.scale(), { seed: draws.seed, path, numRuns: 1 })).toEqual([smallest]);
});

test('taking denormals for 0 is a fault of its own kind, and does not count as an error', async () => {
  const { rows, findings } = await measure('relu', [flushing], draws, quietly);
  expect(findings.map(({ fault }) => fault)).toEqual(['denormal']);
  expect(rows[0]?.ratio).toBe(0);
});

test('an engine that throws fails; one that lacks the op does not, and says so', async () => {
  const reason = 'no such op here';
  const lacking = faulty('lacking', () => {
    throw new UnsupportedError(reason);
  });
  const broken = faulty('broken', () => {
    throw new Error('out of memory\nat');
  });
  const { rows, findings } = await measure('relu', [lacking, broken], { ...draws, cases: 5 }, quietly);
  expect(rows).toMatchObject([
    { engine: 'lacking', cases: 0, unsupported: 5, refusal: reason },
    { engine: 'broken', cases: 5, unsupported: 0, faults: { fails: 5 } },
  ]);
  expect(findings.map(({ engine, what }) => [engine, what.slice(-20)])).toEqual([['broken', 'fails: out of memory']]);
});

test('an engine on a GPU that has used up its time is given 50 cases', async () => {
  const reference = faulty('slow', (y) => y);
  const onGpu: Checked = { ...reference, engine: { ...reference.engine, adapter: 'some GPU' } };
  const { rows } = await measure('relu', [onGpu, reference], draws, quietly);
  expect(rows.map(({ engine, cases }) => [engine, cases])).toEqual([
    ['slow in Node', 50],
    ['slow', 60],
  ]);
});

test('at least half of the convolutions and linear layers sum 64 products and have an extent beyond a tile', () => {
  for (const op of ['conv2d', 'conv3x3', 'linear'] as const) {
    const drawn = fc.sample(properties[op](), 1000);
    expect(drawn.filter(isDeep).length, op).toBeGreaterThanOrEqual(500);
  }
});

/** Infinities and NaN scattered; in linear layers also many of them. */
const kindsOfSums: Readonly<Record<string, number>> = { conv2d: 7, conv3x3: 7, linear: 9 };

test('every property draws graphs of its one op, of every kind of numbers, and a case prints whole', () => {
  for (const [name, cases] of Object.entries(properties)) {
    const drawn = fc.sample(cases(), 300);
    for (const one of drawn) {
      expect(graphOf(one).nodes.at(-1)?.op).toBe(one.op);
      expect(caseText(one)).toContain(`seed ${one.seed}`);
    }
    const kinds = new Set(drawn.map(({ values }) => values));
    expect(kinds.size, name).toBe(kindsOfSums[name] ?? 8);
  }
});

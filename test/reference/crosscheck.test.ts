import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checked } from '../../reference/crosscheck/checked.js';
import { findEngines } from '../../reference/crosscheck/engines.js';
import { measure } from '../../reference/crosscheck/measure.js';
import { type PropertyName, properties } from '../../reference/properties/properties.js';

/** What `npm run crosscheck` does, with few cases and without GPUs. */

/** The faults that are known of TensorFlow.js 4.22 and LiteRT.js 2.5.3. */
const known: Partial<Record<PropertyName, readonly string[]>> = {
  relu6: ['tfjs-wasm nonfinite'],
  sigmoid: ['tfjs-wasm denormal', 'litert denormal'],
  hardSigmoid: ['tfjs-wasm nonfinite'],
  silu: ['tfjs-wasm denormal', 'tfjs-wasm above', 'litert denormal', 'litert above'],
  softmax: ['tfjs-wasm denormal', 'litert denormal'],
  maxPool2d: ['tfjs-cpu nonfinite', 'tfjs-wasm nonfinite', 'litert nonfinite'],
  avgPool2d: ['tfjs-wasm nonfinite', 'litert nonfinite'],
};

let engines: readonly Checked[] = [];
beforeAll(async () => {
  ({ engines } = await findEngines([], false));
});
afterAll(() => Promise.all(engines.map(({ engine }) => engine.dispose())));

test('there are ours, each build with its algorithms, TensorFlow.js and LiteRT.js', () => {
  expect(engines.map(({ engine }) => engine.engine)).toEqual([
    'senet reference',
    'senet strict direct',
    'senet relaxed direct',
    'senet relaxed F(2×2)',
    'senet relaxed F(4×4)',
    'tfjs-cpu',
    'tfjs-wasm',
    'litert',
  ]);
});

describe.each(Object.keys(properties) as PropertyName[])('%s', (op) => {
  test('ours are within their bounds; the others have their known faults and no more', async () => {
    const { rows, findings } = await measure(op, engines, { seed: 20171109, cases: 30, gpuMs: 0 }, () => {});
    expect(findings.filter(({ ours }) => ours).map(({ what }) => what)).toEqual([]);
    expect(findings.map(({ engine, fault }) => `${engine} ${fault}`)).toEqual(known[op] ?? []);
    const applicable = rows.filter(({ unsupported }) => unsupported === 0).map(({ cases }) => cases);
    expect(applicable).toEqual(Array(op === 'conv3x3' ? 8 : op === 'adaptiveAvgPool2d' ? 5 : 6).fill(30));
  });
});

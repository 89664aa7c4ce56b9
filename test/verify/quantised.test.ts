import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { verify } from '../../src/node/verify/file.js';
import type { VerifyOptions } from '../../src/node/verify/options.js';
import type { VerifyEngine } from '../../src/report/verdict.js';
import { parseQuantisedFile } from '../../src/verify/quantisedFile.js';
import { damagedJson } from '../support/damaged.js';

/** By hand: sums, ties, both ends of the range, zero points of weights, a range that is found on the way. */
const window = { group: 1, strides: [1, 1], pads: [0, 1, 0, 0], dilations: [1, 1] };
const x = { xType: 'uint8', xShape: [1, 1, 1, 3], xZeroPoint: 10, x: [10, 11, 255] };
const json = {
  layout: 'NCHW, OIHW',
  cases: [
    {
      ...{ name: 'by hand', op: 'QLinearConv', ...window, ...x },
      ...{ wType: 'int8', wShape: [2, 1, 1, 2], wZeroPoint: 0, w: [1, 2, -127, 127], bias: [1, 0] },
      ...{ xScale: 0.5, wScale: [1, 2], yScale: 1, yType: 'int8', yZeroPoint: -1 },
      // sums: 0, 2, 1 + 490 with the bias 1 added; and 0, 127, 244 · 127
      y: [-1, 1, 127, -1, 126, 127],
    },
    {
      name: 'exact',
      op: 'ConvInteger',
      ...window,
      ...x,
      wType: 'uint8',
      wShape: [1, 1, 1, 2],
      wZeroPoint: [128],
      w: [129, 126],
      y: [0, -2, -489],
    },
    {
      ...{ name: 'exact', op: 'MatMulInteger', aType: 'int8', aShape: [2, 2], aZeroPoint: -1, a: [0, 1, 2, 3] },
      ...{ bType: 'int8', bShape: [2, 3], bZeroPoint: [0, 1, 2], b: [1, 2, 3, 4, 5, 6] },
      y: [9, 9, 9, 19, 19, 19],
    },
    {
      ...{ name: 'by hand', op: 'QLinearMatMul', aType: 'uint8', aShape: [1, 2], aZeroPoint: 0, a: [1, 2], aScale: 0.5 },
      ...{
        bType: 'int8',
        bShape: [2, 2],
        bZeroPoint: 0,
        b: [1, -1, 2, -3],
        bScale: [1, 1],
        yScale: 1,
        yType: 'uint8',
        yZeroPoint: 9,
        y: [11, 5],
      },
    },
    { name: 'ties', op: 'QuantizeLinear', yType: 'uint8', yScale: 2, yZeroPoint: 4, x: [-3, -1, 1, 3, 1e9], y: [2, 4, 4, 6, 255] },
    { name: 'by hand', op: 'DequantizeLinear', xType: 'int8', xScale: 0.25, xZeroPoint: 3, x: [-128, 3], y: [-32.75, 0] },
    { name: 'by hand', op: 'DynamicQuantizeLinear', x: [-1, 254], yScale: 1, yZeroPoint: 1, y: [0, 255] },
  ],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-quantised-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function verdictOf(value: unknown, engine: VerifyEngine) {
  const file = join(folder, 'quant.json');
  await writeFile(file, JSON.stringify(value));
  return verify(file, { engine });
}

test.each<VerifyEngine>(['reference', 'wasm'])('%s gives the integers of each operator', async (engine) => {
  const { verdict } = await verdictOf(json, engine);
  expect(verdict).toMatchObject({ kind: 'quantised', pass: true });
  expect(verdict.checks.map(({ name, error }) => [name, error])).toEqual([
    ['QLinearConv by hand', 0],
    ['ConvInteger exact', 0],
    ['MatMulInteger exact', 0],
    ['QLinearMatMul by hand', 0],
    ['QuantizeLinear ties', 0],
    ['DequantizeLinear by hand', 0],
    ['DynamicQuantizeLinear by hand', 0],
    ['DynamicQuantizeLinear by hand: scale', 0],
    ['DynamicQuantizeLinear by hand: zero point', 0],
  ]);
});

test.each<VerifyOptions>([
  { engine: 'reference' },
  { engine: 'wasm', kernels: 'strict' },
  { engine: 'wasm', kernels: 'relaxed' },
  { engine: 'wasm', threads: 2 },
])('%o gives the integers of the operators as they were computed elsewhere', async (options) => {
  const { verdict } = await verify('test/fixtures/onnx/quant.json', options);
  expect(verdict).toMatchObject({ kind: 'quantised', pass: true });
  expect(verdict.checks.filter(({ error }) => error !== 0)).toEqual([]);
  const ops = new Set(verdict.checks.map(({ name }) => name.split(' ')[0]));
  expect([...ops].sort()).toEqual(['ConvInteger', 'DynamicQuantizeLinear', 'MatMulInteger', 'QLinearConv', 'QuantizeLinear']);
});

test('a wrong integer fails, and says how many there are', async () => {
  const wrong = structuredClone(json);
  (wrong.cases[1] as { y: number[] }).y = [1, -2, -488];
  const { verdict, badInput } = await verdictOf(wrong, 'wasm');
  expect([verdict.pass, badInput, verdict.checks[1]]).toMatchObject([false, false, { error: 2, limit: 0, pass: false }]);
});

test('a case that does not fit is bad input, by its place', async () => {
  const broken = (change: object) => verdictOf({ ...json, cases: [{ ...json.cases[1], ...change }] }, 'wasm');
  for (const [change, message] of [
    [{ op: 'Conv' }, 'cases[0]: op must be one of QLinearConv'],
    [{ x: [1, 2] }, 'cases[0]: x must be of 3 numbers, not 2'],
    [{ y: [1] }, 'cases[0]: ConvInteger gives y of [1, 1, 1, 3], and the file has 1 numbers'],
    [{ wZeroPoint: [300] }, 'cases[0]: integerConv2d cannot have w'],
    [{ pads: [0, 0, 0, 1e9] }, 'cases[0]: pads[3] must be a whole number from 0 to 1024'],
  ] as const) {
    const { verdict, badInput } = await broken(change);
    expect([verdict.error, badInput]).toEqual([expect.stringContaining(message), true]);
  }
});

test('a damaged file is an InputError', () => {
  for (const text of damagedJson(json)) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      continue;
    }
    try {
      parseQuantisedFile(value);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  }
});

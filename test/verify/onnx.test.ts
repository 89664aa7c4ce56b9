import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { verify } from '../../src/node/verify/file.js';
import type { VerifyOptions } from '../../src/node/verify/options.js';
import { parseOnnxFile } from '../../src/verify/onnxFile.js';
import { damagedJson } from '../support/damaged.js';

const folder = 'test/fixtures/onnx';
const index = join(folder, 'index.json');
const json = JSON.parse(await readFile(index, 'utf8'));

/** What is not expressed yet. */
const later = ['qdq-u8.onnx', 'qlinear.onnx'];

describe('every file that PyTorch exported, every run, agrees with its float64', () => {
  test.each<VerifyOptions>([
    { engine: 'reference' },
    { engine: 'wasm' },
    { engine: 'wasm', kernels: 'strict' },
    { engine: 'wasm', algorithms: 'fast' },
  ])('%j', async (options) => {
    const { verdict, badInput } = await verify(index, options);
    expect([verdict.kind, badInput]).toEqual(['onnx', false]);
    const expected = (json.models as { file: string; runs: { input: number[] }[] }[]).flatMap(({ file, runs }) =>
      later.includes(file) ? [[file, false]] : runs.map(({ input }) => [`${file} [${input.join(', ')}]`, true]),
    );
    expect(verdict.checks.map(({ name, pass }) => [name, pass])).toEqual(expected);
  });
});

test('a file that cannot be expressed fails with every node of it, and the others are checked', async () => {
  const { verdict } = await verify(index, { engine: 'wasm' });
  expect(verdict.pass).toBe(false);
  for (const file of later) expect(verdict.error).toContain(`${file}: onnx: `);
  expect(verdict.error).toMatch(/QuantizeLinear of operator set 13 \(this operator is not known\): n_4, /);
});

describe('a list', () => {
  let copy: string;
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'senet-onnx-'));
    await cp(join(folder, 'senext-float16.onnx'), join(copy, 'senext-float16.onnx'));
  });
  afterAll(() => rm(copy, { recursive: true }));

  async function verdictOf(change: (model: Record<string, unknown> & { runs: { input: number[]; float64: number[] }[] }) => void) {
    const model = structuredClone(json.models.find(({ file }: { file: string }) => file === 'senext-float16.onnx'));
    change(model);
    const file = join(copy, 'index.json');
    await writeFile(file, JSON.stringify({ seed: 61, models: [model] }));
    return (await verify(file, { engine: 'wasm' })).verdict;
  }

  test('passes, and fails by a wrong output, a missing one, another seed, another input', async () => {
    expect(await verdictOf(() => {})).toMatchObject({ pass: true });
    expect(await verdictOf(({ runs }) => (runs[0] as { float64: number[] }).float64.splice(0, 1, 1))).toMatchObject({ pass: false });
    expect(await verdictOf(({ runs }) => runs[0]?.float64.pop())).toMatchObject({ pass: false });
    expect(await verdictOf((model) => (model.seed = 62))).toMatchObject({ pass: false });
    expect((await verdictOf((model) => (model.inputName = 'image'))).error).toMatch(/expected an input image, found input/);
  });

  test('that names a file elsewhere, or none, is one error', async () => {
    expect((await verdictOf((model) => (model.file = '../x.onnx'))).error).toMatch(
      /models\[0\]\.file must be the name of a file in the same folder/,
    );
    expect((await verdictOf((model) => (model.file = 'none.onnx'))).error).toMatch(/none\.onnx: cannot be read/);
  });

  test('that is damaged is an InputError', () => {
    for (const text of damagedJson({ seed: 61, models: [{ ...json.models[0], runs: json.models[0].runs }] })) {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        continue;
      }
      try {
        parseOnnxFile(value);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
  });
});

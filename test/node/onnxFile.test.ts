import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError, WeightsError } from '../../src/errors.js';
import { readOnnxFile } from '../../src/node/onnxFile.js';
import { bytesOf } from '../support/files/bytes.js';
import { external, onnxFile } from '../support/files/onnx.js';

const root = mkdtempSync(join(tmpdir(), 'senet-onnx-'));
afterAll(() => rmSync(root, { recursive: true }));
const at = (...path: readonly string[]): string => join(root, ...path);

const values = [1, -2, 0.5, 100];
const model = (location: string): Uint8Array =>
  onnxFile({
    nodes: [['Add', ['x', 'w'], ['y']]],
    initializers: [{ name: 'w', shape: [4], type: 1, stored: [external({ location })] }],
  });
const read = async (path: string) => [...((await readOnnxFile(path)).initializers.get('w')?.read().data ?? [])];

beforeAll(() => {
  for (const folder of ['model/data', 'elsewhere', 'cache/blobs', 'cache/snapshots/1']) mkdirSync(at(folder), { recursive: true });
  for (const file of ['model/w.bin', 'model/data/w.bin', 'elsewhere/w.bin', 'cache/blobs/b'])
    writeFileSync(at(file), bytesOf(Float32Array.from(values)));
  writeFileSync(at('model/short.bin'), new Uint8Array(15));
  writeFileSync(at('cache/blobs/a'), model('w.bin'));
  symlinkSync(at('model/data/w.bin'), at('model/inside.bin'));
  symlinkSync('../elsewhere/w.bin', at('model/outside.bin'));
  symlinkSync(at('elsewhere'), at('model/folder'));
  symlinkSync('nowhere', at('model/dangling.bin'));
  symlinkSync('../../blobs/a', at('cache/snapshots/1/model.onnx'));
  symlinkSync('../../blobs/b', at('cache/snapshots/1/w.bin'));
});

describe('tensors in files beside the model', () => {
  test.each(['w.bin', 'data/w.bin', 'inside.bin'])('are read: %s', async (location) => {
    writeFileSync(at('model/model.onnx'), model(location));
    expect(await read(at('model/model.onnx'))).toEqual(values);
  });

  test('are read where both are links into one folder, as in a cache of downloads', async () => {
    expect(await read(at('cache/snapshots/1/model.onnx'))).toEqual(values);
  });

  test.each([
    ['../elsewhere/w.bin', /model\.onnx: onnx: tensor w: expected a file in the model's folder, found "\.\.\/elsewhere\/w\.bin"$/],
    ['outside.bin', /model\.onnx: onnx: tensor w: expected its values in "outside\.bin", found .*outside\.bin: .* a link that leaves it$/],
    ['folder/w.bin', /found .*folder\/w\.bin: .* a link that leaves it$/],
    ['data', /found .*data: expected a plain file$/],
    ['none.bin', /expected its values in "none\.bin", found no such file$/],
    ['dangling.bin', /expected its values in "dangling\.bin", found no such file$/],
    ['w.bin/x', /expected its values in "w\.bin\/x", found no such file$/],
    ['short.bin', /tensor w: expected bytes 0 to 16 in "short\.bin", found a file of 15$/],
  ])('that are elsewhere, or no files, are one error that names model, tensor and path: %s', async (location, message) => {
    writeFileSync(at('model/model.onnx'), model(location));
    const error = await readOnnxFile(at('model/model.onnx')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as WeightsError).tensor).toBe('w');
    expect((error as Error).message).toMatch(message);
  });
});

test('a model that is not there is an InputError', async () => {
  const error = await readOnnxFile(at('none.onnx')).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(/none\.onnx: cannot be read \(ENOENT\)/);
});

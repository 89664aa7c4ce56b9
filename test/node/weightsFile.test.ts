import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError, WeightsError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { hashWeights, loadWeightsFile, withCheckpoint } from '../../src/node/weightsFile.js';

const folder = mkdtempSync(join(tmpdir(), 'senet-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = 'pytorchcv/seresnet20_cifar10';
const weights = [...syntheticWeights(createModel(model), { seed: 3 })];
const inFolder = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(inFolder(name), content);
  return inFolder(name);
};
const index = (places: readonly (readonly [string, string])[]): string => JSON.stringify({ weight_map: Object.fromEntries(places) });
write('1.safetensors', saveSafetensors(new Map(weights.slice(0, 50))));
write('2.safetensors', saveSafetensors(new Map(weights.slice(50))));
const file = write('model.safetensors.index.json', index(weights.map(([name], i) => [name, `${i < 50 ? 1 : 2}.safetensors`])));

describe('an index of shards', () => {
  test('is followed to the files beside it', async () => {
    const loaded = await loadWeightsFile(file);
    expect([loaded.model, [...loaded.weights]]).toEqual([model, weights]);
  });

  test('whose file is missing is an InputError that names it', async () => {
    const broken = write('missing.index.json', index([['a', '3.safetensors']]));
    const error = await loadWeightsFile(broken).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toBe(`${inFolder('3.safetensors')}: cannot be read (ENOENT): there is no such file`);
  });

  test('whose file is damaged, or an index itself, is a WeightsError that names it', async () => {
    write('cut.safetensors', saveSafetensors(new Map(weights)).subarray(0, 100));
    for (const shard of ['cut.safetensors', 'itself.index.json']) {
      const broken = write('itself.index.json', index([['a', shard]]));
      const error = await loadWeightsFile(broken).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(WeightsError);
      expect((error as Error).message).toMatch(`${broken}: ${inFolder(shard)}: `);
    }
  });

  test('that leads out of the folder is a WeightsError, and nothing there is opened', async () => {
    const broken = write('out.index.json', index([['a', '../1.safetensors']]));
    await expect(withCheckpoint(broken, () => 0)).rejects.toThrow(/the name of a file beside the index, found "\.\.\/1\.safetensors"/);
  });

  test('whose file is a link that leaves the folder is an InputError; one into the folder that the index itself is a link into is followed', async () => {
    mkdirSync(inFolder('cache/blobs'), { recursive: true });
    mkdirSync(inFolder('cache/snapshot'));
    const linked = write('cache/blobs/index', index([[weights[0]?.[0] as string, 'shard.safetensors']]));
    write('cache/blobs/shard', saveSafetensors(new Map(weights.slice(0, 1))));
    symlinkSync(linked, inFolder('cache/snapshot/model.index.json'));
    symlinkSync('../blobs/shard', inFolder('cache/snapshot/shard.safetensors'));
    expect(await withCheckpoint(inFolder('cache/snapshot/model.index.json'), ({ tensors }) => tensors.size)).toBe(1);

    write('cache/snapshot/copy.index.json', index([['a', 'shard.safetensors']]));
    for (const opened of [withCheckpoint, hashWeights]) {
      const error = await opened(inFolder('cache/snapshot/copy.index.json'), () => 0).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(
        /shard\.safetensors: expected a file in the folder of .*copy\.index\.json, found a link that leaves it$/,
      );
    }
  });

  test('has another hash if one of its files has', async () => {
    const before = await hashWeights(file);
    expect(await hashWeights(inFolder('1.safetensors'))).not.toBe(before);
    const [[name, first], ...others] = weights.slice(50) as [(typeof weights)[number], ...typeof weights];
    write('2.safetensors', saveSafetensors(new Map([[name, { ...first, data: first.data.map((x) => x + 1) }], ...others])));
    expect(await hashWeights(file)).not.toBe(before);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { CompileOptions } from '../../src/wasm/options.js';
import { compile } from '../../src/wasm/session.js';
import type { PackedFile } from '../../src/wasm/weights.js';
import { cases } from '../support/length.js';

const graph = createModel('pytorchcv/seresnet20_cifar10');
const weights = syntheticWeights(graph, { seed: 5 });
const input = syntheticTensor('input', [1, 3, 32, 32], 7);
const options: CompileOptions = { kernels: 'strict', tile: '4x8' };

using original = await compile(graph, weights, options);
const logits = original.run(input).get('logits');
const saved = await original.save();

const header = (): Record<string, { [key: string]: string }> =>
  JSON.parse(new TextDecoder().decode(saved.subarray(8, 8 + Number(new DataView(saved.buffer).getBigUint64(0, true)))));

/** The file with other metadata, and a header of the same length. */
function withMetadata(change: Readonly<Record<string, string>>): Uint8Array {
  const changed = header();
  Object.assign(changed.__metadata__ as object, change);
  const json = new TextEncoder().encode(JSON.stringify(changed));
  const length = Math.ceil(json.length / 8) * 8;
  const data = saved.subarray(8 + Number(new DataView(saved.buffer).getBigUint64(0, true)));
  const file = new Uint8Array(8 + length + data.length).fill(32, 8);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(json, 8);
  file.set(data, 8 + length);
  return file;
}

async function refused(file: PackedFile, message: RegExp, given: CompileOptions = options, network = graph): Promise<void> {
  const error = await compile(network, file, given).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WeightsError);
  expect((error as Error).message).toMatch(message);
}

describe('packed weights', () => {
  test.each([
    ['bytes', saved],
    ['a buffer', saved.buffer],
    ['a Blob', new Blob([saved])],
    ['a source', { size: saved.length, read: async (begin: number, length: number) => saved.subarray(begin, begin + length) }],
  ])('give the bits of the session that saved them: %s', async (_, file) => {
    using session = await compile(graph, file, options);
    expect(session.run(input).get('logits')).toEqual(logits);
    expect(Buffer.compare(await session.save(), saved)).toBe(0);
  });

  test('say which tile they are packed for, so that none is measured', async () => {
    using session = await compile(graph, saved, { kernels: 'strict' });
    expect(session.plan.target.tile).toEqual({ rows: 4, columns: 8 });
  });

  test('serve several threads', async () => {
    using session = await compile(graph, saved, { ...options, threads: 2 });
    expect(session.run(input).get('logits')).toEqual(logits);
  });

  test('are refused by name where they do not fit', async () => {
    await refused(saved, /^packed weights: expected tile 6x8, found 4x8$/, { ...options, tile: '6x8' });
    await refused(saved, /^packed weights: expected graph \w{8}, found \w{8}$/, { ...options, algorithms: 'direct' });
    await refused(saved, /^packed weights: expected graph/, options, createModel('pytorchcv/resnet20_cifar10'));
    await refused(saved, /^packed weights: expected graph/, options, createModel('pytorchcv/seresnet20_cifar10', { classes: 9 }));
    await refused(withMetadata({ senet: '0.0.1' }), /^packed weights: expected senet .+, found 0\.0\.1$/);
    await refused(withMetadata({ kernels: 'relaxed 0123456789abcdef' }), /expected kernels strict \w{16}, found relaxed 0123456789abcdef$/);
    await refused(withMetadata({ kernels: '' }), /expected kernels/);
    await refused(withMetadata({ tile: '7x9' }), /^packed weights: expected a tile, 4x8, .+, found 7x9$/);
    await refused(withMetadata({ crc32: '' }), /expected .+ with CRC-32|expected constant/);
  });

  test('truncated or with any byte changed are never run', async () => {
    const damage = fc.oneof(
      fc.record({ cut: fc.nat(saved.length - 1) }),
      fc.record({ at: fc.nat(saved.length - 1), by: fc.integer({ min: 1, max: 255 }) }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const file = 'cut' in how ? saved.slice(0, how.cut) : saved.slice();
        if ('at' in how) file[how.at] = (file[how.at] as number) ^ how.by;
        const session = await compile(graph, file, options).catch((error: unknown) => {
          expect(error).toBeInstanceOf(WeightsError);
        });
        if (session === undefined) return;
        // a byte between two words of the header says nothing
        expect(session.run(input).get('logits')).toEqual(logits);
        session.dispose();
      }),
      { numRuns: cases(150) },
    );
  });

  test('are told from a checkpoint, whose bytes are still refused with what to do', async () => {
    await refused(saveSafetensors(weights), /^weights are a Map of tensors by name, not bytes: recognise\(await openCheckpoint\(bytes\)\)/);
    await refused(new Uint8Array(0), /^weights are a Map/);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';

/** Files that PyTorch itself wrote: fixtures/torch/generate.py. */
interface Expected {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bits: readonly number[] | null;
}

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/torch/${name}`, import.meta.url));
const expectedOf = (name: string): Record<string, Expected> => JSON.parse(new TextDecoder().decode(fixture(`${name}.json`)));

const dtypeNames: Readonly<Record<string, string>> = {
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.float64': 'F64',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.bool': 'BOOL',
  'torch.uint8': 'U8',
};

describe.each(['layouts', 'trainer'])('%s', (name) => {
  test.each([
    ['torch', `${name}.pth`],
    ['torch-legacy', `${name}.legacy.pth`],
  ])('%s: names, order, dtypes, shapes and bits are as PyTorch has them', async (format, file) => {
    const checkpoint = await openCheckpoint(fixture(file));
    const expected = Object.entries(expectedOf(name));
    expect(checkpoint.format).toBe(format);
    expect([...checkpoint.tensors].map(([key, { dtype, shape }]) => [key, dtype, shape])).toEqual(
      expected.map(([key, { dtype, shape }]) => [key, dtypeNames[dtype], shape]),
    );
    for (const [key, { bits, shape }] of expected) {
      if (bits === null) await expect(checkpoint.load(key)).rejects.toThrow(WeightsError);
      else {
        const tensor = await checkpoint.load(key);
        expect(tensor.shape).toEqual(shape);
        expect([...new Uint32Array(Float32Array.from(tensor.data).buffer)]).toEqual(bits);
      }
    }
  });
});

test('what a trainer keeps beside the weights is metadata, and which dictionary was taken', async () => {
  const { metadata } = await openCheckpoint(fixture('trainer.pth'));
  expect(metadata).toEqual({ 'taken from': 'state_dict', epoch: '90', arch: 'resnet50', best_acc1: '76.5' });
});

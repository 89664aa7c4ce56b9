import { expect, test } from 'vitest';
import { openSafetensors } from '../../src/io/safetensors.js';
import { bytesSource } from '../../src/io/source.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import type { Stored } from '../../src/io/tensorFile.js';
import { createModel } from '../../src/models/index.js';
import { quantisedFile } from '../../src/quant/file.js';
import { quantisedWith } from '../../src/quant/graph.js';
import { quantisationFor } from '../../src/quant/recipe.js';
import { quantisedWeights } from '../../src/quant/weights.js';
import { bytesIn, byteTensor, flawOf, type Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';

test('a tensor of bytes is floats to whoever asks, the same ones as long as they are held', () => {
  const tensor = byteTensor([3], Int8Array.of(-128, 0, 127));
  const { data } = tensor;
  expect([...data]).toEqual([-128, 0, 127]);
  expect(data).toBeInstanceOf(Float32Array);
  expect(tensor.data).toBe(data);
  expect(flawOf(tensor)).toBeUndefined();
  expect(flawOf(byteTensor([4], Int8Array.of(1)))).toBe('of shape [4] holds 1 values');
});

test('weights of a quantised file stay bytes, into memory that is used again too, and give the bits of the floats', async () => {
  const graph = createModel('senet/se_resnet8_cifar10', { size: 16 });
  const weights = syntheticWeights(graph, { seed: 2 });
  const quantised = quantisedWith(graph, (_, wide) => quantisationFor(-2, 2, wide), new Set());
  const floats = quantisedWeights(graph, quantised, weights);
  const { tensors } = await openSafetensors(bytesSource(quantisedFile(quantised.graph, floats, {})));
  const held = new Map<string, Tensor>();
  for (const name of floats.keys()) {
    const stored = tensors.get(name) as Stored;
    const read = await (stored.readWhole ?? stored.read)(new Uint8Array(2 ** 20));
    expect(bytesIn(read) !== undefined, name).toBe(stored.dtype === 'I8');
    held.set(name, read);
  }
  const image = syntheticTensor('input', [1, 3, 16, 16], 5);
  using one = await compile(quantised.graph, floats, { tile: '4x8' });
  using other = await compile(quantised.graph, held, { tile: '4x8' });
  expect(other.run(image)).toEqual(one.run(image));
});

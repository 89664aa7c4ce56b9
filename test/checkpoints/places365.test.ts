import { describe, expect, test } from 'vitest';
import { identify, openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { describeNetwork } from '../../src/classifier/network.js';
import { WeightsError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { safetensorsHeader } from '../../src/io/safetensors.js';
import { createModel } from '../../src/models/index.js';
import { presets } from '../../src/pretrained/preset.js';
import { bytesOf } from '../support/files/bytes.js';
import { parallel, placesFile, placesItems } from '../support/files/places365.js';
import { valuesOf } from '../support/files/published.js';
import { type TorchItem, whole } from '../support/files/torch.js';

/** docs/spec/checkpoints.md §7. */

const open = (arch: string, items: readonly TorchItem[]) => openCheckpoint(whole(placesFile(arch, items)));
const item = (name: string, shape: readonly number[]): TorchItem => ({
  name,
  type: 'Float',
  shape,
  bytes: () => bytesOf(valuesOf(name, shape).data),
});

describe.each(['resnet18', 'resnet50'] as const)('%s', (arch) => {
  test('is recognised and loaded to the bit, and its images are those of Places365', { timeout: 120_000 }, async () => {
    const items = placesItems(arch);
    const checkpoint = await open(arch, parallel(items));
    const { model, same, classes, takenFrom, weights } = await recognise(checkpoint);
    expect([model, ...same]).toContain(`torchvision/${arch}`);
    expect([checkpoint.format, classes, takenFrom]).toEqual(['torch-legacy', 365, 'state_dict']);
    expect(checkpoint.metadata).toEqual({ epoch: '90', arch, best_prec1: '54.65' });
    expect(weights.size).toBe(items.length);
    for (const { name, shape } of items) {
      expect(weights.get(name)?.shape, name).toEqual(shape);
      expect(Buffer.compare(bytesOf(weights.get(name)?.data as Float32Array), bytesOf(valuesOf(name, shape).data)), name).toBe(0);
    }

    const loaded = { ...identify(checkpoint), weights, metadata: checkpoint.metadata };
    const named = await describeNetwork(loaded, `photos/${arch}_places365.pth.tar`, undefined, {});
    expect(named).toMatchObject({ name: `torchvision/${arch}.places365`, preset: presets.bilinear, labels: undefined });
    expect(named.notes.join()).toContain('categories_places365.txt');
    const renamed = await describeNetwork(loaded, 'scenes.pth', undefined, {
      labels: weights.get('fc.bias')?.shape && Array(365).fill('x'),
    });
    expect(renamed).toMatchObject({ preset: presets.bilinear, published: undefined });
    expect(renamed.notes.join()).toContain(`images as for ${arch}.places365`);
    expect(renamed.notes.join()).not.toContain('categories_places365.txt');
  });
});

test('SE-ResNet-152 of 365 classes, as in table 6, is a network of the zoo', async () => {
  const graph = createModel('timm/legacy_seresnet152', { classes: 365 });
  const header = safetensorsHeader(new Map(parameters(graph).map(({ name, shape }) => [name, shape])), { metadata: {} });
  const size = header.length + parameters(graph).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    bytes.set(header.subarray(offset, Math.min(header.length, offset + length)));
    return bytes;
  };
  const { model, classes } = identify(await openCheckpoint({ size, read }));
  expect([model, classes]).toEqual(['timm/legacy_seresnet152', 365]);
});

describe('is refused, and said what it is', () => {
  const alexnet = [
    item('features.module.0.weight', [64, 3, 11, 11]),
    item('features.module.0.bias', [64]),
    item('features.module.3.weight', [192, 64, 5, 5]),
    item('classifier.1.weight', [64, 96]),
    item('classifier.4.weight', [64, 64]),
    item('classifier.6.weight', [365, 64]),
  ];
  const densenet = parallel([
    item('features.conv0.weight', [96, 3, 7, 7]),
    item('features.norm0.weight', [96]),
    item('features.denseblock1.denselayer1.norm.1.weight', [96]),
    item('classifier.weight', [365, 96]),
  ]);
  test.each([
    ['alexnet', alexnet, "names: torchvision's AlexNet, which is none of the networks here"],
    ['densenet161', densenet, "names: torchvision's DenseNet, which is none of the networks here"],
    ['wideresnet18', parallel(placesItems('resnet18')), "its arch is wideresnet18: Places365's ResNet without a max pool"],
  ])('%s', async (arch, items, message) => {
    const checkpoint = await open(arch, items);
    for (const name of [undefined, 'resnet18']) {
      expect(() => identify(checkpoint, name)).toThrow(WeightsError);
      expect(() => identify(checkpoint, name)).toThrow(message);
    }
  });
});

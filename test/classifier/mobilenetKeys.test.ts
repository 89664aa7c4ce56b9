import { describe, expect, test } from 'vitest';
import { readMobilenetKeys } from '../../src/classifier/mobilenetKeys.js';
import { describeNetwork } from '../../src/classifier/network.js';
import { InputError } from '../../src/errors.js';

const images = {
  ...{ 'mobilenet.image_size': '224', 'mobilenet.mean_r': '0.485', 'mobilenet.mean_g': '0.456', 'mobilenet.mean_b': '0.406' },
  ...{ 'mobilenet.std_r': '0.229', 'mobilenet.std_g': '0.224', 'mobilenet.std_b': '0.225' },
};
const classes = {
  'mobilenet.num_classes': '3',
  ...{ 'mobilenet.class_0': 'food', 'mobilenet.class_1': 'report', 'mobilenet.class_2': 'other' },
};
const preset = { size: 224, cropRatio: 1, filter: 'bilinear', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const labels = [{ name: 'food' }, { name: 'report' }, { name: 'other' }];

describe('what a file says of its images and classes', () => {
  test('both, either, or nothing', () => {
    expect(readMobilenetKeys('f', { ...images, ...classes, 'general.architecture': 'x' })).toEqual({ preset, labels });
    expect(readMobilenetKeys('f', images)).toEqual({ preset, labels: undefined });
    expect(readMobilenetKeys('f', classes)).toEqual({ preset: undefined, labels });
    expect(readMobilenetKeys('f', {})).toEqual({ preset: undefined, labels: undefined });
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['f: metadata: mobilenet.mean_r is missing: it must be a number from 0', { 'mobilenet.image_size': '224' }],
    ['f: metadata: mobilenet.image_size must be a whole number from 1 to 16384, not "x"', { ...images, 'mobilenet.image_size': 'x' }],
    ['f: metadata: mobilenet.image_size must be a whole number from 1 to 16384, not ""', { ...images, 'mobilenet.image_size': '' }],
    ['f: metadata: mobilenet.std_g must be a number above 0, not 0', { ...images, 'mobilenet.std_g': '0' }],
    ['f: metadata: mobilenet.mean_b must be a number from 0, not "NaN"', { ...images, 'mobilenet.mean_b': 'NaN' }],
    ['f: metadata: mobilenet.class_0: expected a label, found nothing', { 'mobilenet.class_1': 'report' }],
    ['f: metadata: mobilenet.num_classes: expected 3, one per label, found 2', { ...classes, 'mobilenet.num_classes': '2' }],
  ])('%s', (message, metadata) => {
    expect(() => readMobilenetKeys('f', metadata)).toThrow(InputError);
    expect(() => readMobilenetKeys('f', metadata)).toThrow(message);
  });
});

describe('a network', () => {
  const loaded = {
    model: 'torchvision/mobilenet_v3_small',
    options: {},
    classes: 3,
    same: [],
    takenFrom: '',
    alsoIn: [],
    ignored: new Map(),
  };
  const described = (metadata: Readonly<Record<string, string>>) =>
    describeNetwork({ ...loaded, weights: new Map(), metadata }, 'f', undefined, {});

  test('has the labels and the images that its file says, without a remark', async () => {
    expect(await described({ ...images, ...classes })).toMatchObject({ preset, labels, notes: [] });
  });

  test('has those under our own keys, should a file have both', async () => {
    const ours = { 'senet.labels': '["a","b","c"]', 'senet.images': JSON.stringify({ ...preset, size: 96 }) };
    const network = await described({ ...images, ...classes, ...ours });
    expect([network.preset.size, network.labels?.map(({ name }) => name)]).toEqual([96, ['a', 'b', 'c']]);
  });
});

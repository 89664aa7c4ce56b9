import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { parseLabels } from '../../src/io/labels.js';
import { classesIn, labelsOf } from '../../src/pretrained/labels.js';

describe('shipped labels', () => {
  test('ImageNet: a thousand, in the order of sorted synsets, each with a name', async () => {
    const labels = await labelsOf('imagenet');
    expect(labels).toHaveLength(classesIn.imagenet);
    expect(labels[0]).toEqual({ name: 'tench, Tinca tinca', synset: 'n01440764' });
    expect(labels[999]).toEqual({ name: 'toilet tissue, toilet paper, bathroom tissue', synset: 'n15075141' });
    const synsets = labels.map(({ synset }) => synset as string);
    expect(synsets).toEqual([...new Set(synsets)].sort());
    expect(labels.every(({ name, synset }) => name.trim() === name && name !== '' && /^n\d{8}$/.test(synset ?? ''))).toBe(true);
  });

  test('CIFAR-10', async () => {
    const labels = await labelsOf('cifar10');
    expect(labels.map(({ name }) => name)).toEqual([...labels.map(({ name }) => name)].sort());
    expect(labels).toHaveLength(classesIn.cifar10);
  });
});

describe('label files', () => {
  test.each([
    ['a name a line', 'cat\ndog\n', [{ name: 'cat' }, { name: 'dog' }]],
    ['Windows’ ends of lines, and its mark', '\uFEFFcat\r\ndog\r\n', [{ name: 'cat' }, { name: 'dog' }]],
    ['a synset in front', 'n01440764 tench, Tinca tinca', [{ name: 'tench, Tinca tinca', synset: 'n01440764' }]],
    ['a list', '["cat", "dog"]', [{ name: 'cat' }, { name: 'dog' }]],
    ['an object by index', '{"1": "dog", "0": ["n02123045", "tabby"]}', [{ name: 'tabby', synset: 'n02123045' }, { name: 'dog' }]],
  ])('%s', (_, text, labels) => {
    expect(parseLabels(text)).toEqual(labels);
  });

  test.each([
    ['', 'class 0: expected a label'],
    ['[]', 'holds no label'],
    ['cat\n\ndog', 'class 1: expected a label'],
    ['["cat", 7]', 'class 1: expected a label, found 7'],
    ['{"0": "cat", "2": "dog"}', 'class 1: expected a label, found nothing'],
    ['{"0": {"name": "cat"}}', 'class 0: expected a label, found {"name":"cat"}'],
    ['["cat"', 'is not JSON'],
  ])('%j: %s', (text, message) => {
    expect(() => parseLabels(text)).toThrow(InputError);
    expect(() => parseLabels(text)).toThrow(message);
  });
});

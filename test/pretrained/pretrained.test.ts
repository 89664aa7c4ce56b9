import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { normalise } from '../../src/io/preprocess.js';
import { listModels } from '../../src/models/index.js';
import { publishedDetectors } from '../../src/pretrained/detectors.js';
import { findPretrained, listPretrained, pretrainedByFile, pretrainedOf } from '../../src/pretrained/index.js';
import { fullName } from '../../src/pretrained/names.js';
import { preprocessOptions, presets } from '../../src/pretrained/preset.js';
import type { Origin, Pretrained } from '../../src/pretrained/pretrained.js';

interface Published {
  readonly input: number;
  readonly hubs?: readonly string[];
  readonly url?: string;
  /** torchvision's: name, address, resize, crop, interpolation. */
  readonly weights?: readonly (readonly [string, string, string, string, string])[];
  readonly interpolation?: string;
}

const lists = JSON.parse(await readFile(new URL('../fixtures/pretrained.json', import.meta.url), 'utf8')) as {
  networks: Readonly<Record<string, Published>>;
  further: Readonly<Record<string, Published>>;
};
const networks = { ...lists.networks, ...lists.further };

/** Of 365 classes, by hand from a page: no list of ImageNet's weights has them (docs/spec/checkpoints.md §7). */
const isPlaces = ({ labels }: Pretrained): boolean => labels === 'places365';

const addressOf = (origin: Origin): string => (origin.kind === 'hub' ? origin.repository : origin.kind === 'url' ? origin.url : '');

describe('the published lists', () => {
  test.each(Object.entries(networks))(
    '%s: its weights are ours, in their order',
    (network, { input, hubs, url, weights, interpolation }) => {
      const ours = pretrainedOf(network).filter((entry) => entry.origin.kind !== 'shipped' && !isPlaces(entry));
      const addresses = hubs ?? weights?.map(([, address]) => address) ?? (url === undefined ? [] : [url]);
      if (addresses.length > 0) expect(ours.map(({ origin }) => addressOf(origin))).toEqual(addresses);
      else expect(ours.map(({ origin }) => origin.kind)).toEqual(['page']);

      // the lists give a network one size; timm's weights may have others
      for (const { preset } of ours) if (!hubs) expect(preset.size).toBe(input);
      if (interpolation !== undefined) expect(ours.map(({ preset }) => preset.filter)).toEqual([interpolation]);
      weights?.forEach(([tag, , resize, crop, filter], i) => {
        expect(ours[i]?.name.endsWith(`.${tag}`)).toBe(true);
        const options = preprocessOptions((ours[i] as (typeof ours)[number]).preset);
        expect([`resize${options.resize}`, `crop${options.crop}`, options.filter]).toEqual([resize, crop, filter]);
      });
    },
  );

  test('every network with weights is one of `senet models`', () => {
    const models = new Set(listModels().map(({ id }) => id));
    expect(Object.keys(networks).filter((id) => !models.has(id))).toEqual([]);
  });

  test('there are no weights of other networks, but for those that this project trained', () => {
    const published = listPretrained().filter(({ origin }) => origin.kind !== 'shipped');
    expect([...new Set(published.map(({ network }) => network))].sort()).toEqual(Object.keys(networks).sort());
  });
});

test('an address that ends in the start of its SHA-256 is held to it, but for the one that is misnamed', () => {
  for (const { origin, network } of [...listPretrained(), ...publishedDetectors]) {
    if (origin.kind !== 'url' || ['pytorchcv', 'moskomule'].includes(network.split('/')[0] as string)) continue;
    expect(/-([0-9a-f]{8,})\.pth$/.exec(origin.url)?.[1]).toBe(origin.sha256 === '7f5810bc' ? '3dd342df' : origin.sha256);
  }
});

test('detectors’ files are where torchvision’s list has them', async () => {
  const list = await readFile(new URL('../fixtures/detection/checkpoints.json', import.meta.url), 'utf8');
  const { models } = JSON.parse(list) as { readonly models: Readonly<Record<string, { readonly url: string }>> };
  for (const [name, { url }] of Object.entries(models))
    expect(publishedDetectors.find(({ network }) => network === `torchvision/${name}`)?.origin).toMatchObject({ url });
});

describe('names', () => {
  test('every name finds its own weights, with its source and, if it is the first of that name, without', () => {
    const seen = new Set<string>();
    for (const entry of listPretrained()) {
      expect(findPretrained(fullName(entry))).toBe(entry);
      if (!seen.has(entry.name)) expect(findPretrained(entry.name)).toBe(entry);
      seen.add(entry.name);
    }
    expect(new Set(listPretrained().map(fullName)).size).toBe(listPretrained().length);
  });

  test.each([
    ['seresnet50.ra3_in1k', 'of seresnet50 there are timm/seresnet50.a1_in1k, timm/seresnet50.ra2_in1k'],
    ['torchvision/resnet50.a1_in1k', 'of torchvision/resnet50 there are torchvision/resnet50.IMAGENET1K_V1'],
    ['seresnet51.ra2_in1k', 'did you mean seresnet50.ra2_in1k'],
  ])('%s is unknown: %s', (name, message) => {
    expect(() => findPretrained(name)).toThrow(InputError);
    expect(() => findPretrained(name)).toThrow(message);
  });

  test('Places365’s are of 365 classes, and resized to 256 for a crop of 224', () => {
    const ours = listPretrained().filter(isPlaces);
    expect(ours.map(fullName)).toEqual(['torchvision/resnet18.places365', 'torchvision/resnet50.places365']);
    for (const { preset } of ours) expect(preprocessOptions(preset)).toMatchObject({ resize: 256, crop: 224, filter: 'bilinear' });
  });

  test('a file with a published name is known by it', () => {
    expect(pretrainedByFile('resnet50-11ad3fa6.pth')?.name).toBe('resnet50.IMAGENET1K_V2');
    expect(pretrainedByFile('resnet50_places365.pth.tar')?.name).toBe('resnet50.places365');
    expect(pretrainedByFile('50-11ad3fa6.pth')).toBe(undefined);
    expect(pretrainedByFile('model.safetensors')).toBe(undefined);
  });
});

test.each([
  ['bilinear', 256, 224],
  ['second', 232, 224],
  ['strikesBack', 235, 224],
  ['strikesBack160', 168, 160],
  ['bicubic256', 269, 256],
  ['inception', 333, 299],
  ['inceptionBilinear', 341, 299],
  ['efficientnet', 248, 224],
  ['cifar', 32, 32],
] as const)('%s: resized to %d, %d kept', (name, resize, crop) => {
  expect(preprocessOptions(presets[name])).toMatchObject({ resize, crop });
});

test('what the networks that are not trained on 0 to 1 read: Cadene’s BN-Inception blue first, the authors’ files as loaded red first', () => {
  const pixel = { width: 1, height: 1, data: Uint8Array.of(10, 20, 30) };
  expect([...normalise(pixel, presets.bninception).data]).toEqual([30 - 104, 20 - 117, 10 - 128]);
  expect([...normalise(pixel, presets.caffe).data]).toEqual([10 - 123, 20 - 117, 30 - 104]);
});

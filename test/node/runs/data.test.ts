import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { openData } from '../../../src/node/runs/data.js';
import { readConfig } from '../../../src/train/config.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-train-data-'));
  for (const [set, side] of [
    ['train', 40],
    ['test', 32],
  ] as const)
    for (const kind of ['0', '1']) {
      await mkdir(join(folder, set, kind), { recursive: true });
      const data = new Uint8Array(3 * side * side);
      await writeFile(join(folder, set, kind, '1.png'), encode({ width: side, height: side, data, channels: 3, depth: 8 }));
    }
});
afterAll(() => rm(folder, { recursive: true }));

const open = async (settings: object) => {
  const data = { train: join(folder, 'train'), test: join(folder, 'test') };
  return await openData(readConfig({ model: 'se_resnet8_cifar10', data, epochs: 1, lr: 0.1, ...settings }));
};

test.each([
  [{}, 'train/0/1.png: is 40×40 pixels where the network takes 32×32: add {"name":"areaCrop","size":32} to augmentation'],
  [
    { augmentation: [{ name: 'centreCrop', size: 28 }, { name: 'flip' }] },
    'train/0/1.png: is 28×28 pixels after the steps of augmentation where the network takes 32×32: augmentation[0].size must be 32',
  ],
  [
    { size: 40, preparation: [{ name: 'flip' }] },
    'test/0/1.png: is 32×32 pixels after the steps of preparation where the network takes 40×40: ' +
      'add {"name":"resize","size":40}, {"name":"centreCrop","size":40} to preparation',
  ],
  [{ augmentation: [{ name: 'padCrop', size: 64, padding: 4 }] }, 'train/0/1.png: padCrop to 64×64: the image is 40×40 pixels'],
])('an image of another size is named, with what to change: %j', async (settings, message) => {
  await expect(open(settings)).rejects.toThrow(InputError);
  await expect(open(settings)).rejects.toThrow(message);
});

const fitting = { augmentation: [{ name: 'areaCrop', size: 32 }] };

test('says how classes were told', async () => {
  using data = await open(fitting);
  expect(data.classesBy).toBe('index');
  expect(data.passedOver.train).toEqual({ files: [], others: [] });
});

test('an empty class, and an image that is a link to nothing, are named before anything begins', async () => {
  await mkdir(join(folder, 'train', '2'));
  await expect(open(fitting)).rejects.toThrow('train: holds no images of the class 2');
  await rm(join(folder, 'train', '2'), { recursive: true });
  await symlink('nowhere', join(folder, 'test', '1', '2.png'));
  await expect(open(fitting)).rejects.toThrow('test/1/2.png: is a link to nothing');
  await rm(join(folder, 'test', '1', '2.png'));
});

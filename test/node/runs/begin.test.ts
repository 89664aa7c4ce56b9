import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveSafetensors } from '../../../src/io/safetensors.js';
import { beginning } from '../../../src/node/runs/begin.js';
import { networkOf } from '../../../src/node/runs/network.js';
import { readConfig } from '../../../src/train/config.js';
import { heWeights } from '../../../src/train/initialise.js';

const settings = { model: 'se_resnet8_cifar10', size: 8, data: { train: 'train', test: 'test' }, epochs: 1, lr: 0.05, seed: 2 };
const network = networkOf(readConfig(settings), 10);
const stored = heWeights(network, 1);
const drawn = heWeights(network, 2);

let folder: string;
let init: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-begin-'));
  init = join(folder, 'first.safetensors');
  await writeFile(init, saveSafetensors(stored));
});
afterAll(() => rm(folder, { recursive: true }));

const begun = async (anew: readonly string[]) => (await beginning(readConfig({ ...settings, init, anew }), network)).state.weights;

test('a module named anew is drawn by the seed, and so is a parameter; all else is the file’s', async () => {
  const names = [...stored.keys()];
  const parameter = 'conv1.weight';
  const module = 'layer2.0.se';
  expect(names).toContain(parameter);
  const inside = names.filter((name) => name.startsWith(`${module}.`));
  expect(inside.length).toBeGreaterThan(0);
  const weights = await begun([module, parameter]);
  for (const name of names) expect(weights.get(name)).toEqual((inside.includes(name) || name === parameter ? drawn : stored).get(name));
});

test('a module is not one whose name only begins alike', async () => {
  expect(await begun([])).toEqual(stored);
  await expect(begun(['layer2.0.s'])).rejects.toThrow('anew: the network has no parameter or module "layer2.0.s"');
});

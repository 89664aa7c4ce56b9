import { copyFile, link, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { senet } from './senet.js';

let folder: string;
const path = (name: string): string => join(folder, name);
const truth = { images: [{ id: 1, width: 9, height: 9 }], categories: [{ id: 1, name: 'cat' }], annotations: [] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-outputs-'));
  await copyFile('assets/images/chelsea.png', path('cat.png'));
  await link(path('cat.png'), path('same.png'));
  await copyFile('assets/weights/seresnet20_cifar10.safetensors', path('w.safetensors'));
  await writeFile(path('list.txt'), `${path('cat.png')} 3\n`);
  await writeFile(path('truth.json'), JSON.stringify(truth));
  await writeFile(path('found.json'), '[]');
});
afterAll(() => rm(folder, { recursive: true }));

describe('what is read is not written over', () => {
  test.each<[command: string, flag: string, output: string, args: readonly string[]]>([
    ['classify', '--gates', 'cat.png', ['cat.png']],
    ['classify', '--gates', 'same.png', ['cat.png']],
    ['classify', '--gates', 'w.safetensors', ['cat.png', '--weights', 'w.safetensors']],
    ['evaluate', '--report', 'list.txt', ['list.txt']],
    ['evaluate', '--report', 'cat.png', ['list.txt']],
    ['ap', '--report', 'truth.json', ['truth.json', 'found.json']],
    ['preprocess', '--output', 'cat.png', ['cat.png']],
    ['convert', '--output', 'w.safetensors', ['w.safetensors']],
    ['quantize', '--output', 'w.safetensors', ['--weights', 'w.safetensors', '--images', '.']],
    ['verify', '--svg', 'cat.png', ['senet/se_resnet8_cifar10', '--against', 'reference', '--image', 'cat.png']],
    ['profile', '--trace', 'w.safetensors', ['w.safetensors']],
  ])('by %s %s %s', async (command, flag, output, args) => {
    const before = await readFile(path(output));
    const own = args.map((arg) => (arg === '.' || /\.(png|txt|json|safetensors)$/.test(arg) ? join(folder, arg) : arg));
    const { code, stderr } = await senet(command, ...own, flag, path(output));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`senet: ${flag} ${path(output)}: is a file that is read: name another`)]);
    expect(await readFile(path(output))).toEqual(before);
  });
});

test('a folder that is not there is made', async () => {
  const { code } = await senet('classify', path('cat.png'), '--gates', path('new/deep/gates.svg'));
  expect(code).toBe(0);
  expect((await stat(path('new/deep/gates.svg'))).size).toBeGreaterThan(0);
});

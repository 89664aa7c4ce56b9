import { copyFile, link, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

let folder: string;
const path = (name: string): string => join(folder, name);
const truth = { images: [{ id: 1, width: 9, height: 9 }], categories: [{ id: 1, name: 'cat' }], annotations: [] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-outputs-'));
  for (const name of ['cat', 'cat.png']) await copyFile('assets/images/chelsea.png', path(name));
  await link(path('cat'), path('same'));
  for (const name of ['weights', 'w.safetensors']) await copyFile('assets/weights/seresnet20_cifar10.safetensors', path(name));
  await writeFile(path('list'), `${path('cat')} 3\n`);
  await writeFile(path('truth'), JSON.stringify(truth));
  await writeFile(path('found'), '[]');
});
afterAll(() => rm(folder, { recursive: true }));

describe('what is read is not written over', () => {
  test.each<[command: string, flag: string, output: string, args: readonly string[]]>([
    ['classify', '--gates', 'cat', ['cat']],
    ['classify', '--gates', 'same', ['cat']],
    ['classify', '--gates', 'weights', ['cat', '--weights', 'weights']],
    ['evaluate', '--report', 'list', ['list']],
    ['evaluate', '--report', 'cat', ['list']],
    ['ap', '--report', 'truth', ['truth', 'found']],
    ['preprocess', '--output', 'cat.png', ['cat.png']],
    ['convert', '--output', 'w.safetensors', ['w.safetensors']],
    ['quantize', '--output', 'w.safetensors', ['--weights', 'w.safetensors', '--images', '.']],
    ['verify', '--svg', 'cat', ['senet/se_resnet8_cifar10', '--against', 'reference', '--image', 'cat']],
    ['profile', '--trace', 'weights', ['weights']],
  ])('by %s %s %s', async (command, flag, output, args) => {
    const before = await readFile(path(output));
    const own = args.map((arg) => (/^(\.|cat.*|same|weights|list|truth|found|w\.safetensors)$/.test(arg) ? path(arg) : arg));
    const { code, stderr } = await senetHere(command, ...own, flag, path(output));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`senet: ${flag} ${path(output)}: is a file that is read: name another`)]);
    expect(before.equals(await readFile(path(output)))).toBe(true);
  });
});

test('a folder that is not there is made', async () => {
  const { code } = await senet('classify', path('cat.png'), '--gates', path('new/deep/gates.svg'));
  expect(code).toBe(0);
  expect((await stat(path('new/deep/gates.svg'))).size).toBeGreaterThan(0);
});

test('what is written is not called as if it were of another format', async () => {
  for (const [args, message] of [
    [['classify', path('cat'), '--gates', path('x.png')], `--gates ${path('x.png')}: is written as .svg: name it so`],
    [['convert', path('weights'), '-o', path('x.pth')], `--output ${path('x.pth')}: is written as .safetensors or .onnx: name it so`],
    [['preprocess', path('cat'), '-o', path('x.jpg')], `--output ${path('x.jpg')}: is written as .png: name it so`],
  ] as const) {
    const { code, stderr } = await senetHere(...(args as unknown as [string, ...string[]]));
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    await expect(stat(args.at(-1) as string)).rejects.toThrow('ENOENT');
  }
});

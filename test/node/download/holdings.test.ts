import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sidecarText } from '../../../src/node/download/sidecar.js';
import { type Outcome, senetWith } from '../../cli/senet.js';

const weights = 'weights';
const sha256 = createHash('sha256').update(weights).digest('hex');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'senet-shared-'));
});
afterEach(() => rm(root, { recursive: true }));

const cache = (...args: readonly string[]): Promise<Outcome> => senetWith({ SENET_CACHE: root }, 'cache', ...args);

async function put(path: string, content = weights): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

async function putDownloaded(path: string): Promise<void> {
  await put(path);
  await put(`${path}.sha256`, sidecarText(sha256, path));
}

/** Every file, link and empty folder below. */
async function everything(folder = root): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const below = entry.isDirectory() ? await everything(path) : [];
    found.push(...(below.length > 0 ? below : [path.slice(root.length + 1)]));
  }
  return found.sort();
}

/** What others keep in a folder that they share: beside our names, below them, and much like them. */
const strangers = [
  'notes.txt',
  'photos/2024/summer/beach.jpg',
  'huggingface/hub/model.safetensors',
  'timm/readme.md',
  'timm/my_experiment/model.safetensors',
  'timm/my_experiment/model.safetensors.sha256',
  'timm/resnet18.tv_in1k/notes.txt',
  'timm/resnet18.tv_in1k/logs/run.log',
  'timm/resnet18.tv_in1k/other.safetensors',
  'timm/resnet18.tv_in1k/model.safetensors.bak',
  'timm/resnet18.tv_in1k@mine/model.safetensors', // with nothing beside it
  'timm/resnet34.tv_in1k/model.safetensors',
  'timm/resnet34.tv_in1k/model.safetensors.sha256', // not what we write
  'timm/resnet50.tv_in1k/model.safetensors.part', // as Firefox leaves it
  'torchvision/resnet50/weights.pth',
];

test('rm --all leaves what others keep in the same folder, and takes all that was downloaded', async () => {
  for (const path of strangers) await put(path);
  const ours = ['timm/resnet18.tv_in1k/model.safetensors', 'timm/resnet18.tv_in1k@v2/model.safetensors'];
  for (const path of ours) await putDownloaded(path);
  const gone = `timm/seresnet50.a1_in1k/model.safetensors.${hostname()}.999999999.0.part`;
  for (const path of [gone, `${gone}.json`, `${gone}.sha256`]) await put(path);
  for (const path of ['model.safetensors.part', 'model.safetensors.part.json']) await put(`timm/seresnet50.ra2_in1k/${path}`);

  const { code, stdout, stderr } = await cache('rm', '--all');
  expect(code).toBe(0);
  expect(stdout.trim().split('\n').sort()).toEqual([
    'removed timm/resnet18.tv_in1k',
    'removed timm/resnet18.tv_in1k@v2',
    'removed timm/seresnet50.a1_in1k',
    'removed timm/seresnet50.ra2_in1k',
  ]);
  for (const kept of ['resnet18.tv_in1k@mine', 'resnet34.tv_in1k'])
    expect(stderr).toContain(`left ${join(root, 'timm', kept, 'model.safetensors')}: no SHA-256 lies beside it`);
  expect(await everything()).toEqual(strangers.toSorted());
});

test('links are followed by nobody: neither a source, nor a name, nor a file', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'senet-elsewhere-'));
  await writeFile(join(elsewhere, 'model.safetensors'), weights);
  await writeFile(join(elsewhere, 'model.safetensors.sha256'), sidecarText(sha256, 'model.safetensors'));
  await mkdir(join(elsewhere, 'resnet18.tv_in1k'));
  await writeFile(join(elsewhere, 'resnet18.tv_in1k', 'model.safetensors.part'), weights);
  await writeFile(join(elsewhere, 'resnet18.tv_in1k', 'model.safetensors.part.json'), weights);
  await mkdir(join(root, 'timm', 'resnet18.tv_in1k'), { recursive: true });
  await symlink(join(elsewhere, 'model.safetensors'), join(root, 'timm', 'resnet18.tv_in1k', 'model.safetensors'));
  await symlink(elsewhere, join(root, 'timm', 'resnet34.tv_in1k'));
  await symlink(elsewhere, join(root, 'pytorchcv'));
  const before = await everything();
  for (const args of [['--all'], ['timm/resnet34.tv_in1k']]) await cache('rm', ...args);
  expect(await everything()).toEqual(before);
  expect((await readdir(elsewhere, { recursive: true })).sort()).toEqual([
    'model.safetensors',
    'model.safetensors.sha256',
    'resnet18.tv_in1k',
    'resnet18.tv_in1k/model.safetensors.part',
    'resnet18.tv_in1k/model.safetensors.part.json',
  ]);
  await rm(elsewhere, { recursive: true });
});

test('by its name goes what was put there by hand, too, and empty folders go along', async () => {
  await put('timm/resnet18.tv_in1k/model.safetensors');
  expect(JSON.parse((await cache('ls', '--json')).stdout)).toEqual([
    { name: 'timm/resnet18.tv_in1k', file: join(root, 'timm/resnet18.tv_in1k/model.safetensors'), bytes: weights.length, complete: true },
  ]);
  expect((await cache('rm', 'timm/resnet18.tv_in1k')).stdout).toBe('removed timm/resnet18.tv_in1k\n');
  expect(await readdir(root)).toEqual([]);
});

test('what another process is downloading stays, and is said', async () => {
  const busy = `timm/resnet18.tv_in1k/model.safetensors.${hostname()}.${process.pid}.0.part`;
  for (const path of [busy, `${busy}.json`]) await put(path);
  const { code, stdout, stderr } = await cache('rm', '--all');
  expect([code, stdout, stderr]).toEqual([0, '', `left ${join(root, busy)}: another process is downloading it\n`]);
  expect(await everything()).toEqual([busy, `${busy}.json`]);
});

test('path takes what classify --model takes: a bare network, and the weights that ship', async () => {
  const path = async (name: string): Promise<string> => (await cache('path', name)).stdout;
  const bare = await path('resnet18');
  expect(bare).toMatch(/timm\/resnet18\.[^/]+\/model\.safetensors\n$/);
  expect(await path('timm/resnet18')).toBe(bare);
  expect(await path('seresnet20_cifar10')).toMatch(/\.safetensors\n$/);
  for (const name of ['constructor', '__proto__', 'resnet18.toString']) {
    const { code, stdout, stderr } = await cache('path', name);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^senet: .*\n$/);
  }
});

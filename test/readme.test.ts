import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveSafetensors } from '../src/io/safetensors.js';
import { syntheticWeights } from '../src/io/synthetic.js';
import { createModel } from '../src/models/index.js';
import { labelsOf } from '../src/pretrained/labels.js';

/** README's program, as it stands, in a folder where the package is installed. */
const project = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-readme-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(project, join(folder, 'node_modules/senet'), 'dir');
});
afterAll(() => rm(folder, { recursive: true }));

test("README's program prints what is on a photograph", async () => {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const [, program = ''] = /^```js\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  expect(program).toContain('session.dispose()');
  // files are recognised by their content, so the smallest SE-ResNet of ImageNet does for the one that is named
  const [weights] = /\w+\.pth/.exec(program) ?? [];
  await writeFile(join(folder, weights as string), saveSafetensors(syntheticWeights(createModel('timm/legacy_seresnet18'), { seed: 1 })));
  await copyFile(join(project, 'assets/images/rocket.jpg'), join(folder, 'photograph.jpg'));
  await writeFile(join(folder, 'program.mjs'), program);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder });
  expect(stderr).toBe('');
  expect((await labelsOf('imagenet')).map(({ name }) => `${name}\n`)).toContain(stdout);
});

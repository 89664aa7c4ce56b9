import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

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
  expect(program.trim().split('\n').length).toBeLessThanOrEqual(10);
  await copyFile(join(project, 'assets/images/chelsea.png'), join(folder, 'photograph.jpg')); // a picture is what its bytes say
  await writeFile(join(folder, 'program.mjs'), program);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^cat 0\.\d{3}\n(\w+ 0\.\d{3}\n){4}$/);
});

test('README fits a screen', async () => {
  expect((await readFile(join(project, 'README.md'))).length).toBeLessThanOrEqual(7000);
});

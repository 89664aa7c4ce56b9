import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-tables-'));
  await writeFile(join(folder, 'file'), '');
});
afterAll(() => rm(folder, { recursive: true }));

test('--json: the tables, with figures that are not known as null', async () => {
  const { code, stdout } = await senet('tables', '--json');
  expect(code).toBe(0);
  const { tables } = JSON.parse(stdout);
  expect(tables).toHaveLength(16);
  expect(tables[0].rows[1]).toMatchObject({
    name: 'SE-ResNet-50',
    paper: { 'original top-1': null, 'top-1': '23.29', GFLOPs: '3.87' },
    model: 'timm/legacy_seresnet50',
    parameters: 28_088_024,
    commands: ['senet evaluate IMAGENET/val --model timm/legacy_seresnet50.in1k'],
  });
});

test('for people, and as Markdown', async () => {
  expect(await senetHere('tables')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Table 13. Stages') });
  expect(await senetHere('tables', '--markdown')).toMatchObject({ code: 0, stdout: expect.stringContaining('## Table 13. Stages') });
});

test('--html: a page, and nothing but its name on stdout', async () => {
  const file = join(folder, 'tables.html');
  expect(await senetHere('tables', '--html', file)).toMatchObject({ code: 0, stdout: `${file}\n` });
  expect(await readFile(file, 'utf8')).toContain('<h2>Table 16. Without a squeeze: errors in per cent</h2>');
});

test.each([
  [['--json', '--markdown'], 'cannot be used with option'],
  [['--html', 'FOLDER/file/tables.html'], 'cannot be written'],
  [['2'], 'too many arguments'],
] as const)('%j exits 2', async (args, message) => {
  const { code, stdout, stderr } = await senetHere('tables', ...args.map((arg) => arg.replace('FOLDER', folder)));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
});

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sendFile, serve } from '../node/download/server.js';
import { recordOf, writeFiles } from '../node/images/cifar.js';
import { some } from '../support/length.js';
import { main, type Outcome } from './senet.js';
import { senetHere } from './senetHere.js';

/** What becomes of a command whose output nobody reads, or no disk has room for. */

const assets = fileURLToPath(new URL('../../assets/', import.meta.url));
const chelsea = join(assets, 'images', 'chelsea.png');
const shipped = join(assets, 'weights', 'seresnet20_cifar10.safetensors');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-full-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A line of shell, in which `senet` is the command; the exit code is that of the first of a pipe. */
function shell(line: string, environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const script = `set -o pipefail; senet() { "${process.execPath}" "${main}" "$@"; }; cd "${folder}"; ${line}`;
  const env = { ...process.env, SENET_TILE: '5x8', ...environment };
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

/** Files that are written may have so many KiB, and no more: the nearest to a full disk that needs no rights. */
const withRoom = (kibibytes: number, line: string): string => `ulimit -f ${kibibytes}; ${line}`;

describe('standard output', () => {
  const written = [
    '--help',
    'models',
    `classify ${chelsea} ${join(assets, 'images', 'coffee.png')}`,
    'models --json',
    'cache --help',
    'weights',
    `inspect ${shipped} --json`,
  ];
  test.each(some(written, 2))('%s > /dev/full: one line, exit code 2', async (args) => {
    const { code, stderr } = await shell(`senet ${args} > /dev/full`);
    expect([code, stderr]).toEqual([2, 'senet: standard output cannot be written (ENOSPC)\n']);
  });

  test.each(some(['plan legacy_seresnet50 --json', 'models --json', '--help'], 2))(
    '%s | a reader that has gone: no word, exit code 0',
    async (args) => {
      const { code, stderr } = await shell(`(sleep 0.2; senet ${args}) | true`);
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  test('a check that failed stays one, though nobody reads its table', async () => {
    await writeFile(join(folder, 'a.json'), '{');
    expect((await shell('(sleep 0.2; senet verify a.json) | true')).code).toBe(2);
  });

  test('what is said beside it may be lost without harm', async () => {
    const { code, stdout } = await shell(`senet classify ${chelsea} --json 2> /dev/full`);
    expect([code, JSON.parse(stdout)]).toEqual([0, [expect.objectContaining({ file: chelsea })]]);
  });
});

describe('a full disk', () => {
  const writers = [
    ['convert', `convert ${shipped} -o out.safetensors`, 'out.safetensors'],
    ['classify --gates', `classify ${chelsea} --gates gates.svg`, 'gates.svg'],
    ['preprocess', `preprocess ${chelsea} -o image.png`, 'image.png'],
  ] as const;
  test.each(some(writers, 2))('%s: one line, exit code 2, and what was there is there', async (_, args, file) => {
    await writeFile(join(folder, file), 'old');
    const { code, stderr } = await shell(withRoom(8, `senet ${args}`));
    expect([code, stderr]).toEqual([2, `senet: ${file}: cannot be written (EFBIG: file too large, write)\n`]);
    expect(await readdir(folder)).toEqual([file]);
    expect(await readFile(join(folder, file), 'utf8')).toBe('old');
  });

  test('report: the same', async () => {
    await mkdir(join(folder, 'run'));
    const config = { model: 'x', data: { train: 'y'.repeat(9000), test: 'z' }, epochs: 1, lr: 1 };
    await writeFile(join(folder, 'run', 'config.json'), JSON.stringify(config));
    const { code, stderr } = await shell(withRoom(8, 'senet report run'));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^senet: run\/report\.html: cannot be written \(EFBIG.*\)\n$/)]);
    expect(await readdir(join(folder, 'run'))).toEqual(['config.json']);
  });

  test('train: the same, and the run can be resumed', async () => {
    const records = Array.from({ length: 32 }, (_, i) => [...recordOf([i % 3], i)]).flat();
    await writeFiles(join(folder, 'data'), {
      'batches.meta.txt': 'red\ngreen\nblue\n',
      'data_batch_1.bin': Uint8Array.from(records),
      'test_batch.bin': recordOf([0], 100),
    });
    const config = {
      model: 'se_resnet8_cifar10',
      data: { train: 'data', test: 'data' },
      batch: 16,
      epochs: 1,
      lr: 0.05,
      kernels: 'strict',
    };
    await writeFile(join(folder, 'run.json'), JSON.stringify(config));
    const full = await shell(withRoom(16, 'senet train run.json'));
    expect([full.code, full.stderr]).toEqual([
      2,
      expect.stringMatching(/^senet: run\/checkpoint\.safetensors: cannot be written \(EFBIG.*\)\n$/),
    ]);
    expect((await readdir(join(folder, 'run'))).filter((name) => /part$|running/.test(name))).toEqual([]);
    const after = await senetHere('train', join(folder, 'run'), '--json');
    expect([after.code, JSON.parse(after.stdout)]).toEqual([0, expect.objectContaining({ epochs: 1 })]);
  });

  test('a download: one line, exit code 2, and nothing of it stays to fill the disk', async () => {
    const file = await readFile(shipped);
    const { origin } = await serve((request, response) => sendFile(request, response, file));
    const environment = { SENET_CACHE: join(folder, 'cache'), HF_ENDPOINT: origin };
    const { code, stdout, stderr } = await shell(withRoom(64, `senet classify ${chelsea} --model resnet18.tv_in1k --json`), environment);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^senet: .*: cannot be kept as .*model\.safetensors \(EFBIG\)\n$/);
    expect(await readdir(join(folder, 'cache', 'timm', 'resnet18.tv_in1k'))).toEqual([]);
  });
});

test('control characters of names are shown, not obeyed, on a line of their own', async () => {
  const name = 'evil\u001b[31m\u0085\u202e\nsenet: all is well\r.png';
  const shown = 'evil\\u001b[31m\\u0085\\u202e\\u000asenet: all is well\\u000d.png';
  await cp(chelsea, join(folder, name));
  await writeFile(join(folder, `un${name}`), 'no image');
  const fine = await shell('senet classify "$NAME"', { NAME: name });
  expect([fine.code, fine.stdout.split('\n')[0]]).toEqual([0, shown]);
  const bad = await senetHere('classify', join(folder, `un${name}`));
  expect([bad.code, bad.stdout]).toEqual([2, '']);
  expect(bad.stderr).toMatch(/^senet: .*\n$/);
  expect(bad.stderr).toContain(`un${shown}`);
  const json = await senetHere('classify', join(folder, name), '--json');
  expect(json.stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
  expect(JSON.parse(json.stdout)).toMatchObject([{ file: join(folder, name) }]);
  const option = await senetHere('classify', 'x', `--${name}`);
  expect(option.stderr).toContain(`unknown option '--${shown.split('\\u000a')[0]}`);
});

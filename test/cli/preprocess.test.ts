import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { preprocessCommand } from '../../src/cli/commands/preprocess.js';
import { InputError } from '../../src/errors.js';
import { readImage } from '../../src/node/images/image.js';
import { expectations, largestDifference, photographs, read } from '../io/fixtures.js';

const chelsea = fileURLToPath(new URL('chelsea.png', photographs));
const stdout = vi.spyOn(process.stdout, 'write');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-preprocess-'));
  stdout.mockReset().mockReturnValue(true);
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...args: readonly string[]) =>
  preprocessCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(args, { from: 'user' });

test('the defaults are 256, bilinear and 224; --json says what was written', async () => {
  const output = join(folder, 'out.png');
  await run(chelsea, '-o', output, '--json');
  expect(largestDifference(await readImage(output), await read(expectations, 'chelsea.resize256-bilinear.crop224.png'))).toBe(0);
  expect(JSON.parse(String(stdout.mock.calls[0]?.[0]))).toEqual({ file: chelsea, output, width: 224, height: 224 });
});

test('sizes and filter are taken from the command line', async () => {
  const output = join(folder, 'out.png');
  await run(chelsea, '--resize', '256', '--filter', 'bicubic', '--crop', '224', '-o', output);
  expect(largestDifference(await readImage(output), await read(expectations, 'chelsea.resize256-bicubic.crop224.png'))).toBe(0);
  expect(stdout).toHaveBeenCalledWith(`${output}: 224×224\n`);
});

test('a truncated image is refused by its name, unless --tolerant', async () => {
  const whole = await readFile(fileURLToPath(new URL('rocket.jpg', photographs)));
  const [cut, output] = [join(folder, 'cut.jpg'), join(folder, 'out.png')];
  await writeFile(cut, whole.subarray(0, -20_000));
  await expect(run(cut, '-o', output)).rejects.toThrow(`${cut}: the JPEG is truncated`);
  await run(cut, '--tolerant', '-o', output);
  expect((await readImage(output)).width).toBe(224);
});

test.each([
  ['--resize', '0'],
  ['--resize', '-3'],
  ['--resize', '2.5'],
  ['--crop', '1e3'],
  ['--crop', 'wide'],
  ['--crop', '99999999999999999999'],
  ['--filter', 'lanczos'],
])('%s %s is refused before anything is read or written', async (flag, value) => {
  await expect(run('missing.png', flag, value, '-o', join(folder, 'out.png'))).rejects.toThrow(CommanderError);
});

test('no output, no image, or a crop beyond reason: refused, and nothing is written', async () => {
  await expect(run(chelsea)).rejects.toThrow(CommanderError);
  await expect(run(join(folder, 'missing.png'), '-o', join(folder, 'out.png'))).rejects.toThrow(InputError);
  await expect(run(chelsea, '--crop', '99999', '-o', join(folder, 'out.png'))).rejects.toThrow(InputError);
  expect(await readdir(folder)).toEqual([]);
});

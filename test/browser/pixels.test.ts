import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { callInFirefox } from '../../reference/browsers/firefox.js';
import { differenceText } from '../../reference/pixels/difference.js';
import { type KindOfFile, kindsOfFile } from '../../reference/pixels/files.js';
import type { Answer } from '../../reference/pixels/inPage.js';
import { inChromium, taskOf } from '../../reference/pixels/measure.js';
import { paths } from '../../reference/pixels/paths.js';
import { UnsupportedError } from '../../src/errors.js';

const page = readFileSync(new URL('../../docs/pixels.md', import.meta.url), 'utf8');
const table = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));
const head = table.find(([first]) => first === 'file') as readonly string[];

const kinds = (await kindsOfFile()) as readonly KindOfFile[];
const checked = ['file', 'bitmapAsStored'] as const;

describe('docs/pixels.md says what Chromium does now', () => {
  let answer: Answer;
  beforeAll(async () => {
    answer = (await inChromium(taskOf(kinds, checked))).value;
  }, 60_000);

  test.each(kinds.map(({ kind, expected }, row) => ({ kind, expected, row })))('to $kind', ({ kind, expected, row }) => {
    const cells = table.find(([first]) => first === kind) ?? [];
    const said = checked.map((path) => cells[head.indexOf(`Chromium: ${paths[path]}`)]);
    expect(said).toEqual(checked.map((_, column) => differenceText(answer.files[row]?.[column], expected)));
    expect(said[0]).toBe('0');
  });
});

test('where there is no Firefox, the error says what to install', async () => {
  vi.stubEnv('SENET_FIREFOX', '/nowhere/firefox');
  const called = callInFirefox({ module: '/nowhere.js', name: 'nothing', args: [] });
  await expect(called).rejects.toThrow(UnsupportedError);
  await expect(called).rejects.toThrow('no Firefox at /nowhere/firefox, which SENET_FIREFOX names: apt-get install firefox-esr');
  vi.unstubAllEnvs();
});

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { differenceText } from '../../reference/pixels/difference.js';
import { displayP3 } from '../../reference/pixels/displayP3.js';
import { kindsOfFile } from '../../reference/pixels/files.js';
import type { Browsed } from '../../reference/pixels/measure.js';
import { pixelsMarkdown } from '../../reference/pixels/report.js';
import { decodeImage } from '../../src/io/image.js';

const expected = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
const told = (...bytes: readonly number[]): { width: number; height: number; data: string } => ({
  width: bytes.length / 3,
  height: 1,
  data: Buffer.from(bytes).toString('base64'),
});

test('a difference is the largest of all channels, and the share of pixels', () => {
  expect(differenceText(told(1, 2, 3, 4, 5, 6), expected)).toBe('0');
  expect(differenceText(told(1, 2, 3, 4, 15, 7), expected)).toBe('10 (50 %)');
  expect(differenceText(told(1, 2, 3), expected)).toBe('1×1, not 2×1');
  expect(differenceText('Error: there is none', expected)).toBe('none (there is none)');
  const many = { width: 300, height: 1, data: new Uint8Array(900) };
  expect(differenceText({ ...many, data: Buffer.from(many.data.with(899, 1)).toString('base64') }, many)).toBe('1 (below 1 %)');
});

test('the files made for the table are what they are called', async () => {
  const kinds = await kindsOfFile();
  const bytesOf = (kind: string): Buffer => Buffer.from(kinds.find((row) => row.kind === kind)?.bytes ?? []);
  const p3 = bytesOf('JPEG, profile Display P3');
  expect(p3.includes('ICC_PROFILE')).toBe(true);
  expect(p3.includes(displayP3())).toBe(true);
  expect(displayP3().readUInt32BE(0)).toBe(displayP3().length);
  expect(bytesOf('PNG, palette').includes('tRNS')).toBe(false);
  const original = await readFile(new URL('../fixtures/preprocess/files/palette8.png', import.meta.url));
  expect(original.includes('tRNS')).toBe(true);
  expect(kinds.find(({ kind }) => kind === 'PNG, palette')?.expected).toEqual(await decodeImage(original)); // alpha says nothing
});

test('the page says which kinds the fast path is exact for in all browsers, and which browser is missing', () => {
  const browsed = (browser: string, ...cells: readonly string[]): Browsed => ({
    browser,
    decoded: Object.fromEntries(
      ['a', 'b', 'c'].map((kind, i) => [kind, { file: '0', bitmapAsStored: cells[i] as string, bitmap: '', image: '', imageDecoder: '' }]),
    ),
    resized: { way: { bilinear: '1 (2 %)', bicubic: '3 (4 %)' } },
  });
  const both = pixelsMarkdown({
    date: '2026-11-29',
    browsers: [browsed('Chromium 1', '0', '0', '9'), browsed('Firefox 2', '0', '7', '0')],
    missing: [],
  });
  expect(both).toContain('Chromium 1, Firefox 2.');
  expect(both).toContain('| exact | a |');
  expect(both).toContain('| not exact | b; c |');
  expect(both).toContain('| way | 1 (2 %) | 3 (4 %) | 1 (2 %) | 3 (4 %) |');
  const one = pixelsMarkdown({ date: '2026-11-29', browsers: [browsed('Chromium 1', '0', '0', '9')], missing: ['no Firefox at /x'] });
  expect(one).toContain('Chromium 1. Not here: no Firefox at /x.');
  expect(one).toContain('| exact | a; b |');
});

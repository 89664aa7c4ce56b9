import { expect, test } from 'vitest';
import type { Answer, Task } from '../../bench/matrix/answer.js';
import { measure } from '../../bench/matrix/measure.js';
import type { Place } from '../../bench/matrix/places.js';
import { matrixMarkdown } from '../../bench/matrix/report.js';
import { UnsupportedError } from '../../src/errors.js';

const task: Task = {
  vectors: [{ model: 'v' }],
  pictures: [{ file: 'p.png', base64: '' }],
  networks: [
    { id: 'a', size: 32 },
    { id: 'torchvision/vgg16_bn', size: 32 },
  ],
  threaded: [{ id: 'a', size: 32 }],
};

const bits = (strict: string, relaxed?: string) => ({ strict, ...(relaxed !== undefined && { relaxed }), threads: 1 });

const usual: Answer = {
  sharedMemory: true,
  relaxed: 'fused',
  vectors: { v: { error: 2.5e-6, pass: true } },
  pictures: { 'p.png': { label: 'cat', bits: '01' } },
  bits: { a: bits('02', '03'), 'torchvision/vgg16_bn': bits('04', '05') },
  threads: { a: { ...bits('02', '03'), threads: 2 } },
};

const place = (name: string, answer: Partial<Answer>, more: Partial<Place> = {}): Place => ({
  name,
  where: 'program',
  switched: '',
  open: async () => ({ version: `${name} 1, x64`, answer: { ...usual, ...answer } }),
  ...more,
});

const written = async (...places: readonly Place[]): Promise<readonly string[]> =>
  matrixMarkdown(task, await measure(places, task, '2026-11-29', () => {})).split('\n');

test('a row says what is as in the first row, and what is not', async () => {
  const lines = await written(
    place('First', {}),
    place('Other', {
      sharedMemory: false,
      relaxed: 'not fused',
      vectors: { v: { error: 3.5e-6, pass: true } },
      pictures: { 'p.png': { label: 'cat', bits: '99' } },
      bits: { a: bits('02', '02'), 'torchvision/vgg16_bn': bits('99', '99') },
      threads: { a: { ...bits('02', '02'), note: 'it has none; do this' } },
    }),
  );
  expect(lines).toContain('| First 1, x64 | program |  | yes | yes | 2.5e-6 | 1 of 1 labels, 1 of 1 to the bit | 2 of 2 | A | 2 of 2 |');
  expect(lines).toContain(
    '| Other 1, x64 | program |  | no | yes, not fused | 3.5e-6 | 1 of 1 labels, 0 of 1 to the bit | 1 of 2 | B | one: it has none |',
  );
  expect(lines).toContain(
    '- **Strict kernels with direct algorithms do not give the same bits everywhere**: Other 1 differ in some of 2 networks.',
  );
  expect(lines).toContain('- The networks of the conformance vectors err by 3.5e-6 at most, wherever they ran.');
  expect(lines).toContain('| torchvision/vgg16_bn | 32 | 04 | 05 | 99 |');
  expect(lines).toContain('- Two threads give the bits of one, in each of the 1 places that have two.');
});

test('what a runtime lacks as it comes is named, unless it was switched off or the page is not isolated', async () => {
  const bare: Partial<Answer> = { sharedMemory: false, relaxed: 'none', bits: { a: bits('02') } };
  const lines = await written(
    place('First', {}),
    place('Bare', bare, { where: 'page, isolated' }),
    place('Plain', { sharedMemory: false }, { where: 'page' }),
    place('Off', bare, { where: 'page, isolated', switched: '`--off`' }),
  );
  expect(lines).toContain('- As they come, these have no relaxed SIMD: Bare 1.');
  expect(lines).toContain('- As they come, these have no SharedArrayBuffer, isolated or not: Bare 1 (page).');
});

test('two threads that give other bits than one are counted', async () => {
  const lines = await written(place('First', { threads: { a: { ...bits('99', '03'), threads: 2 } } }));
  expect(lines.find((text) => text.startsWith('| First'))).toMatch(/\| 1 of 2 \|$/);
  expect(lines).toContain('- Two threads do not give the bits of one in First 1.');
});

test('a slow place runs only what is small, and is in the group whose bits it has', async () => {
  const asked: Task[] = [];
  const small = { vectors: {}, bits: { a: bits('02', '03') } };
  const open = async (given: Task) => {
    asked.push(given);
    return { version: 'Slow 1, arm64, emulated', answer: { ...usual, ...small } };
  };
  const lines = await written(place('First', {}), place('Slow', {}, { slow: true, open }));
  expect(asked.map(({ vectors, networks }) => [vectors, networks.map(({ id }) => id)])).toEqual([[[], ['a']]]);
  expect(lines).toContain(
    '| Slow 1, arm64, emulated | program |  | yes | yes | – | 1 of 1 labels, 1 of 1 to the bit | 1 of 1 | A | 2 of 2 |',
  );
  expect(lines).toContain(
    '- **Strict kernels with direct algorithms give the same bits everywhere**: 2 networks in 2 places, on x64 and arm64, emulated.',
  );
  expect(lines).toContain('- Relaxed SIMD has 1 set of bits. A: products are fused (First 1, Slow 1 on Arm64).');
});

test('what is not installed is named with what to install, and what fails with why', async () => {
  const lines = await written(
    place('First', {}),
    place('Absent', {}, { open: () => Promise.reject(new UnsupportedError('no Absent: apt-get install absent')) }),
    place('Broken', {}, { open: () => Promise.reject(new Error('it crashed')) }),
    place('Partly', { vectors: { v: { error: 1, pass: false } }, bits: { ...usual.bits, a: 'RangeError: no memory' } }),
  );
  expect(lines.find((text) => text.includes('2026-11-29'))).toMatch(/ Not here: no Absent: apt-get install absent\.$/);
  expect(lines).toContain('| Broken | program |  | failed | failed | failed | failed | failed | failed | failed |');
  expect(lines).toContain('- failed: Broken, program: it crashed');
  expect(lines).toContain('- failed: Partly 1, x64, program, a: RangeError: no memory');
  expect(lines).toContain('- Some conformance vectors fail.');
});

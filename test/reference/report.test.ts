import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../reference/crosscheck/place.js';
import { reportMarkdown } from '../../reference/crosscheck/report.js';
import type { Result } from '../../reference/crosscheck/result.js';
import { properties } from '../../reference/properties/properties.js';

const results = join(root, 'reference/results');
const newest = (): Result => {
  const file = readdirSync(results)
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .at(-1);
  return JSON.parse(readFileSync(join(results, file ?? expect.fail('no result')), 'utf8')) as Result;
};

test('docs/accuracy.md is what the newest result says', () => {
  expect(readFileSync(join(root, 'docs/accuracy.md'), 'utf8')).toBe(reportMarkdown(newest()));
});

test('the newest result has every op, 1,000 cases of each on the processor, and no fault of ours', () => {
  const { rows, engines, findings, deep } = newest();
  expect([...new Set(rows.map(({ op }) => op))]).toEqual(Object.keys(properties));
  const onProcessor = engines.filter(({ adapter }) => adapter === undefined).map(({ engine }) => engine);
  for (const row of rows.filter(({ engine }) => onProcessor.includes(engine))) {
    expect(row.cases + row.unsupported, `${row.op} on ${row.engine}`).toBeGreaterThanOrEqual(1000);
    if (row.engine.startsWith('senet')) expect(row.ratio, `${row.op} on ${row.engine}`).toBeLessThanOrEqual(1);
  }
  expect(findings.filter(({ ours }) => ours)).toEqual([]);
  for (const { cases, of } of Object.values(deep)) expect(2 * cases).toBeGreaterThanOrEqual(of);
});

const crosscheck = (...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'dist/reference/crosscheck/run.js'), ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });

test('the command prints a result, and its findings can be replayed', async () => {
  const { code, stdout } = await crosscheck('--ops', 'maxPool2d', '--engines', 'senet reference,tfjs-wasm', '--cases', '30', '--json');
  expect(code).toBe(0); // the fault is not ours
  const { rows, findings } = JSON.parse(stdout) as Result;
  expect(rows.map(({ engine, cases }) => [engine, cases])).toEqual([
    ['senet reference', 30],
    ['tfjs-wasm', 30],
  ]);
  const [finding] = findings;
  expect(finding).toMatchObject({ engine: 'tfjs-wasm', fault: 'nonfinite' });
  const again = await crosscheck('--ops', 'maxPool2d', '--engines', 'tfjs-wasm', '--path', finding?.path ?? '');
  expect(again).toMatchObject({ code: 0, stdout: `tfjs-wasm: ${finding?.what}\n` });
});

test.each([
  { args: ['--ops', 'convolution'], says: 'no op is called convolution: there are conv2d' },
  { args: ['--engines', 'senet reference', '--path', '0'], says: 'name it by --ops' },
  { args: ['--engines', 'cuda', '--gpu-minutes', '0'], says: 'no engine is called cuda: there are senet reference' },
])('wrong use, $args, is exit code 2 and says what is right', async ({ args, says }) => {
  const { code, stdout, stderr } = await crosscheck(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(says);
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { long } from '../support/length.js';

const command = fileURLToPath(new URL('../../tooling/importMemory.js', import.meta.url));

/** Memory beyond the packed weights: the weights themselves, and what reads them. */
const most = 1.2;

test('the import of a large ONNX file takes 1.2 times the file at most beyond the packed weights, wherever its weights lie', {
  timeout: 300_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--json', '--megabytes', long ? '100' : '30']);
  const rows = JSON.parse(stdout) as readonly { readonly weights: string; readonly size: number; readonly share: number }[];
  expect(rows.map(({ weights }) => weights)).toEqual(['in the file', 'in another file']);
  for (const { size, share } of rows) {
    expect(size).toBeGreaterThan(25e6);
    expect(share).toBeGreaterThan(0.5); // less would measure something else
    expect(share).toBeLessThan(most);
  }
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('says what classifying a picture holds, in floats and in 8 bits', { timeout: 120_000 }, async () => {
  const command = fileURLToPath(new URL('../../tooling/classifyMemory.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--model', 'torchvision/mobilenet_v3_small', '--json']);
  const { rows, ratios } = JSON.parse(stdout);
  expect(rows.map(({ form }: { readonly form: string }) => form)).toEqual(['float', 'int8']);
  const [float, int8] = rows;
  expect(ratios.file).toBe(int8.file / float.file);
  expect(ratios.file).toBeLessThan(0.3);
  for (const { peak, beyond } of rows) expect(peak).toBeGreaterThan(beyond);
});

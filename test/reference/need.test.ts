import { expect, test } from 'vitest';
import { need } from '../../reference/engines/contender.js';
import { UnsupportedError } from '../../src/errors.js';

test('an engine that is not installed says what to install, and why it asks', async () => {
  const missing = need('tfjs', 'a@4 b@4', () => Promise.reject(new Error("Cannot find package 'a'\nimported from …")));
  await expect(missing).rejects.toThrow(UnsupportedError);
  await expect(missing).rejects.toThrow("tfjs needs: npm install a@4 b@4 (Cannot find package 'a')");
});

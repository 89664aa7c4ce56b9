import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkOps } from '../../src/detect/opsChecks.js';
import { parseOpsVector } from '../../src/detect/opsVector.js';
import { plainOps } from './plainOps.js';

const text = readFileSync(new URL('../fixtures/detection/ops.json', import.meta.url), 'utf8');

test.each(checkOps(parseOpsVector(JSON.parse(text)), plainOps))('$name: $error of at most $limit', ({ pass }) => {
  expect(pass).toBe(true);
});

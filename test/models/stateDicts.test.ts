import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parameters } from '../../src/graph/count.js';
import { createModel } from '../../src/models/index.js';

const { digests } = JSON.parse(readFileSync(new URL('../fixtures/stateDicts.json', import.meta.url), 'utf8')) as {
  readonly digests: Readonly<Record<string, string>>;
};

/** The full order of names and shapes; counts.test.ts says what differs where one does. */
test.each(Object.entries(digests))('%s has the state dict of its source', (id, digest) => {
  const listed = parameters(createModel(id)).map(({ name, shape }) => [name, shape]);
  expect(createHash('sha256').update(JSON.stringify(listed)).digest('hex')).toBe(digest);
});

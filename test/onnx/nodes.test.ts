import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runNode } from '../../reference/nodes/case.js';
import { covered, excluded } from '../../reference/nodes/names.js';

const folder = fileURLToPath(new URL('../fixtures/onnx-nodes/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.startsWith('test_'));

describe("some of ONNX's tests of single operators pass on the reference and on the kernels", () => {
  test.each(names)('%s', async (name) => {
    expect((await runNode(`${folder}${name}`)).flaws).toEqual([]);
  });
});

test('a name is covered, or left out for one reason', () => {
  const all = [...covered, ...Object.values(excluded).flat()];
  expect(new Set(all).size).toBe(all.length);
  for (const name of names) expect(covered).toContain(name.slice('test_'.length));
});

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

const project = new URL('../../', import.meta.url);
const { mutants } = (await import(new URL('tooling/mutantList.js', project).href)) as { readonly mutants: readonly Mutant[] };

/** The list falls behind when a line is reworded that a fault is planted in. */
test.each(mutants)('$file: $name', ({ file, from, to, tests }) => {
  expect(readFileSync(new URL(file, project), 'utf8').split(from).length - 1, `occurrences of ${from}`).toBe(1);
  expect(to).not.toBe(from);
  for (const one of tests) expect(existsSync(new URL(one, project)), one).toBe(true);
});

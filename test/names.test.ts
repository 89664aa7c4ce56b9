import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** One meaning a word: whoever reads `Batch` in one file knows it in all. */
const src = new URL('../src/', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

/** Names of the types that a file declares and exports; what it passes on from another is not its own. */
const typesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^export (?:declare |abstract )*(?:interface|type|class|enum) (\w+)/gm)].map(([, name]) => name as string);

test('the reader of exports sees declarations, and nothing that is passed on', () => {
  const text =
    'export interface A {}\nexport type B<T> = T;\nexport abstract class C {}\nexport { type D } from "d";\nexport type { E } from "e";\ninterface F {}';
  expect(typesOf(text)).toEqual(['A', 'B', 'C']);
});

test('no type is exported under a name that another file exports', () => {
  const homes = new Map<string, string[]>();
  for (const file of files)
    for (const name of typesOf(readFileSync(new URL(file, src), 'utf8'))) homes.set(name, [...(homes.get(name) ?? []), file]);
  expect(homes.size).toBeGreaterThan(200);
  expect([...homes].filter(([, declared]) => declared.length > 1).map(([name, declared]) => `${name}: ${declared.join(', ')}`)).toEqual([]);
});

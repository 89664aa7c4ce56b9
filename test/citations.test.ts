import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Comments and documents cite the specification as `docs/spec/NAME.md §N.N`, with more sections after a comma or an "and". */
const project = fileURLToPath(new URL('..', import.meta.url));
const citation = /docs\/spec\/([\w-]+\.md)((?:(?:,| and|, and)? §\d+(?:\.\d+)*)*)/g;
/** The project's own files: not what is installed, built, or large; nor this one, whose examples are wrong. */
const skipped = /(^|\/)(node_modules|dist|binary|engines|runs|\.git)(\/|$)|^test\/citations\.test\.ts$/;

const files = filesOf('').filter((file) => /\.(ts|js|mjs|py|sh|md)$/.test(file));
const code = files.filter((file) => !file.endsWith('.md'));
const documents = files.filter((file) => file.endsWith('.md'));
const read = (file: string): string => readFileSync(join(project, file), 'utf8');

function filesOf(folder: string): readonly string[] {
  return readdirSync(join(project, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (skipped.test(path)) return [];
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

/** A comment's lines as one, so that a citation may go over their end. */
const joined = (text: string): string => text.replaceAll(/\s*\n\s*(?:\*(?!\/)|\/\/|#)?\s*/g, ' ');

/** What stands in comments; of Python all of the text, whose documentation is strings. */
const commentsOf = (file: string): string =>
  file.endsWith('.py') ? read(file) : [...read(file).matchAll(/\/\*[\s\S]*?\*\/|\/\/.*$|^\s*#.*$/gm)].map(([text]) => text).join('\n');

const sections = new Map(
  readdirSync(join(project, 'docs/spec')).map((name) => [
    name,
    [...read(`docs/spec/${name}`).matchAll(/^#{2,} (\d+(?:\.\d+)*)\.? /gm)].map(([, number]) => number as string),
  ]),
);

/** The citations in a text that name no file of docs/spec, no section, or one that is not there. */
function wrong(text: string, sectionNeeded: boolean): readonly string[] {
  return [...joined(text).matchAll(citation)]
    .filter(([, name, cited]) => {
      const numbers = [...(cited as string).matchAll(/§([\d.]+)/g)].map(([, number]) => number as string);
      const known = sections.get(name as string);
      return known === undefined || (sectionNeeded && numbers.length === 0) || numbers.some((number) => !known.includes(number));
    })
    .map(([whole]) => whole);
}

test('a citation of what is not there is found, over the end of a line too', () => {
  expect(wrong('docs/spec/zoo.md §1.2, docs/spec/checkpoints.md §2.1, §3 and §4.3', true)).toEqual([]);
  expect(wrong('docs/spec/zoo.md §99', true)).toEqual(['docs/spec/zoo.md §99']);
  expect(wrong(' * see docs/spec/zoo.md §1.2 and\n * §1.99)', true)).toEqual(['docs/spec/zoo.md §1.2 and §1.99']);
  expect(wrong('docs/spec/nothing.md §1', true)).toEqual(['docs/spec/nothing.md §1']);
  expect(wrong('docs/spec/zoo.md', true)).toEqual(['docs/spec/zoo.md']);
  expect(wrong('docs/spec/zoo.md', false)).toEqual([]);
});

test('every citation of the specification names a file and sections that exist', () => {
  const found = code.flatMap((file) => [...joined(read(file)).matchAll(citation)]);
  expect(found.length).toBeGreaterThan(20);
  expect(code.flatMap((file) => wrong(read(file), true).map((cited) => `${file}: ${cited}`))).toEqual([]);
  expect(documents.flatMap((file) => wrong(read(file), false).map((cited) => `${file}: ${cited}`))).toEqual([]);
});

test('within the specification, a bare § is a section of the same file', () => {
  for (const [name, known] of sections) {
    const own = joined(read(`docs/spec/${name}`)).replaceAll(citation, '');
    const missing = [...own.matchAll(/§(\d+(?:\.\d+)*)/g)]
      .map(([, number]) => number as string)
      .filter((number) => !known.includes(number));
    expect({ name, missing }).toEqual({ name, missing: [] });
  }
});

test('no file of the specification is cited without its folder', () => {
  const bare = new RegExp(`(?<!docs/spec/)\\b(?:${[...sections.keys()].join('|').replaceAll('.', '\\.')})`);
  expect(code.filter((file) => bare.test(read(file)))).toEqual([]);
});

test('no comment cites a document that is not in the project', () => {
  const absent = code.flatMap((file) =>
    [...joined(commentsOf(file)).matchAll(/[\w./-]*\w\.md\b/g)]
      .map(([cited]) => cited)
      .filter((cited) => !existsSync(join(project, cited)) && !existsSync(join(project, dirname(file), cited)))
      .map((cited) => `${file}: ${cited}`),
  );
  expect(absent).toEqual([]);
});

test('every link of a document to a file leads to one', () => {
  const dead = documents.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)/g)]
      .map(([, target]) => target as string)
      .filter((target) => !existsSync(join(project, dirname(file), target)))
      .map((target) => `${file}: ${target}`),
  );
  expect(dead).toEqual([]);
});

test('every file of the project that a document names in code is there', () => {
  const named = documents
    .filter((file) => !/^(CHANGELOG|docs\/mutants)\.md$/.test(file))
    .flatMap((file) =>
      [...read(file).matchAll(/`((?:src|kernels|reference|test|tooling|docs|bench|fuzz|findings|experiments|training|assets)\/[\w./-]+)`/g)]
        .map(([, path]) => path as string)
        .filter((path) => !/NAME/.test(path))
        .map((path) => ({ file, path })),
    );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ path }) => !existsSync(join(project, path))).map(({ file, path }) => `${file}: ${path}`)).toEqual([]);
});

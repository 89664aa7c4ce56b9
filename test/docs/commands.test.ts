import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program } from '../../src/cli/program.js';

/** What the documents tell a reader to type: its scripts are in package.json, and the command takes its flags. */
const project = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, project), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
const documents = ['', 'bench/results/', 'docs/', 'examples/', 'findings/']
  .flatMap((folder) => readdirSync(fileURLToPath(new URL(folder, project))).map((file) => `${folder}${file}`))
  .filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md'); // which keeps the commands of its day

const typed = documents.flatMap((document) => typedIn(read(document)).map((words) => ({ document, words })));

/** The commands of blocks without a language, and those between backticks. `# ...` is a remark, and what begins behind two spaces with a small letter an explanation. */
function typedIn(text: string): readonly (readonly string[])[] {
  const blocks = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => (block as string).split('\n'));
  const inline = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string);
  return [...blocks, ...inline]
    .map((line) => line.replace(/^(\$ )?(npx )?|(^|\s)#.*$| {2,}[a-z].*$/g, ''))
    .flatMap((line) => line.split(' && '))
    .map((command) => command.trim().split(/ +/))
    .filter(([name, second]) => name === 'npm' || (name === 'senet' && /^[a-z]/.test(second ?? '')));
}

test('what a reader is to type is found', () => {
  const text = 'Say `senet plan MODEL`, or `x`:\n```\n$ npm ci && npm start   # both\nsenet bench --tiles\n```\n```js\nsenet(1);\n```\n';
  expect(typedIn(text)).toEqual([
    ['npm', 'ci'],
    ['npm', 'start'],
    ['senet', 'bench', '--tiles'],
    ['senet', 'plan', 'MODEL'],
  ]);
  expect(typed.length).toBeGreaterThan(90);
});

const npm = typed.filter(({ words }) => words[0] === 'npm');
const senet = typed.filter(({ words }) => words[0] === 'senet');

test.each(npm)('$document: $words', ({ words }) => {
  const [, verb = '', ...more] = words;
  const script = verb === 'run' ? more.find((word) => !word.startsWith('-')) : verb;
  expect(['ci', 'install', 'pack', ...Object.keys(scripts)]).toContain(script);
});

describe('the command', () => {
  const root = program();
  const named = (parent: Command, name: string): Command | undefined => parent.commands.find((command) => command.name() === name);

  /** What a command does not take, of words as documents write them: `[--dtype f32|f16]`, `--json,`, `convert FILE -o OUT`. */
  function unknownIn([, name = '', ...words]: readonly string[]): readonly string[] {
    const first = named(root, name);
    if (first === undefined) return [name];
    const command = named(first, words[0] ?? '') ?? first; // `senet cache rm`
    const bare = words.map((word) => word.replace(/^[[(]+|[\]),.:;]+$/g, ''));
    return bare.filter((word, i) => {
      if (!/^--?[a-z]/.test(word)) return false;
      const option = command.options.find(({ short, long }) => word === short || word === long);
      const values = bare[i + 1]?.split('|') ?? [];
      const chosen =
        option?.argChoices === undefined || values.every((value) => !/^[a-z]/.test(value) || option.argChoices?.includes(value));
      return option === undefined || !chosen;
    });
  }

  test('a command, a flag or a value that is not there is found', () => {
    expect(unknownIn(['senet', 'frobnicate'])).toEqual(['frobnicate']);
    expect(unknownIn(['senet', 'plan', 'MODEL', '[--frobnicate]'])).toEqual(['--frobnicate']);
    expect(unknownIn(['senet', 'verify', '[--engine', 'wasm|gpu]'])).toEqual(['--engine']);
    expect(unknownIn(['senet', 'verify', '[FILE', '...]', '[--engine', 'wasm|reference]', '(--json)'])).toEqual([]);
  });

  test.each(senet)('$document: $words', ({ words }) => {
    expect(unknownIn(words)).toEqual([]);
  });
});

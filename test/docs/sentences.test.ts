import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Whether the documents can be read: a sentence of more than 30 words has to be read twice. */
const project = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, project), 'utf8');
const documents = ['', 'docs/', 'examples/', 'findings/', 'bench/results/']
  .flatMap((folder) => readdirSync(fileURLToPath(new URL(folder, project))).map((file) => `${folder}${file}`))
  .filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md'); // which keeps the words of its day

const mostWords = 30;

/**
 * The sentences of a document. Code, tables, headings and comments are none, nor is a record that a command wrote: an item of a list that ends with the command
 * that repeats it. Of a link the text counts, and what stands between backticks is one word.
 */
function sentencesOf(text: string): readonly string[] {
  const prose = text
    .replace(/^```[\s\S]*?^```$/gm, '\n\n')
    .replace(/<!--[\s\S]*?-->/g, '\n\n')
    .replace(/^- .*`npm run [^`]*`$/gm, '\n\n')
    .replace(/^(#|\||!\[).*$/gm, '\n\n')
    .replace(/`[^`]*`/g, 'CODE')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/^\s*(-|\d+\.) /gm, '\n\n');
  return prose
    .split(/\n\s*\n/)
    .flatMap((paragraph) => paragraph.split(/(?<=[.?!]["*)]*)\s+/))
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim());
}

const wordsOf = (sentence: string): number => sentence.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
const longIn = (text: string): readonly string[] => sentencesOf(text).filter((sentence) => wordsOf(sentence) > mostWords);

describe('sentences', () => {
  const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');

  test('one that is too long is found', () => {
    expect(longIn(`${words(30)}.\n${words(30)}: see [the table](a.md).`)).toEqual([`${words(30)}: see [the table].`]);
    expect(longIn(`- ${words(30)}\n- ${words(31)}\n`)).toEqual([words(31)]);
  });

  test('code, tables and records are no sentences', () => {
    const text = `\`\`\`\n${words(40)}\n\`\`\`\n| ${words(40)} |\n# ${words(40)}\n- engine (3 cases), ${words(40)}. \`npm run crosscheck\`\n`;
    expect(longIn(`${text}\`${words(40)}\``)).toEqual([]);
  });
});

test.each(documents)(`%s has no sentence of more than ${mostWords} words`, (document) => {
  expect(longIn(read(document))).toEqual([]);
});

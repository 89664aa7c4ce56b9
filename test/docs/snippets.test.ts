import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Code that a document quotes from the project: a block whose first line is a comment with a file's path, and whose other lines are in that file as they stand. */
interface Quote {
  readonly document: string;
  readonly path: string;
  readonly code: string;
}

const project = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, project), 'utf8');
const documents = [
  ...readdirSync(fileURLToPath(project)),
  ...readdirSync(new URL('docs/', project), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`),
].filter((file) => file.endsWith('.md'));

const blocksOf = (text: string): readonly string[] => [...text.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, block]) => block as string);

const quotes = documents.flatMap((document) => blocksOf(read(document)).flatMap((block) => quoteOf(document, block)));

function quoteOf(document: string, block: string): readonly Quote[] {
  const [, path, code] = /^(?:\/\/|;;|#) ([\w.-]+(?:\/[\w.-]+)+)\n([\s\S]*)$/.exec(block) ?? [];
  return path === undefined ? [] : [{ document, path, code: code as string }];
}

test('a quote is found by its path', () => {
  expect(quoteOf('a.md', '// src/tensor.ts\nconst a = 1;\n')).toEqual([
    { document: 'a.md', path: 'src/tensor.ts', code: 'const a = 1;\n' },
  ]);
  expect(quoteOf('a.md', 'const a = 1;\n')).toEqual([]);
});

test.each(quotes)('$document quotes $path as it stands', ({ path, code }) => {
  expect(code.trim().length).toBeGreaterThan(20);
  expect(read(path)).toContain(code);
});

describe('docs/one-convolution.md', () => {
  test('names the file of every block of code', () => {
    const own = quotes.filter(({ document }) => document === 'docs/one-convolution.md');
    expect(own.length).toBeGreaterThan(8);
    expect(blocksOf(read('docs/one-convolution.md')).length).toBe(own.length);
  });

  /** The instructions in the loop of gemm6x8, by name. */
  const loopOf = (build: string): ReadonlyMap<string, number> => {
    const [, tile = ''] = read(`dist/kernels/${build}.wat`).split('(func $kernels/gemm/gemm6x8 ');
    const [loop = ''] = tile.slice(tile.indexOf('\n  loop ')).split('\n  end\n');
    const names = [...loop.matchAll(/(?:v128|f32x4)\.\w+/g)].map(([name]) => name);
    return new Map([...new Set(names)].sort().map((name) => [name, names.filter((other) => other === name).length]));
  };

  test('a step of the tile is 8 loads and 12 products, without a store', () => {
    const loads = { 'v128.load': 2, 'v128.load32_splat': 6 };
    expect(Object.fromEntries(loopOf('relaxed'))).toEqual({ 'f32x4.relaxed_madd': 12, ...loads });
    expect(Object.fromEntries(loopOf('strict'))).toEqual({ 'f32x4.add': 12, 'f32x4.mul': 12, ...loads });
  });
});

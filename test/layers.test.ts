import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The layers of src/ (style guide: imports only point down), each with what it may import besides itself. */
const below = {
  errors: [],
  meant: ['tensor', 'errors'],
  tensor: ['errors'],
  ops: ['tensor', 'errors'],
  graph: ['ops', 'meant', 'tensor', 'errors'],
  plan: ['graph', 'ops', 'meant', 'tensor', 'errors'],
  bound: ['plan', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  models: ['graph', 'ops', 'meant', 'tensor', 'errors'],
  io: ['graph', 'ops', 'meant', 'tensor', 'errors'],
  data: ['io', 'meant', 'tensor', 'errors'],
  pretrained: ['io', 'graph', 'errors'],
  checkpoints: ['pretrained', 'models', 'io', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  train: ['data', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  wasm: ['plan', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  index: [
    'pretrained',
    'checkpoints',
    'bound',
    'wasm',
    'plan',
    'models',
    'io',
    'data',
    'train',
    'graph',
    'ops',
    'meant',
    'tensor',
    'errors',
  ],
  cli: [
    'index',
    'pretrained',
    'checkpoints',
    'bound',
    'wasm',
    'plan',
    'models',
    'io',
    'data',
    'train',
    'graph',
    'ops',
    'meant',
    'tensor',
    'errors',
  ],
} satisfies Readonly<Record<string, readonly string[]>>;

/** The files that may use Node: everything else also runs in browsers and workers. */
const usesNode = (file: string): boolean => file.startsWith('cli/') || file === 'wasm/threads.ts';

interface Import {
  readonly from: string; // a file below src/, as `ops/add.ts`
  readonly specifier: string; // as written
}

const src = new URL('../src/', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));
const imports: readonly Import[] = files.flatMap((from) =>
  importsOf(readFileSync(new URL(from, src), 'utf8')).map((specifier) => ({ from, specifier })),
);

/**
 * What the text's import and export lines, and its import() calls, name. Comments do not count, nor does
 * `typeof import('x')`: the command line so types what it loads by package name.
 */
function importsOf(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/(?<!\btypeof )\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, specifier]) => specifier as string);
}

const relative = imports.filter(({ specifier }) => specifier.startsWith('.'));
const target = ({ from, specifier }: Import): string => posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\.js$/, '.ts');
const layerOf = (file: string): string => (file.split('/')[0] as string).replace(/\.ts$/, '');
const show = (found: readonly Import[]): readonly string[] => found.map(({ from, specifier }) => `${from} imports ${specifier}`);

test('the reader of imports sees them all, and nothing in comments', () => {
  const text = `
    import a from 'a'; import type { b } from "b";
    import {
      c,
    } from './c.js';
    export { d } from './d.js'; import './e.js'; const f = await import('f');
    let t: typeof import('t');
    // import g from 'g';
    /** import h from 'h'; */`;
  expect(importsOf(text)).toEqual(['a', 'b', './c.js', './d.js', './e.js', 'f']);
  expect(relative.length).toBeGreaterThan(files.length);
});

test('every file is in a layer, and imports its own or those below', () => {
  expect([...new Set(files.map(layerOf))].filter((layer) => !(layer in below))).toEqual([]);
  const allowed = new Map<string, readonly string[]>(Object.entries(below));
  const upward = relative.filter((line) => {
    const [from, to] = [layerOf(line.from), layerOf(target(line))];
    return from !== to && !allowed.get(from)?.includes(to);
  });
  expect(show(upward)).toEqual([]);
});

test('src imports nothing from outside itself: not kernels/, reference/ or test/', () => {
  expect(show(relative.filter((line) => target(line).startsWith('../')))).toEqual([]);
});

describe('Node', () => {
  test('is imported by the command line, and by threads, only', () => {
    expect(show(imports.filter(({ from, specifier }) => specifier.startsWith('node:') && !usesNode(from)))).toEqual([]);
  });

  test('is always imported with its prefix', () => {
    expect(show(imports.filter(({ specifier }) => ['fs', 'path', 'url', 'os', 'worker_threads', 'process'].includes(specifier)))).toEqual(
      [],
    );
  });
});

test('no file imports itself, however far round', () => {
  const targets = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const line of relative) targets.get(line.from)?.push(target(line));

  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    else if (!finished.has(file)) for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
    finished.add(file);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The layers of src/ (style guide: imports only point down), the lowest first; each with what it may import besides itself. */
const below = {
  errors: [],
  tensor: ['errors'],
  meant: ['tensor', 'errors'],
  ops: ['tensor', 'errors'],
  graph: ['ops', 'meant', 'tensor', 'errors'],
  plan: ['graph', 'ops', 'meant', 'tensor', 'errors'],
  bound: ['plan', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  stats: [],
  io: ['graph', 'ops', 'meant', 'tensor', 'errors'],
  onnx: ['io', 'graph', 'ops', 'tensor', 'errors'],
  detect: ['io', 'tensor', 'errors'],
  quant: ['plan', 'io', 'graph', 'ops', 'tensor', 'errors'],
  models: ['quant', 'detect', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  data: ['io', 'meant', 'tensor', 'errors'],
  pretrained: ['io', 'graph', 'tensor', 'errors'],
  checkpoints: ['pretrained', 'models', 'io', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  train: ['data', 'io', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  wasm: ['plan', 'io', 'stats', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  classifier: [
    'wasm',
    'plan',
    'quant',
    'train',
    'data',
    'checkpoints',
    'pretrained',
    'onnx',
    'io',
    'stats',
    'models',
    'graph',
    'ops',
    'meant',
    'tensor',
    'errors',
  ],
  detector: ['classifier', 'wasm', 'checkpoints', 'pretrained', 'models', 'detect', 'io', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  verify: [
    'detector',
    'classifier',
    'wasm',
    'train',
    'bound',
    'plan',
    'models',
    'detect',
    'stats',
    'io',
    'graph',
    'ops',
    'meant',
    'tensor',
    'errors',
  ],
  measure: ['verify', 'wasm', 'plan', 'models', 'stats', 'io', 'graph', 'ops', 'meant', 'tensor', 'errors'],
  tables: ['pretrained', 'models', 'io', 'graph', 'tensor', 'errors'],
  report: [
    'quant',
    'tables',
    'detector',
    'detect',
    'verify',
    'measure',
    'plan',
    'classifier',
    'train',
    'pretrained',
    'data',
    'io',
    'stats',
    'errors',
  ],
  index: [
    'detector',
    'detect',
    'verify',
    'classifier',
    'pretrained',
    'checkpoints',
    'bound',
    'wasm',
    'plan',
    'quant',
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

/** What needs an operating system stands on all of them, and the commands on that. */
const above = { node: Object.keys(below), cli: ['node', ...Object.keys(below)] };

/** The other folders at the top, each with the folders at the top that it may import besides itself. */
const beside: Readonly<Record<string, readonly string[]>> = {
  kernels: [],
  src: [],
  reference: ['src'],
  experiments: ['src'],
  bench: ['reference', 'src'],
  examples: [], // they name the package, as its users do
  page: ['assets'], // for code it names the package and `#senet`, which its bundler finds among what is built
  serve: [], // it names the package, as its users do
  fuzz: ['src', 'test'], // makers of files, which tests and fuzzing share
  tooling: ['reference', 'src', 'test'], // test's makers of files
  test: ['kernels', 'src', 'reference', 'experiments', 'bench', 'fuzz', 'page', 'serve', 'tooling'],
};

/** What no code of ours lies in. */
const aside: readonly string[] = ['node_modules', 'dist', '.git', '.ci', 'runs'];

/** The files of src/ that may use Node: everything else also runs in browsers and workers. */
const usesNode = (file: string): boolean => /^(cli|node)\//.test(file) || file === 'wasm/threads.ts';

interface Import {
  readonly from: string; // a file below src/, as `ops/add.ts`
  readonly specifier: string; // as written
}

/** The files of code in a folder and the folders in it. */
const codeIn = (folder: URL): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.(tsx?|js)$/.test(file) && !file.includes('node_modules/') && !file.startsWith('dist/'));

const src = new URL('../src/', import.meta.url);
const files = codeIn(src);
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
  const allowed = new Map<string, readonly string[]>(Object.entries({ ...below, ...above }));
  expect([...new Set(files.map(layerOf))].filter((layer) => !allowed.has(layer))).toEqual([]);
  const upward = relative.filter((line) => {
    const [from, to] = [layerOf(line.from), layerOf(target(line))];
    return from !== to && !allowed.get(from)?.includes(to);
  });
  expect(show(upward)).toEqual([]);
});

test('a layer stands only on layers above it in the table, and a folder on folders', () => {
  const order = Object.keys(below);
  const upside = Object.entries(below).flatMap(([layer, on]) => on.filter((other) => order.indexOf(other) >= order.indexOf(layer)));
  expect(upside).toEqual([]);
});

test('the folders at the top import one another as the table says: src/ none of them', () => {
  const root = new URL('../', import.meta.url);
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !aside.includes(entry.name));
  const withCode = folders.map(({ name }) => ({ name, code: codeIn(new URL(`${name}/`, root)) })).filter(({ code }) => code.length > 0);
  expect(withCode.map(({ name }) => name).filter((name) => !(name in beside))).toEqual([]);
  const wrong = withCode.flatMap(({ name, code }) =>
    code.flatMap((file) =>
      importsOf(readFileSync(new URL(`${name}/${file}`, root), 'utf8')).flatMap((specifier) => {
        const [to] = posix
          .normalize(posix.join(name, posix.dirname(file), specifier))
          .replace(/^dist\//, '')
          .split('/') as [string];
        return !specifier.startsWith('.') || to === name || to === 'package.json' || beside[name]?.includes(to)
          ? []
          : [`${name}/${file} imports ${specifier}`];
      }),
    ),
  );
  expect(wrong).toEqual([]);
});

describe('Node', () => {
  test('is imported by src/node, by the commands and by threads only', () => {
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

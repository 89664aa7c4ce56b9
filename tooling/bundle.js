// The package for Node, Deno and Bun: each entry and what it imports in a few files in dist/node. A file a module, as the compiler writes them, takes a process 100 ms more
// to load. Bundlers and browsers get the modules, of which they leave out what a program does not use. Binaries are not copied: both forms load the same ones.
import { readdirSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';

const folder = 'dist/node';
rmSync(folder, { recursive: true, force: true });

const binaries = {
  name: 'binaries',
  setup({ onResolve }) {
    onResolve({ filter: /\/binary\// }, ({ path, resolveDir }) => ({
      path: `./${relative(resolve(folder), resolve(resolveDir, path))}`.replace(/^\.\/\.\./, '..'),
      external: true,
    }));
  },
};

await build({
  entryPoints: {
    index: 'dist/src/index.js',
    image: 'dist/src/io/image.js',
    node: 'dist/src/node/index.js',
    train: 'dist/src/train/index.js',
    engines: 'dist/reference/engines/index.js',
    cli: 'dist/src/cli/main.js',
    // found beside whatever file starts them
    worker: 'dist/src/wasm/worker.js',
    classifierWorker: 'dist/src/classifier/classifierWorker.js',
    prefetchWorker: 'dist/src/node/images/prefetchWorker.js',
  },
  outdir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  plugins: [binaries],
  logLevel: 'warning',
});
process.stderr.write(`${readdirSync(folder).length} files in ${folder}\n`);

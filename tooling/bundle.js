// The package in few files, each entry with what it imports. dist/node is for Node, Deno and Bun: a file a module, as the compiler writes them, takes a process 100 ms more
// to load. dist/web is for pages without a bundler: nothing in it is imported by a package's name. Bundlers get the modules, of which they leave out what a program does not
// use. Binaries are not copied: all forms load the same ones.
import { readdirSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';

/** By the path that leads there from `folder`. */
const binariesFrom = (folder) => ({
  name: 'binaries',
  setup({ onResolve }) {
    onResolve({ filter: /\/binary\// }, ({ path, resolveDir }) => ({
      path: `./${relative(resolve(folder), resolve(resolveDir, path))}`.replace(/^\.\/\.\./, '..'),
      external: true,
    }));
  },
});

const library = {
  index: 'dist/src/index.js',
  image: 'dist/src/io/image.js',
  train: 'dist/src/train/index.js',
  onnx: 'dist/src/onnx/index.js',
  // found beside whatever file starts them
  worker: 'dist/src/wasm/worker.js',
  classifierWorker: 'dist/src/classifier/worker/classifierWorker.js',
};

const forms = {
  'dist/node': {
    entryPoints: {
      ...library,
      node: 'dist/src/node/index.js',
      engines: 'dist/reference/engines/index.js',
      cli: 'dist/src/cli/main.js',
      prefetchWorker: 'dist/src/node/images/prefetchWorker.js',
    },
    platform: 'node',
    target: 'node20',
    packages: 'external',
  },
  // Node's own modules are asked for in Node alone
  'dist/web': { entryPoints: library, platform: 'browser', target: 'es2022', external: ['node:*'], minify: true },
};

for (const [folder, form] of Object.entries(forms)) {
  rmSync(folder, { recursive: true, force: true });
  await build({
    ...form,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    plugins: [binariesFrom(folder)],
    logLevel: 'warning',
  });
  process.stderr.write(`${readdirSync(folder).length} files in ${folder}\n`);
}

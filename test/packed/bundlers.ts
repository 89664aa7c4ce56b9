import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

/** Bundles a page, index.html and the script that it names, from one folder into another. What is not said here is the bundler's default. */
export type Bundle = (from: string, to: string) => Promise<void>;

export const bundlers = {
  Vite: async (from, to) => {
    await vite({ configFile: false, logLevel: 'error', root: from, base: './', build: { outDir: to } });
  },

  webpack: async (from, to) => {
    const filename = await scriptOf(from);
    await new Promise<void>((resolve, reject) => {
      webpack({ mode: 'production', context: from, entry: `./${filename}`, output: { path: to, filename } }, (error, stats) => {
        if (error) reject(error);
        else if (stats?.hasErrors()) reject(new Error(stats.toString('errors-only')));
        else resolve();
      });
    });
    await copyFile(join(from, 'index.html'), join(to, 'index.html'));
  },

  esbuild: async (from, to) => {
    const entryPoints = (await entriesOf(from)).map(({ file, name }) => ({ in: file, out: name }));
    await esbuild({ absWorkingDir: from, entryPoints, outdir: to, bundle: true, splitting: true, format: 'esm', minify: true });
    await copyFile(join(from, 'index.html'), join(to, 'index.html'));
  },

  Rollup: async (from, to) => {
    const input = Object.fromEntries((await entriesOf(from)).map(({ file, name }) => [name, file]));
    const bundle = await rollup({
      input,
      external: /^node:/,
      plugins: [nodeResolve({ browser: true })],
      preserveEntrySignatures: 'strict',
    });
    await bundle.write({ dir: to, format: 'es', entryFileNames: '[name].js' });
    await bundle.close();
    await copyFile(join(from, 'index.html'), join(to, 'index.html'));
  },
} satisfies Readonly<Record<string, Bundle>>;

/** For those that do not look for workers: each is an entry. A worker of the page's own may be called as one of the library's. */
async function entriesOf(from: string): Promise<readonly { readonly file: string; readonly name: string }[]> {
  const library = join(from, '../node_modules/senet/dist/src');
  const workers = ['wasm/worker', 'classifier/worker/classifierWorker'].map((path) => ({
    file: join(library, `${path}.js`),
    name: parse(path).base,
  }));
  const own = (await readdir(from))
    .filter((name) => name.endsWith('.js'))
    .map((name) => ({ file: join(from, name), name: parse(name).name }));
  return [...workers, ...own];
}

async function scriptOf(folder: string): Promise<string> {
  const [, script] = /src="\.\/([^"]+)"/.exec(await readFile(join(folder, 'index.html'), 'utf8')) ?? [];
  if (script === undefined) throw new Error(`${folder}/index.html names no script`);
  return script;
}

/** Takes away what only a page without a bundler needs. */
export async function dropImportMap(folder: string): Promise<void> {
  const file = join(folder, 'index.html');
  const html = await readFile(file, 'utf8');
  await writeFile(file, html.replace(/<script type="importmap">[\s\S]*?<\/script>\n/, ''));
}

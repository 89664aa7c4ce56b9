import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';

/** What `npm run build` compiles. */
const compiled = /^(src|reference|experiments|fuzz)[\\/].*\.js$/;
const served = /^serve[\\/]src[\\/](?=.*\.js$)/;

/**
 * Tests name the sources and run what is built of them, as it ships: a test runner's own wrapping of imports makes the reference's loops three times as
 * slow. `npm test` builds first; whoever runs vitest alone keeps `npx tsc -b --watch` beside it.
 */
const built = {
  name: 'built',
  enforce: 'pre' as const,
  resolveId(source: string, importer: string | undefined): string | undefined {
    if (importer === undefined || !source.startsWith('.')) return undefined;
    const path = relative(import.meta.dirname, resolve(dirname(importer), source));
    if (served.test(path)) return join(import.meta.dirname, path.replace(served, 'serve/dist/'));
    return compiled.test(path) ? join(import.meta.dirname, 'dist', path) : undefined;
  },
};

export const every = ['test/**/*.test.ts'];

/** What they share with the long form. */
export const common = defineConfig({
  plugins: [built],
  test: {
    // they need Chromium; Redis; Node 26, Deno and Bun: npm run test:browser, test:serve, test:runtimes
    // test/networks: networks of others, which npm run test:long fetches
    exclude: ['test/browser/**', 'test/networks/**', 'test/packed/**', 'test/queue/**', 'test/runtimes/**', 'test/serve/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000, // machines are shared
    maxWorkers: Math.min(4, availableParallelism()), // a file takes up to 2 GiB
    setupFiles: ['test/support/pin.ts'],
    server: { deps: { external: [/\/dist\//] } },
  },
});

/** They look at what their process holds or has done before, or change what is global in it. */
const alone = [
  ...['ahead', 'drawn', 'memory', 'worker/link', 'worker/workerClassifier'].map((name) => `test/classifier/${name}.test.ts`),
  ...['session', 'threads'].map((name) => `test/wasm/${name}.test.ts`),
  ...['preprocess', 'budget', 'pieces', 'signal'].map((name) => `test/io/${name}.test.ts`),
  'test/node/runs/folder.test.ts',
];

/** The reference's loops, which an engine optimises for what it has seen run: in a process of many networks they take three times as long. */
const loops = [
  ...['train/references', 'onnx/roundTrip', 'models/features', 'models/logits', 'models/detectorKernels', 'verify/detector'],
  ...['reference/networks', 'verify/tta', 'kernels/gradients'],
].map((name) => `test/${name}.test.ts`);

/** All others share a process with those before them: a process for each file takes a fifth of the time. */
export default mergeConfig(
  common,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'shared', isolate: false, include: every, exclude: [...alone, ...loops] } },
        { extends: true, test: { name: 'alone', include: [...alone, ...loops] } },
      ],
    },
  }),
);

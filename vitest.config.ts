import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

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

export default defineConfig({
  plugins: [built],
  test: {
    include: ['test/**/*.test.ts'],
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

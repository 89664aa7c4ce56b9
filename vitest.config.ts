import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/runtimes/**'], // they need Chromium, Deno and Bun: npm run test:browser, npm run test:runtimes
    testTimeout: 60_000,
    setupFiles: ['test/support/pin.ts'],
    server: { deps: { external: [/\/dist\//] } }, // the built package runs as it ships
  },
});

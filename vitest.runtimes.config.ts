import { defineConfig } from 'vitest/config';

/** The library in Node 26, Deno and Bun, which are installed from npm where they are missing. */
export default defineConfig({
  test: {
    include: ['test/runtimes/**/*.test.ts', 'test/packed/runtimes.test.ts'],
    testTimeout: 120_000,
    globalSetup: ['test/runtimes/install.ts'],
  },
});

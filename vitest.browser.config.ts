import { defineConfig } from 'vitest/config';

/** What needs Chromium (apt-get install chromium): the library in a page and in workers, as built and as packed, and TensorFlow.js on its GPU back ends. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts', 'test/packed/browser.test.ts'],
    testTimeout: 120_000,
    setupFiles: ['test/support/pin.ts'],
  },
});

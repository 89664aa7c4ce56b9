import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'], // they need Chromium: npm run test:browser
    testTimeout: 60_000,
    setupFiles: ['test/support/pin.ts'],
    server: { deps: { external: [/\/dist\//] } }, // the built package runs as it ships
  },
});

import { defineConfig } from 'vitest/config';
import config from './vitest.config.js';

/** `npm run test:long`: what `npm test` runs, with every case of every property and every network; and networks of others, which it fetches first. */
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    exclude: config.test?.exclude?.filter((path) => path !== 'test/networks/**') ?? [],
    env: { SENET_TEST_LENGTH: 'long' },
  },
});

import { defineConfig } from 'vitest/config';
import { common, every } from './vitest.config.js';

/** `npm run test:long`: what `npm test` runs, with every case of every property and every network; and networks of others, which it fetches first. Each file has a process of its own. */
export default defineConfig({
  ...common,
  test: {
    ...common.test,
    include: every,
    exclude: common.test?.exclude?.filter((path) => path !== 'test/networks/**') ?? [],
    env: { SENET_TEST_LENGTH: 'long' },
  },
});

import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.js';

/** `npm run test:long`: what `npm test` runs, with every case of every property and every network. */
export default mergeConfig(
  config,
  defineConfig({
    test: { env: { SENET_TEST_LENGTH: 'long' } },
  }),
);

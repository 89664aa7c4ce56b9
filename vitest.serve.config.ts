import { defineConfig, mergeConfig } from 'vitest/config';
import { common } from './vitest.config.js';

/** The server and evaluations on a queue: processes that come and go. The queue needs Debian's redis-server. */
const serve = mergeConfig(common, defineConfig({ test: { testTimeout: 120_000, hookTimeout: 120_000 } }));
serve.test.include = ['test/serve/**/*.test.ts', 'test/queue/**/*.test.ts'];
serve.test.exclude = [];

export default serve;

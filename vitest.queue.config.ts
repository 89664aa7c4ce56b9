import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

/** Evaluations on a queue, which need Debian's redis-server. */
const queue = mergeConfig(base, defineConfig({ test: { testTimeout: 120_000 } }));
queue.test.include = ['test/queue/**/*.test.ts'];
queue.test.exclude = [];

export default queue;

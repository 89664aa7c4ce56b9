import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { offline } from './offline.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** What threads need: without these headers a page has no shared memory, and the network runs on one. */
const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  root: path('.'),
  base: './', // the files work from any folder of any host
  resolve: {
    alias: [
      { find: /^senet$/, replacement: path('../dist/src/index.js') },
      { find: /^senet\/engines$/, replacement: path('../dist/reference/engines/index.js') },
      { find: /^#senet\//, replacement: path('../dist/src/') },
    ],
  },
  worker: { format: 'es' },
  server: { headers: isolated, fs: { allow: [path('..')] } },
  preview: { headers: isolated },
  plugins: [offline()],
  build: { outDir: path('dist'), emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
});

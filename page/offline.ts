import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** What a first visit does not fetch: it is kept when it is first asked for. */
const later = /\.(wasm|gguf|json|map)$/;

/**
 * Writes sw.js beside the page: a service worker that keeps the page's own files, so that it opens without a network once it was visited. Its name for the
 * store is a hash of the files' names, which are hashes of their contents: a new build replaces the old one whole.
 */
export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((file) => !file.startsWith('sw'));
      const version = createHash('sha256').update(files.sort().join('\n')).digest('hex').slice(0, 12);
      const first = ['./', ...files.filter((file) => !later.test(file)).map((file) => `./${file}`)];
      const source = readFileSync(new URL('serviceWorker.js', import.meta.url), 'utf8')
        .replace('__VERSION__', version)
        .replace('__FILES__', JSON.stringify(first));
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}

import { DownloadError } from '../../dist/src/pretrained/download/error.js';
import { fetchBlob, keptBlob } from '../../dist/src/pretrained/download/fetchBlob.js';

/** Fetches a file as `createClassifier` does in a page: its size and notes, or its error; how far it was told to be; and what is kept then. */
export async function fetched(url, { storage = 'usual', ...options } = {}) {
  const restore = storages[storage]();
  const found = await fetchedFrom(url, options).finally(restore);
  return { ...found, kept: await keptSize(url) };
}

async function fetchedFrom(url, { abortAfter, ...options }) {
  const progress = [];
  const controller = new AbortController();
  const onProgress = (far) => {
    progress.push(far);
    if (far.received > abortAfter) controller.abort(new Error('enough'));
  };
  try {
    const { blob, notes } = await fetchBlob(url, { ...options, onProgress, signal: controller.signal });
    return { size: blob.size, sha256: await sha256Of(blob), notes, progress };
  } catch (error) {
    const { name, message, fault } = error;
    return { error: { name, message, fault, url: error.url, typed: error instanceof DownloadError }, progress };
  }
}

/** What a page may be given in place of a cache. */
const storages = {
  usual: () => () => {},
  none: () => {
    const { caches } = window;
    Object.defineProperty(window, 'caches', { value: undefined, configurable: true });
    return () => Object.defineProperty(window, 'caches', { value: caches, configurable: true });
  },
  refused: () =>
    replace(CacheStorage, 'open', async () => {
      throw new DOMException('the user said no', 'SecurityError');
    }),
  full: () => {
    const { put } = Cache.prototype;
    return replace(Cache, 'put', function (key, response) {
      return String(key).includes('piece')
        ? Promise.reject(new DOMException('no room', 'QuotaExceededError'))
        : put.call(this, key, response);
    });
  },
};

function replace({ prototype }, name, by) {
  const { [name]: original } = prototype;
  prototype[name] = by;
  return () => {
    prototype[name] = original;
  };
}

/** The bytes that are kept of a file, whole or in part. */
async function keptSize(url) {
  const cache = await caches.open('senet-weights');
  const keys = (await cache.keys()).filter((key) => key.url.startsWith(url) && key.url.includes('piece'));
  const sizes = await Promise.all(keys.map(async (key) => (await (await cache.match(key)).blob()).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What a second visit finds. */
export async function kept(url, sha256) {
  const blob = await keptBlob(url, sha256);
  return blob && (await sha256Of(blob));
}

/** Changes a byte of what is kept. */
export async function damage(url) {
  const cache = await caches.open('senet-weights');
  const [key] = (await cache.keys()).filter((each) => each.url.startsWith(url) && each.url.includes('piece'));
  const bytes = new Uint8Array(await (await cache.match(key)).arrayBuffer());
  bytes[7] ^= 1;
  await cache.put(key, new Response(bytes));
}

async function sha256Of(blob) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

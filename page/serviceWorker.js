/** Keeps the page's own files: written beside the page by offline.ts, which fills in the names. */
const store = 'senet-page-__VERSION__';
const files = __FILES__;
const documents = new URL('./docs/', self.location.href).href;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(store).then((cache) => cache.addAll(files)));
});

self.addEventListener('activate', (event) => {
  const others = async () => (await caches.keys()).filter((name) => name.startsWith('senet-page-') && name !== store);
  event.waitUntil(others().then((names) => Promise.all(names.map((name) => caches.delete(name)))));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, href } = new URL(request.url);
  const own = origin === self.location.origin && !href.startsWith(documents); // whose names are no hashes: a kept one would grow old
  if (request.method === 'GET' && own) event.respondWith(kept(request));
});

/** From the store; else from the host, and into the store. */
async function kept(request) {
  const cache = await caches.open(store);
  const found = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
  if (found) return found;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone()).catch(() => {}); // a full disk is no reason to fail
  return response;
}

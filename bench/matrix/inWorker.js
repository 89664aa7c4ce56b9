import { answer } from './program.js';

/** In a module worker and in a service worker, bundled: neither has an import map, and a service worker imports nothing later. */
addEventListener('message', (event) => {
  const { data, source } = event;
  const reply = (message) => (source ?? globalThis).postMessage(message);
  const done = answer(data).then(
    (value) => reply({ value }),
    (error) => reply({ error: String(error) }),
  );
  event.waitUntil?.(done); // else a service worker may be ended meanwhile
});

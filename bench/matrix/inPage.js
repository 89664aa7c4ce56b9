import { answer } from './program.js';

/** In a page, and from it in its workers. */

export const page = answer;

const bundled = '/dist/matrix/inWorker.js';

export async function worker(task) {
  const worker = new Worker(bundled, { type: 'module' });
  const reply = messageFrom(worker, worker);
  worker.postMessage(task);
  return (await reply.finally(() => worker.terminate())).value;
}

export async function serviceWorker(task) {
  const registration = await navigator.serviceWorker.register(bundled, { type: 'module' });
  const service = registration.installing ?? registration.waiting ?? registration.active;
  const reply = messageFrom(navigator.serviceWorker, service);
  navigator.serviceWorker.startMessages();
  service.postMessage(task);
  return (await reply.finally(() => registration.unregister())).value;
}

/** The first message that `port` gets. @throws Error with what it says went wrong, or where the worker cannot be loaded */
const messageFrom = (port, failing) =>
  new Promise((resolve, reject) => {
    port.addEventListener('message', ({ data }) => (data.error === undefined ? resolve(data) : reject(new Error(data.error))));
    failing.addEventListener('error', ({ message }) => reject(new Error(message || `${bundled} could not be loaded`)));
  });

import { build } from '../../dist/src/graph/build.js';
import { compile, createModel, PlanError, syntheticTensor, syntheticWeights, UnsupportedError } from '../../dist/src/index.js';
import { decodeImage } from '../../dist/src/io/image.js';
import { add, bn, conv, globalAvgPool, linear, maxPool2d, relu } from '../../dist/src/models/layers.js';
import { squeezeExcite } from '../../dist/src/models/squeezeExcite.js';

export { firstCalls } from '../runtimes/products.js';
export * from './classifierInPage.js';
export { drawn, drawnOnElement, drawnVideo, redrawn, refused } from './pictures.js';

/** What the tests do in a page, in a worker and in Node alike, on the built package. Arguments and results are plain data. */

/** A stem and a block with a gate, small enough that the error bound of the whole says something. */
const small = build([2, 3, 16, 16], (image) => {
  const stem = relu(bn(conv(image, 'conv1', { out: 8, kernel: 3, stride: 2 }), 'bn1'));
  const x = maxPool2d(stem, { kernel: 3, stride: 2, padding: 1, rounding: 'floor' });
  const u = bn(conv(x, 'conv2', { out: 8, kernel: 3 }), 'bn2');
  return linear(globalAvgPool(relu(add(squeezeExcite(u, 'se', { squeezed: 4, gate: 'gate' }), x))), 'fc', 10);
});

/** `small` or `resnet18`, which takes some tens of milliseconds a run. */
export function network(name) {
  const graph = name === 'small' ? small : createModel('resnet18');
  return { graph, weights: syntheticWeights(graph, { seed: 1, gain: 1 }), image: syntheticTensor('input', graph.nodes[0].shape, 1) };
}

/** Width, height and pixels of a picture, given in base64. */
export async function decode(picture) {
  const { width, height, data } = await decodeImage(Uint8Array.from(atob(picture), (char) => char.charCodeAt(0)));
  return [width, height, ...data];
}

async function open(name, options) {
  const { graph, weights, image } = network(name);
  return { session: await compile(graph, weights, options), image };
}

const numbers = (outputs) => [...outputs.get('logits').data];

/** The logits by `run`. */
export async function run(name, options) {
  const { session, image } = await open(name, options);
  const logits = numbers(session.run(image));
  session.dispose();
  return logits;
}

/** The logits by `runAsync`, the session's threads with its note, and how many turns the event loop had meanwhile. */
export async function runAsync(name, options) {
  const { session, image } = await open(name, options);
  const { port1, port2 } = new MessageChannel();
  let turns = 0;
  port1.onmessage = () => {
    turns++;
    port2.postMessage(undefined);
  };
  port2.postMessage(undefined);
  const logits = numbers(await session.runAsync(image));
  port1.close();
  const { threads, threadsNote } = session;
  session.dispose();
  return { logits, turns, threads, threadsNote };
}

/** What `run` throws, and the logits by the `runAsync` of the same session thereafter. */
export async function runInVain(name, options) {
  const { session, image } = await open(name, options);
  const thrown = caught(() => session.run(image));
  const logits = numbers(await session.runAsync(image));
  session.dispose();
  return { thrown, logits };
}

const caught = (action) => {
  try {
    action();
  } catch (error) {
    return told(error);
  }
};

/** By class: a bundler may rename it. */
function told(error) {
  const kind = error instanceof UnsupportedError ? 'UnsupportedError' : error instanceof PlanError ? 'PlanError' : error.name;
  return { kind, message: error.message };
}

let left;

/** Leaves a session with its workers. */
export async function leave(name, options) {
  left = await open(name, options);
}

/** Disposes of the session that was left, just after a run has begun. @returns what the run was rejected with */
export async function disposeOfLeft() {
  const { session, image } = left;
  const run = session.runAsync(image);
  await Promise.resolve();
  session.dispose();
  return run.then(() => undefined, told);
}

/** One of these functions in a worker. */
export function inWorker(url, name, ...args) {
  const worker = new Worker(url, { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data: { result, error } }) => (error === undefined ? resolve(result) : reject(new Error(error))));
    worker.addEventListener('error', ({ message }) => reject(new Error(message || `${url} could not be loaded`)));
    worker.postMessage({ name, args });
  }).finally(() => worker.terminate());
}

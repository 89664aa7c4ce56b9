import { createClassifier, DownloadError, InputError, PlanError, UnsupportedError } from '../../dist/src/index.js';

/** What the tests of classifiers do in a page. Arguments and results are plain data; bytes are given in base64. */

const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

const kinds = { DownloadError, InputError, PlanError, UnsupportedError };

/** By class: a bundler may rename it. */
function toldError(error) {
  const kind = Object.keys(kinds).find((name) => error instanceof kinds[name]) ?? error.name;
  return { kind, message: error.message, ...(error.fault !== undefined && { fault: error.fault, url: error.url }) };
}

/** What a promise becomes. */
const outcomeOf = (promise) =>
  promise.then(
    (value) => ({ value }),
    (error) => ({ error: toldError(error) }),
  );

const plainOf = ({ top, logits, gates }) => ({ top, logits: [...logits], gates: [...gates].map(([name, of]) => [name, ...of]) });

/** The answer of a classifier, and what it tells of its network and session. */
export async function classified(base64, options) {
  const classifier = await createClassifier(options);
  try {
    const answer = plainOf(await classifier.classify(bytesOf(base64)));
    const { network, session } = classifier;
    const { weights: _, ...facts } = network;
    const { kernels, threads, threadsNote, weightBytes } = session;
    return { answer, network: JSON.parse(JSON.stringify(facts)), session: { kernels, threads, threadsNote, weightBytes } };
  } finally {
    classifier.dispose();
  }
}

/** What becomes of a classifier in this page and in a worker if the page can have no memory for a network. */
export async function classifiedWithoutMemory(base64) {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = undefined;
  try {
    const plain = await outcomeOf(createClassifier());
    const inWorker = await createClassifier({ worker: true });
    const { top } = await inWorker.classify(bytesOf(base64));
    inWorker.dispose();
    return { plain: 'error' in plain, label: top[0].label };
  } finally {
    WebAssembly.Memory = Memory;
  }
}

/** The logits for every kind of picture that a page has, and whether each is as it was afterwards. */
export async function kindsOfPictures(base64, options) {
  const bytes = bytesOf(base64);
  const blob = new Blob([bytes]);
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none' });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  canvas.drawImage(bitmap, 0, 0);
  const imageData = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  const pictures = { bytes, buffer: bytes.slice().buffer, blob, file: new File([blob], 'cat.png'), imageData };
  const classifier = await createClassifier(options);
  const logits = {};
  for (const [kind, picture] of Object.entries(pictures)) logits[kind] = [...(await classifier.classify(picture)).logits];
  await outcomeOf(classifier.classify(bitmap));
  classifier.dispose();
  const { buffer } = pictures;
  return { logits, left: [bytes.length, buffer.byteLength, imageData.data.length, bitmap.width * bitmap.height] };
}

/** What becomes of creating a classifier. */
export async function created(options) {
  const { error, value } = await outcomeOf(createClassifier(options));
  value?.dispose();
  return error;
}

/** Three at once, of which the first two are aborted; the error of a file that is no picture; and that of a shut one. */
export async function refusals(base64) {
  const bytes = bytesOf(base64);
  const classifier = await createClassifier({ worker: true });
  const controller = new AbortController();
  const { signal } = controller;
  let reads = 0;
  const queued = {
    get width() {
      reads++;
      return 1;
    },
    height: 1,
    data: new Uint8Array(3),
  };
  const all = [classifier.classify(bytes, { signal }), classifier.classify(queued, { signal }), classifier.classify(bytes)].map(outcomeOf);
  controller.abort(new PlanError('the visitor left'));
  const [running, waiting, other] = await Promise.all(all);
  const broken = await outcomeOf(classifier.classify(bytes.subarray(0, 1000), { file: 'broken.png' }));
  const unsendable = await outcomeOf(classifier.classify(() => bytes));
  const pending = outcomeOf(classifier.classify(bytes));
  classifier.dispose();
  const ended = [await pending, await outcomeOf(classifier.classify(bytes))];
  return {
    running: running.error,
    waiting: waiting.error,
    reads,
    other: other.value.top[0].label,
    broken: broken.error,
    unsendable: unsendable.error,
    ended,
  };
}

/** Published weights by their name: what is answered, or the error, and how far the download was told to be. */
export async function byName(base64, { abortAfter, ...options }) {
  const progress = [];
  const controller = new AbortController();
  const onProgress = (far) => {
    progress.push(far);
    if (far.received > abortAfter) controller.abort(new InputError('enough'));
  };
  const classifier = await outcomeOf(createClassifier({ ...options, onProgress, signal: controller.signal }));
  if (classifier.error) return { error: classifier.error, progress };
  const { network, session } = classifier.value;
  const answer = plainOf(await classifier.value.classify(bytesOf(base64)));
  classifier.value.dispose();
  return { answer, notes: network.notes, name: network.name, weightBytes: session.weightBytes, progress };
}

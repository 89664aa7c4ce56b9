import type { Source } from '../../io/source.js';
import type { OpenExternal } from '../../onnx/index.js';
import { connect, type Reply } from '../../wasm/threads.js';
import { learnTunings, tunings } from '../../wasm/tune.js';
import type { Weights } from '../../wasm/weights.js';
import type { Classifier } from '../classifier.js';
import { type ClassifierOptions, openClassifier } from '../open.js';
import type { Picture } from '../picture.js';
import { heard, type Told, tell } from './errors.js';
import type { Notice, Order, Sent, Task, Tasks } from './messages.js';
import { received } from './parcels.js';

/** How a task is done here. */
type Doer<T extends Task> = (asked: Tasks[T]['asked'], signal: AbortSignal) => Promise<Tasks[T]['answered']>;

const isBlob = (file: unknown): boolean => typeof Blob !== 'undefined' && file instanceof Blob;

/** The worker's end of a link. */
function seat(reply: (notice: Notice, transfer?: Transferable[]) => void): (order: Order) => void {
  let classifier: Classifier<Weights> | undefined;
  let controller = new AbortController();
  let last: Promise<void> = Promise.resolve();

  const { source, open, answer, numberOf } = reader(reply);

  const doers: { readonly [T in Task]: Doer<T> } = {
    async open({ options, weights, packed, external, tunings: known }, signal) {
      learnTunings(known);
      const onProgress: ClassifierOptions['onProgress'] = (progress) => reply({ notice: 'progress', ...progress });
      const files = { weights: source(weights), packed: source(packed) } as Pick<ClassifierOptions, 'weights' | 'packed'>;
      const given = { ...options, ...files, ...(external && { external: open }), signal, onProgress };
      // a Blob can be read again, so its tensors are dropped once they are packed
      classifier = await (isBlob(files.weights) ? openClassifier(given, false) : openClassifier(given));
      const { weights: _, own: __, ...network } = classifier.network;
      const { kernels, threads, threadsNote, pairedVectors, weightBytes } = classifier.session;
      return {
        network,
        session: { kernels, threads, threadsNote, pairedVectors, weightBytes },
        protocol: classifier.protocol,
        tunings: await tunings(),
      };
    },
    classify: async ({ picture, file }, signal) => opened().classify(await whole(picture), { signal, ...(file !== undefined && { file }) }),
    prepare: async ({ picture, file }, signal) => opened().prepare(await whole(picture), { signal, ...(file !== undefined && { file }) }),
    run: ({ image, gates }) => opened().run(image, { ...(gates !== undefined && { gates }) }),
    save: async () => (await opened().session.save()).buffer, // of its size
  };
  const whole = async (picture: Sent): Promise<Picture> => {
    const given = source(picture);
    return ('served' in picture ? await (given as Source).read(0, picture.size) : given) as Picture;
  };
  const opened = (): Classifier<Weights> => classifier as Classifier<Weights>; // the caller has none before it is open

  async function perform<T extends Task>(task: T, asked: Tasks[T]['asked'], { signal }: AbortController): Promise<void> {
    try {
      const answer = await doers[task](asked, signal);
      reply({ notice: 'done', answer }, answer instanceof ArrayBuffer ? [answer] : []);
    } catch (error) {
      reply({ notice: 'failed', told: tell(error, numberOf) });
    }
  }

  async function close(): Promise<void> {
    controller.abort();
    classifier?.dispose();
    await last; // a download keeps what has come
    classifier?.dispose();
    reply({ notice: 'closed' });
  }

  return (order) => {
    if (order.order === 'abort') controller.abort();
    else if (order.order === 'bytes' || order.order === 'opened' || order.order === 'unread') answer(order);
    else if (order.order === 'close') void close();
    else {
      controller = new AbortController();
      last = perform(order.order, order as never, controller);
    }
  };
}

/** Reads what stays with the caller. */
function reader(reply: (notice: Notice) => void) {
  const waiting = new Map<number, { resolve(answer: never): void; reject(error: unknown): void }>();
  /** The caller's own errors, which go back as what they were. */
  const numbers = new WeakMap<object, number>();
  let requests = 0;

  /** @param notice asks it, under a number */
  const ask = <T>(notice: (request: number) => Notice): Promise<T> =>
    new Promise((resolve, reject) => {
      const request = requests++;
      waiting.set(request, { resolve, reject });
      reply(notice(request));
    });
  const read = (served: number, begin: number, length: number): Promise<Uint8Array> =>
    ask((request) => ({ notice: 'read', request, served, begin, length }));

  function refusal(told: Told, number: number): unknown {
    const error = heard(told);
    if (typeof error === 'object' && error !== null) numbers.set(error, number);
    return error;
  }

  /** What was sent, or what reads it. */
  const source = (sent: Sent): unknown =>
    received(sent, ({ served, size, name }) => ({
      size,
      name,
      read: (begin: number, length: number) => read(served, begin, length),
    }));

  return {
    source,
    /** A file beside the weights, by its path. */
    open: async (path: string) =>
      source(await ask<Sent>((request) => ({ notice: 'open', request, path }))) as Awaited<ReturnType<OpenExternal>>,
    answer(order: Extract<Order, { readonly order: 'bytes' | 'opened' | 'unread' }>): void {
      const { resolve, reject } = waiting.get(order.request) ?? {};
      waiting.delete(order.request);
      if (order.order === 'bytes') resolve?.(new Uint8Array(order.bytes) as never);
      else if (order.order === 'opened') resolve?.(order.file as never);
      else reject?.(refusal(order.told, order.number));
    },
    numberOf: (thrown: unknown): number | undefined => (typeof thrown === 'object' && thrown !== null ? numbers.get(thrown) : undefined),
  };
}

let take: ((order: Order) => void) | undefined;
connect((order, reply: Reply) => {
  take ??= seat(reply);
  take(order as Order);
});

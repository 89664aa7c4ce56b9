import { InputError } from '../errors.js';
import type { SignalLike } from '../io/signal.js';
import { kindOf, type Tensor } from '../tensor.js';
import type { Disposed } from '../wasm/session.js';
import type { Program } from '../wasm/threads.js';
import { learnTunings, tunings } from '../wasm/tune.js';
import type { Classification, ClassifyOptions, ImageOptions } from './classifier.js';
import { isDrawn } from './drawn.js';
import { Link } from './link.js';
import type { NetworkFacts, SessionFacts, Tasks } from './messages.js';
import type { ClassifierOptions } from './open.js';
import { type Picture, taken } from './picture.js';
import { cloneOf, type Parcel, type Serve, sendFile, sendPicture } from './sent.js';

/** A classifier that compiles and runs in a worker. Of the network and its session there is what can be told to another thread: no weights, no plan, no memory. */
export interface WorkerClassifier extends Disposed {
  readonly network: NetworkFacts;
  readonly session: SessionFacts & {
    /** As `Session.save`; it waits for its turn. */
    save(): Promise<Uint8Array<ArrayBuffer>>;
  };
  /**
   * As `Classifier.classify`. Bytes and pixels are copied when their turn comes, and stay usable; leave them alone until then. Blobs and bitmaps are cloned,
   * which copies nothing that is large. What cannot be sent to a worker is made pixels on the calling thread.
   *
   * @throws as `Classifier.classify`, and PlanError if the worker crashes: then the classifier is of no more use
   */
  classify(picture: Picture, options?: ClassifyOptions): Promise<Classification>;
  /** As `Classifier.prepare`, of a picture that is sent as `classify` sends it. */
  prepare(picture: Picture, options?: ClassifyOptions): Promise<Tensor>;
  /** As `Classifier.run`. The image and the gates are cloned. */
  run(image: Tensor, options?: ImageOptions): Promise<Classification>;
  /** As `Classifier.classifyAll`. */
  classifyAll(
    pictures: Iterable<Picture> | AsyncIterable<Picture>,
    options?: Pick<ClassifyOptions, 'signal'>,
  ): AsyncGenerator<Classification, void, undefined>;
  /** Rejects what waits and ends the worker; `using` calls it. */
  dispose(): void;
}

const program: Program = {
  start: () => new Worker(new URL('./classifierWorker.js', import.meta.url), { type: 'module' }),
  // in a variable, so that bundlers find it once
  file: (name = './classifierWorker.js') => new URL(name, import.meta.url),
};

/** @throws as `createClassifier`, and UnsupportedError if the worker does not start */
export async function classifierInWorker({ weights, packed, signal, onProgress, ...given }: ClassifierOptions): Promise<WorkerClassifier> {
  signal?.throwIfAborted();
  const options = cloned(given);
  const link = await Link.start(program, onProgress && (({ received, total }) => onProgress({ received, total })));
  try {
    const open = async (serve: Serve) => {
      const [file, saved] = [sendFile(weights, serve), sendFile(packed, serve)];
      const asked: Tasks['open']['asked'] = { options, weights: file.sent, packed: saved.sent, tunings: await tunings() };
      return { asked, transfer: [...file.transfer, ...saved.transfer] };
    };
    const { network, session, tunings: found } = await link.ask('open', open, signal);
    learnTunings(found);
    return classifierOver(link, network, session, options);
  } catch (error) {
    link.dispose();
    throw error;
  }
}

function classifierOver(link: Link, network: NetworkFacts, session: SessionFacts, options: ClassifierOptions): WorkerClassifier {
  /** A task about a picture; what a page shows is taken now, since it may have changed when its turn comes. */
  function about<T extends 'classify' | 'prepare'>(
    task: T,
    picture: Picture,
    { signal, file }: ClassifyOptions,
  ): Promise<Tasks[T]['answered']> {
    const parcel = parcelOf(picture, options, file);
    const message = async (serve: Serve) => {
      const { sent, transfer } = await parcel(serve);
      return { asked: { picture: sent, file }, transfer };
    };
    return link.ask(task, message, signal);
  }
  const classify = (picture: Picture, given: ClassifyOptions = {}): Promise<Classification> => about('classify', picture, given);
  const dispose = (): void => link.dispose();
  return {
    network,
    session: { ...session, save: async () => new Uint8Array(await link.ask('save', async () => ({ asked: {}, transfer: [] }))) },
    classify,
    prepare: (picture, given = {}) => about('prepare', picture, given),
    run: (image, { gates } = {}) => link.ask('run', async () => ({ asked: cloned({ image, gates }), transfer: [] })),
    async *classifyAll(pictures, given: { readonly signal?: SignalLike } = {}) {
      for await (const picture of pictures) yield await classify(picture, given);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

/** @throws InputError for options that no worker can be sent: functions and the like, where none belong */
function cloned<T>(options: T): T {
  try {
    return structuredClone(options);
  } catch (cause) {
    throw new InputError(`options of a classifier in a worker are plain values: ${(cause as Error).message}`, { cause });
  }
}

/** Gives the parcel of a picture when its turn has come. What cannot be sent is made pixels here, or refused as it is elsewhere. */
function parcelOf(picture: Picture, options: ClassifierOptions, file?: string): (serve: Serve) => Promise<Parcel> {
  if (isDrawn(picture)) {
    const shown = cloneOf(picture);
    if (shown) return async () => shown;
  }
  const read = taken(picture, options, file);
  return async (serve) => {
    try {
      return sendPicture(picture, serve);
    } catch {
      const pixels = await read();
      try {
        return sendPicture(pixels, serve);
      } catch (cause) {
        throw new InputError(`${file ?? 'the picture'}: expected pixels, found ${kindOf(pixels.data)}`, { cause });
      }
    }
  };
}

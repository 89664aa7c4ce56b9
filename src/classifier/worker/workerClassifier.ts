import { InputError } from '../../errors.js';
import type { SignalLike } from '../../io/signal.js';
import { kindOf } from '../../tensor.js';
import type { Program } from '../../wasm/threads.js';
import { learnTunings, tunings } from '../../wasm/tune.js';
import type { Classification } from '../classification.js';
import { type Classifier, type ClassifyOptions, checkAsked, checkImageOptions } from '../classifier.js';
import type { ClassifierOptions } from '../open.js';
import { type Picture, taken } from '../picture.js';
import { checkPictures } from '../pictures.js';
import { Link } from './link.js';
import type { NetworkFacts, SessionFacts, Tasks } from './messages.js';
import { cloneOf, type Parcel, type Serve, sendFile, sendPicture } from './parcels.js';

/**
 * A classifier that compiles and runs in a worker: the calls of `Classifier`, one after another. Bytes and pixels are copied when their turn comes, and stay
 * usable; leave them alone until then. Blobs and bitmaps are cloned, which copies nothing large. What cannot be sent to a worker is made pixels on the
 * calling thread. If the worker crashes, each call rejects with a PlanError.
 */
export interface WorkerClassifier extends Omit<Classifier, 'network' | 'session'> {
  /** All but the weights. */
  readonly network: NetworkFacts;
  readonly session: SessionFacts & {
    /** As `Session.save`; it waits for its turn. */
    save(): Promise<Uint8Array<ArrayBuffer>>;
  };
}

const program: Program = {
  start: () => new Worker(new URL('./classifierWorker.js', import.meta.url), { type: 'module' }),
  // in a variable, so that bundlers find it once
  file: (name = './classifierWorker.js') => new URL(name, import.meta.url),
};

/** @throws as `createClassifier`, and UnsupportedError if the worker does not start */
export async function classifierInWorker({
  weights,
  external,
  packed,
  signal,
  onProgress,
  ...given
}: ClassifierOptions): Promise<WorkerClassifier> {
  signal?.throwIfAborted();
  const options = cloned(given);
  const link = await Link.start(program, {
    external,
    onProgress: onProgress && (({ received, total }) => onProgress({ received, total })),
  });
  try {
    const open = async (serve: Serve) => {
      const [file, saved] = [sendFile(await weights, serve), sendFile(packed, serve)];
      const asked: Tasks['open']['asked'] = {
        options,
        weights: file.sent,
        packed: saved.sent,
        external: external !== undefined,
        tunings: await tunings(),
      };
      return { asked, transfer: [...file.transfer, ...saved.transfer] };
    };
    const { tunings: found, ...facts } = await link.ask('open', open, signal);
    learnTunings(found);
    return classifierOver(link, facts, options);
  } catch (error) {
    link.dispose();
    throw error;
  }
}

function classifierOver(
  link: Link,
  { network, session, protocol }: Omit<Tasks['open']['answered'], 'tunings'>,
  options: ClassifierOptions,
): WorkerClassifier {
  /** A task about a picture; what a page shows is taken now, since it may have changed when its turn comes. */
  function about<T extends 'classify' | 'prepare'>(task: T, picture: Picture, given: ClassifyOptions): Promise<Tasks[T]['answered']> {
    checkAsked(task, given);
    const { signal, file } = given;
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
    protocol,
    session: { ...session, save: async () => new Uint8Array(await link.ask('save', async () => ({ asked: {}, transfer: [] }))) },
    classify,
    prepare: (picture, given = {}) => about('prepare', picture, given),
    async run(image, given = {}) {
      checkImageOptions(given);
      return link.ask('run', async () => ({ asked: cloned({ image, gates: given.gates }), transfer: [] }));
    },
    async *classifyAll(pictures, given: { readonly signal?: SignalLike } = {}) {
      checkPictures(pictures);
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

/** Gives the parcel of a picture when its turn has come. What cannot be sent is made pixels here, or refused as it is without a worker. */
function parcelOf(picture: Picture, options: ClassifierOptions, file?: string): (serve: Serve) => Promise<Parcel> {
  const clone = cloneOf(picture);
  if (clone) return async () => clone;
  const read = taken(picture, options, file);
  return async (serve) => send(picture, serve, file) ?? (send(await read(), serve, file) as Parcel);
}

/** @throws InputError for pixels whose data no thread can be sent */
function send(picture: Picture, serve: Serve, file?: string): Parcel | undefined {
  try {
    return sendPicture(picture, serve);
  } catch (cause) {
    const { data } = picture as { readonly data?: unknown };
    throw new InputError(`${file ?? 'the picture'}: expected pixels, found ${kindOf(data)}`, { cause });
  }
}

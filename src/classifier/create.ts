import { InputError } from '../errors.js';
import { abortable } from '../io/signal.js';
import { kindOf, shown } from '../tensor.js';
import type { Classifier } from './classifier.js';
import { type ClassifierOptions, openClassifier } from './open.js';
import { classifierInWorker, type WorkerClassifier } from './worker/workerClassifier.js';

export interface CreateClassifierOptions extends ClassifierOptions {
  /**
   * Compile and run in a worker: the calling thread does no more than send pictures. The bits are the same. Bytes of `weights` and `packed` are copied, Blobs go by
   * reference where workers are the web's, and a Source is read by the caller when the worker asks.
   * @defaultValue false
   */
  readonly worker?: boolean;
}

/**
 * A network that says what is on pictures: without options the one that ships, which tells CIFAR-10's ten classes apart.
 *
 * Weights of a name that is published are downloaded once: to the cache of the `senet` command where there is a file system (Node, Deno, Bun), else to the
 * browser's. What could not be kept or checked is among `network.notes`.
 *
 * @throws InputError for options that name nothing or contradict each other or the file; WeightsError for weights that are damaged or of no network that is
 *   known; DownloadError for a file that does not come; UnsupportedError for a name whose weights cannot be downloaded
 *   here, or a worker that does not start; the signal's reason, if it is aborted
 */
export function createClassifier(options: CreateClassifierOptions & { readonly worker: true }): Promise<WorkerClassifier>;
export function createClassifier(options?: CreateClassifierOptions & { readonly worker?: false }): Promise<Classifier>;
export function createClassifier(options?: CreateClassifierOptions): Promise<WorkerClassifier>;
export async function createClassifier(options: CreateClassifierOptions = {}): Promise<WorkerClassifier> {
  if (kindOf(options) !== 'Object') throw new InputError(`createClassifier takes options, { weights } among them, not ${kindOf(options)}`);
  const { worker = false, ...open } = options;
  if (open.weights !== undefined) Promise.resolve(open.weights).catch(() => {}); // whoever waits for them hears of it; an option may be refused before
  if (typeof worker !== 'boolean') throw new InputError(`worker is true or false, not ${shown(worker)}`);
  const opening = worker ? classifierInWorker(open) : openClassifier(open);
  return await (open.signal ? abortable(opening, open.signal) : opening);
}

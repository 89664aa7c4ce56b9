import { InputError } from '../errors.js';
import { nearest } from '../graph/nearest.js';
import { abortable, isSignal } from '../io/signal.js';
import { kindOf, shown } from '../tensor.js';
import { turnOnEngineFlags } from '../wasm/features.js';
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
  /** As `compile` has it: it changes the whole process and stays. @defaultValue false */
  readonly engineFlags?: boolean;
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
  checkOptions(options);
  const { worker = false, engineFlags = false, ...open } = options;
  if (engineFlags) turnOnEngineFlags();
  // If an option is refused first, nobody waits for a promise of weights: its failure must not end the process.
  if (open.weights !== undefined) Promise.resolve(open.weights).catch(() => {});
  const opening = worker ? classifierInWorker(open) : openClassifier(open);
  return await (open.signal ? abortable(opening, open.signal) : opening);
}

/** What an option must be, in words, and its test. Undefined for an option that is checked where it is used. */
type Checked = readonly [what: string, is: (value: unknown) => boolean] | undefined;

const text: Checked = ['a text', (value) => typeof value === 'string'];
const yesOrNo: Checked = ['true or false', (value) => typeof value === 'boolean'];
const aFunction: Checked = ['a function', (value) => typeof value === 'function'];

/** All options. An unknown one is refused: a misspelt name would silently give another network. */
const known: Readonly<Record<keyof CreateClassifierOptions, Checked>> = {
  model: text,
  weights: undefined,
  state: text,
  external: aFunction,
  signal: ['an AbortSignal', isSignal],
  endpoint: text,
  onProgress: aFunction,
  labels: undefined,
  size: undefined,
  crop: undefined,
  interpolation: undefined,
  top: undefined,
  gates: undefined,
  excitations: yesOrNo,
  packed: undefined,
  kernels: undefined,
  algorithms: undefined,
  threads: undefined,
  orient: yesOrNo,
  tolerant: yesOrNo,
  crops: undefined,
  scales: undefined,
  average: undefined,
  worker: yesOrNo,
  engineFlags: yesOrNo,
};

/** @throws InputError if there is no object, for an unknown option, and for a value of the wrong kind */
function checkOptions(given: unknown): void {
  if (kindOf(given) !== 'Object') throw new InputError(`createClassifier takes options, { weights } among them, not ${kindOf(given)}`);
  for (const [key, value] of Object.entries(given as object)) {
    if (!Object.hasOwn(known, key)) throw new InputError(`unknown option ${key.slice(0, 80)}${nearest(key, Object.keys(known))}`);
    const [what, is] = known[key as keyof CreateClassifierOptions] ?? [];
    if (value !== undefined && is !== undefined && !is(value)) throw new InputError(`${key} is ${what}, not ${shown(value)}`);
  }
}

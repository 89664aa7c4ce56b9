import { identify, openCheckpoint, readAll } from '../checkpoints/index.js';
import { InputError, underName } from '../errors.js';
import { counted } from '../io/counted.js';
import { isOnnxFile } from '../io/onnxFile.js';
import type { SignalLike } from '../io/signal.js';
import { type BlobLike, type Source, sourceOf } from '../io/source.js';
import { findModel } from '../models/index.js';
import type { OpenExternal } from '../onnx/index.js';
import type { DownloadProgress } from '../pretrained/download/progress.js';
import type { FetchPublishedOptions } from '../pretrained/download/published.js';
import { pretrainedOf, usualPretrained } from '../pretrained/index.js';
import type { Pretrained } from '../pretrained/pretrained.js';
import { isShippedHere, shippedWeights } from '../pretrained/shippedWeights.js';
import { shown } from '../tensor.js';
import type { Weights } from '../wasm/weights.js';
import { workAhead } from './ahead.js';
import { type Classifier, classifierOf, type RunOptions } from './classifier.js';
import { mostBytes, namedWeights, taggedWeights } from './named.js';
import { describeNetwork, type Loaded, type NetworkOptions } from './network.js';
import { type OpenPublished, openPublished } from './published.js';

/** The bytes of a file of weights, or what reads them. */
export type WeightsFile = Uint8Array | ArrayBuffer | BlobLike | Source;

/** Which network, and how it is run. */
export interface ClassifierOptions extends NetworkOptions, RunOptions {
  /** Published weights (`listPretrained`), or with `weights` a network (`listModels`). @defaultValue the CIFAR-10 network that ships */
  readonly model?: string;
  /**
   * A file of weights, of any published format; its network is recognised from its tensors unless `model` names it. Or an ONNX file. Of a promise of it, which a page gets by
   * fetching, the classifier waits for no more than must wait: where `model` names the network, its plan and the kernels are ready when the weights come.
   */
  readonly weights?: WeightsFile | PromiseLike<WeightsFile>;
  /**
   * Opens the files that an ONNX file's tensors lie in beside it ("external data"), by their paths from its folder, which none leaves: in a page, of the files that
   * were dropped on it.
   */
  readonly external?: OpenExternal;
  /** Which weights of a file that holds several, as `model_ema`. @defaultValue those that its trainer would load */
  readonly state?: string;
  /** Ends the wait: the promise is rejected with the signal's reason at once. A download ends too, and is resumed by the next; one to a file system goes on by itself. */
  readonly signal?: SignalLike;
  /** The hub that published weights come from: a mirror. @defaultValue Hugging Face's; where there is a file system, that of `$HF_ENDPOINT` */
  readonly endpoint?: string;
  /** Told while published weights are downloaded, and while a file that is handed in is read. */
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * @param hold whether the weights are read at once and stay with the network; else they are read as they are packed, and again if gates are chosen, so
 *   that the file must stay readable
 * @throws as `createClassifier`
 */
export async function openClassifier(options: ClassifierOptions, hold: false): Promise<Classifier<Weights>>;
export async function openClassifier(options: ClassifierOptions): Promise<Classifier>;
export async function openClassifier(options: ClassifierOptions, hold = true): Promise<Classifier<Weights>> {
  const { model, weights, external, state, signal, onProgress, endpoint, labels, size, crop, interpolation, ...run } = options;
  const images = { labels, size, crop, interpolation };
  if (crop !== undefined && run.scales !== undefined)
    throw new InputError('crop and scales both say to what a picture is resized: expected one of them');
  const locating = locate(model, weights, { signal, onProgress, endpoint });
  const ahead = workAhead(() => expected(model, weights), images, run);
  const { source, file, named, notes = [], close } = await locating;
  let opening = true; // gates that are chosen later have the file read again, which is nobody's progress
  try {
    signal?.throwIfAborted();
    const heard =
      weights !== undefined && onProgress
        ? counted(source, (received) => void (opening && onProgress({ received, total: source.size })))
        : source;
    const loaded = (await isOnnxFile(source))
      ? await ofOnnx(heard, file, { model, state, external })
      : await ofCheckpoint(heard, named?.network ?? model, state, hold).catch((error: unknown) => {
          throw file === unnamed ? error : underName(file, error);
        });
    const network = await describeNetwork(loaded, file, named, { ...images, state });
    signal?.throwIfAborted();
    const classifier = await classifierOf({ ...network, notes: [...network.notes, ...notes] }, run);
    await ahead; // what it made was held until here
    if (signal?.aborted) classifier.dispose(); // nobody waits for it any more
    signal?.throwIfAborted();
    return classifier;
  } finally {
    opening = false;
    await close?.();
  }
}

async function ofCheckpoint(source: Source, model: string | undefined, state: string | undefined, hold: boolean): Promise<Loaded<Weights>> {
  const checkpoint = await openCheckpoint(source, { ...(state !== undefined && { state }) });
  const identified = identify(checkpoint, model);
  return { ...identified, weights: hold ? await readAll(identified.stored) : identified.stored, metadata: checkpoint.metadata };
}

/** What reads such files is loaded when there is one. */
async function ofOnnx(source: Source, file: string, { model, state, external }: OnnxSaid): Promise<Loaded> {
  checkAlone(model, state);
  return (await import('./onnx.js')).openOnnxClassifier(source, file, external);
}

/** What is said of an ONNX file beside it. */
interface OnnxSaid {
  readonly model: string | undefined;
  readonly state: string | undefined;
  readonly external: OpenExternal | undefined;
}

/** @throws InputError for what else is said of an ONNX file */
export function checkAlone(model: string | undefined, state: string | undefined): void {
  const said = model === undefined ? (state === undefined ? undefined : 'state') : 'model';
  if (said !== undefined)
    throw new InputError(`an ONNX file is a network by itself: expected no ${said} beside it, found ${shown(model ?? state)}`);
}

/** Published weights of the network that a file which is still on its way must be of; undefined where the file says it, or is here. @throws InputError for an unknown name */
function expected(model: string | undefined, weights: ClassifierOptions['weights']): Pretrained | undefined {
  if (weights === undefined) return model === undefined ? usualPretrained : namedWeights(model).pretrained;
  if (model === undefined || !isPromise(weights)) return undefined;
  return taggedWeights(model) ?? pretrainedOf(findModel(model).id)[0];
}

const isPromise = (value: unknown): value is PromiseLike<WeightsFile> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** What bytes are called, which have no name. */
const unnamed = 'weights';

/** Where weights are read from, and what they are known to be. */
interface Located extends OpenPublished {
  readonly named: Pretrained | undefined;
}

async function locate(model: string | undefined, weights: ClassifierOptions['weights'], options: FetchPublishedOptions): Promise<Located> {
  if (weights !== undefined) {
    const named = taggedWeights(model);
    const given = await weights;
    const { name } = (given ?? {}) as { readonly name?: unknown }; // a File has one
    return { source: sourceOf(given), file: typeof name === 'string' ? name : unnamed, named };
  }
  const named = model === undefined ? usualPretrained : namedWeights(model).pretrained;
  if (isShippedHere(named)) return { source: sourceOf(await shippedWeights()), file: named.name, named };
  return { ...(await openPublished(named, mostBytes, options)), named };
}

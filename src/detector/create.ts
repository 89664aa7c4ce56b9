import { identifyDetector } from '../checkpoints/detector.js';
import { openCheckpoint, readAll } from '../checkpoints/index.js';
import { type OpenPublished, openPublished } from '../classifier/published.js';
import { InputError } from '../errors.js';
import { counted } from '../io/counted.js';
import type { Label } from '../io/labels.js';
import { abortable, type SignalLike } from '../io/signal.js';
import { type BlobLike, type Source, sourceOf } from '../io/source.js';
import type { DownloadProgress } from '../pretrained/download/progress.js';
import type { FetchPublishedOptions } from '../pretrained/download/published.js';
import { kindOf, type Tensor } from '../tensor.js';
import { type Detector, type DetectorRunOptions, detectorOf } from './detector.js';
import { mostBytesOfDetector, type NamedDetector, namedDetector, publishedOf } from './named.js';
import { describeDetector } from './network.js';

/** Which detector, and how it is run. */
export interface CreateDetectorOptions extends DetectorRunOptions {
  /** A file of a detector's weights; the detector is recognised from its tensors. @defaultValue what is published of `model`, downloaded */
  readonly weights?: Uint8Array | ArrayBuffer | BlobLike | Source;
  /**
   * A detector (`listDetectors`) whose weights are published, or these, as `fasterrcnn_resnet50_fpn.COCO_V1`. With `weights` any detector, where several have the same
   * tensors. @defaultValue with `weights`, the first that fits
   */
  readonly model?: string;
  /** Which weights of a file that holds several. @defaultValue those that its trainer would load */
  readonly state?: string;
  /** Names of the classes, without the background. @defaultValue COCO's, of a detector of 91 classes */
  readonly labels?: readonly (string | Label)[];
  /** Ends the wait: the promise is rejected with the signal's reason. A download ends too, and is resumed by the next; one to a file system goes on by itself. */
  readonly signal?: SignalLike;
  /** Told while published weights are downloaded, and while a file that is handed in is read. */
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * A network that finds things on pictures: a Faster R-CNN. Nothing is compiled before the first picture, whose size decides what is computed.
 *
 * Weights of a name that is published are downloaded once, to where those of `createClassifier` are.
 *
 * @throws InputError for options that name nothing, or contradict each other or the file; WeightsError for weights that are damaged or of no detector that is
 *   known; DownloadError for a file that does not come; UnsupportedError for a name whose weights cannot be downloaded here; the signal's reason, if it is
 *   aborted
 */
export async function createDetector(options: CreateDetectorOptions): Promise<Detector<ReadonlyMap<string, Tensor>>> {
  if (kindOf(options) !== 'Object')
    throw new InputError(`createDetector takes options, { model } or { weights } among them, not ${kindOf(options)}`);
  const { weights, model, state, labels, signal, onProgress, ...run } = options;
  const named = model === undefined ? undefined : namedDetector(model);
  signal?.throwIfAborted();
  const open = async (): Promise<Detector<ReadonlyMap<string, Tensor>>> => {
    const { source, file, notes = [], close } = await locate(weights, named, { signal, onProgress });
    try {
      const checkpoint = await openCheckpoint(source, { ...(state !== undefined && { state }) });
      const { stored, ...identified } = identifyDetector(checkpoint, named?.id);
      const network = describeDetector(identified, await readAll(stored), file, labels);
      return detectorOf({ ...network, notes: [...network.notes, ...notes] }, run);
    } finally {
      await close?.();
    }
  };
  return await (signal ? abortable(open(), signal) : open());
}

/** Where weights are read from. */
async function locate(
  weights: CreateDetectorOptions['weights'],
  named: NamedDetector | undefined,
  { signal, onProgress }: Pick<FetchPublishedOptions, 'signal' | 'onProgress'>,
): Promise<OpenPublished> {
  if (weights === undefined) {
    if (named === undefined) throw new InputError('createDetector: no detector ships: expected a model that is published, or weights');
    return openPublished(publishedOf(named), mostBytesOfDetector, { signal, onProgress });
  }
  const source = sourceOf(weights);
  const { name } = weights as { readonly name?: unknown }; // a File has one
  return {
    source: onProgress ? counted(source, (received) => onProgress({ received, total: source.size })) : source,
    file: typeof name === 'string' ? name : 'weights',
  };
}

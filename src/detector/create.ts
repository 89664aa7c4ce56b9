import { identifyDetector } from '../checkpoints/detector.js';
import { openCheckpoint, readAll } from '../checkpoints/index.js';
import { InputError } from '../errors.js';
import { counted } from '../io/counted.js';
import type { Label } from '../io/labels.js';
import { abortable, type SignalLike } from '../io/signal.js';
import { type BlobLike, type Source, sourceOf } from '../io/source.js';
import type { DownloadProgress } from '../pretrained/download/progress.js';
import { kindOf, type Tensor } from '../tensor.js';
import { type Detector, type DetectorRunOptions, detectorOf } from './detector.js';
import { describeDetector } from './network.js';

/** Which detector, and how it is run. */
export interface CreateDetectorOptions extends DetectorRunOptions {
  /** A file of a detector's weights; the detector is recognised from its tensors. */
  readonly weights: Uint8Array | ArrayBuffer | BlobLike | Source;
  /** The detector (`listDetectors`), where several have the same tensors. @defaultValue the first that fits */
  readonly model?: string;
  /** Which weights of a file that holds several. @defaultValue those that its trainer would load */
  readonly state?: string;
  /** Names of the classes, without the background. @defaultValue COCO's, of a detector of 91 classes */
  readonly labels?: readonly (string | Label)[];
  /** Ends the wait: the promise is rejected with the signal's reason. */
  readonly signal?: SignalLike;
  /** Told while the file is read. */
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * A network that finds things on pictures: a Faster R-CNN from a file of weights, as torchvision publishes them. Nothing is compiled before the first picture,
 * whose size decides what is computed.
 *
 * @throws InputError for options that contradict each other or the file; WeightsError for weights that are damaged or of no detector that is known; the signal's
 *   reason, if it is aborted
 */
export async function createDetector(options: CreateDetectorOptions): Promise<Detector<ReadonlyMap<string, Tensor>>> {
  if (kindOf(options) !== 'Object') throw new InputError(`createDetector takes options, { weights } among them, not ${kindOf(options)}`);
  const { weights, model, state, labels, signal, onProgress, ...run } = options;
  if (weights === undefined || weights === null)
    throw new InputError('createDetector: weights are missing: no detector ships, so a file is handed in');
  signal?.throwIfAborted();
  const { name } = weights as { readonly name?: unknown }; // a File has one
  const file = typeof name === 'string' ? name : 'weights';
  const open = async (): Promise<Detector<ReadonlyMap<string, Tensor>>> => {
    const source = sourceOf(weights);
    const heard = onProgress ? counted(source, (received) => onProgress({ received, total: source.size })) : source;
    const checkpoint = await openCheckpoint(heard, { ...(state !== undefined && { state }) });
    const { stored, ...identified } = identifyDetector(checkpoint, model);
    return detectorOf(describeDetector(identified, await readAll(stored), file, labels), run);
  };
  return await (signal ? abortable(open(), signal) : open());
}

import { Option } from 'commander';
import { type NamedDetector, namedDetector, publishedOf } from '../detector/named.js';
import { type DetectorNetwork, describeDetector } from '../detector/network.js';
import { InputError, naming, underName, type WeightsError } from '../errors.js';
import { parseLabels } from '../io/labels.js';
import { detectorNamed } from '../models/detection/index.js';
import { listModels } from '../models/index.js';
import { readBytes } from '../node/files.js';
import { note } from '../node/output.js';
import { openDetectorFile } from '../node/weightsFile.js';
import { publishedDetectors } from '../pretrained/detectors.js';
import { splitName } from '../pretrained/names.js';
import type { PublishedWeights } from '../pretrained/pretrained.js';
import type { Weights } from '../wasm/weights.js';
import { type DownloadFlags, downloaded, downloadOptions } from './download.js';
import { stateOption } from './options.js';

/** Which weights of a detector. */
export interface DetectorFlags extends Omit<DownloadFlags, 'revision'> {
  readonly weights?: string;
  readonly model?: string;
  readonly state?: string;
  readonly labels?: string;
}

export const detectorOptions = (): readonly Option[] => [
  new Option('--model <name>', 'published weights (`senet weights fasterrcnn` lists them), or with --weights a detector (`senet models`)'),
  new Option('--weights <file>', 'a checkpoint of a Faster R-CNN, which is recognised from its tensors'),
  stateOption(),
  new Option('--labels <file>', "names of the classes: a line each, or JSON (default: COCO's, of a detector of 91 classes)"),
  ...downloadOptions(),
];

/** A detector whose weights are read from a file, until it is closed. */
export interface OpenDetector extends DetectorNetwork<Weights> {
  close(): Promise<void>;
}

/**
 * The detector that the flags ask for. What is chosen for the user is said on stderr.
 *
 * @throws InputError for flags that name nothing, or contradict each other or the file; what `downloaded` and `openDetectorFile` throw
 */
export async function openDetector({ weights, model, state, labels, ...download }: DetectorFlags): Promise<OpenDetector> {
  const named = model === undefined ? undefined : detectorCalled(model);
  if (weights === undefined && named === undefined) throw noWeights();
  const file = weights ?? (await downloaded(publishedOf(named as NamedDetector, byHand), download));
  const list = labels === undefined ? undefined : { file: labels, bytes: await readBytes(labels) };
  const { close, identity: _, metadata: __, weights: tensors, ...identified } = await openDetectorFile(file, named?.id, state);
  try {
    const network = list
      ? naming(list.file, () => describeDetector(identified, tensors, file, parseLabels(list.bytes)))
      : describeDetector(identified, tensors, file, undefined);
    for (const text of network.notes) note(text);
    return { ...network, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws InputError for a name that no detector has, and no published weights */
function detectorCalled(name: string): NamedDetector {
  const { network } = splitName(name);
  if (detectorNamed(network) === undefined && listModels().some(({ id }) => id === network || id.endsWith(`/${network}`)))
    throw new InputError(`${name} classifies, and is no detector: \`senet classify\` and \`senet evaluate\` take its name`);
  return namedDetector(name);
}

const byHand = 'name a checkpoint with --weights FILE';

function noWeights(): InputError {
  const [{ name }] = publishedDetectors as [PublishedWeights];
  return new InputError(
    `--model and --weights are missing: no detector ships; --model ${name} downloads one, and \`senet weights fasterrcnn\` lists others`,
  );
}

/** What is damaged was named where it was read; of what does not fit the name is missing. */
export const underWeights = (file: string, error: WeightsError): unknown =>
  error.message.startsWith(`${file}: `) ? error : underName(file, error);

import { Option } from 'commander';
import { type DetectorNetwork, describeDetector } from '../detector/network.js';
import { InputError, naming, underName, type WeightsError } from '../errors.js';
import { parseLabels } from '../io/labels.js';
import { detectorNamed, findDetector } from '../models/detection/index.js';
import { listModels } from '../models/index.js';
import { readBytes } from '../node/files.js';
import { note } from '../node/output.js';
import { openDetectorFile } from '../node/weightsFile.js';
import { publishedDetectors } from '../pretrained/detectors.js';
import type { Weights } from '../wasm/weights.js';
import { stateOption } from './options.js';

/** Which weights of a detector. */
export interface DetectorFlags {
  readonly weights?: string;
  readonly model?: string;
  readonly state?: string;
  readonly labels?: string;
}

export const detectorOptions = (): readonly Option[] => [
  new Option('--weights <file>', 'a checkpoint of a Faster R-CNN, which is recognised from its tensors'),
  new Option('--model <name>', 'the detector (`senet models` lists them), where several have the same tensors'),
  stateOption(),
  new Option('--labels <file>', "names of the classes: a line each, or JSON (default: COCO's, of a detector of 91 classes)"),
];

/** A detector whose weights are read from a file, until it is closed. */
export interface OpenDetector extends DetectorNetwork<Weights> {
  close(): Promise<void>;
}

/**
 * The detector that the flags ask for. What is chosen for the user is said on stderr.
 *
 * @throws InputError for flags that name nothing, or contradict each other or the file; what `openDetectorFile` throws
 */
export async function openDetector({ weights: file, model, state, labels }: DetectorFlags): Promise<OpenDetector> {
  const named = model === undefined ? undefined : fullName(model);
  if (file === undefined) throw noWeights(named);
  const list = labels === undefined ? undefined : { file: labels, bytes: await readBytes(labels) };
  const { close, identity: _, metadata: __, weights, ...identified } = await openDetectorFile(file, named, state);
  try {
    const network = list
      ? naming(list.file, () => describeDetector(identified, weights, file, parseLabels(list.bytes)))
      : describeDetector(identified, weights, file, undefined);
    for (const text of network.notes) note(text);
    return { ...network, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws InputError for a name that no detector has */
function fullName(name: string): string {
  if (detectorNamed(name)) return findDetector(name).id;
  if (listModels().some(({ id }) => id === name || id.endsWith(`/${name}`)))
    throw new InputError(`${name} classifies, and is no detector: \`senet classify\` and \`senet evaluate\` take its name`);
  return findDetector(name).id; // which says so
}

/** With the address of some that are published. */
function noWeights(model: string | undefined): InputError {
  const [first] = publishedDetectors.keys();
  const address = publishedDetectors.get(model ?? (first as string));
  const where = address === undefined ? `and of ${model} none are published` : `and torchvision publishes some at ${address}`;
  return new InputError(`--weights is missing: no detector ships, ${where}; \`senet models\` lists all detectors`);
}

/** What is damaged was named where it was read; of what does not fit the name is missing. */
export const underWeights = (file: string, error: WeightsError): unknown =>
  error.message.startsWith(`${file}: `) ? error : underName(file, error);

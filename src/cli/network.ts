import { Option } from 'commander';
import { namedWeights, taggedWeights } from '../classifier/named.js';
import { checkedLabels, describeNetwork, type Network } from '../classifier/network.js';
import { checkAlone } from '../classifier/open.js';
import { naming } from '../errors.js';
import { type Label, parseLabels } from '../io/labels.js';
import { type Filter, filters } from '../io/resize.js';
import { readBytes } from '../node/files.js';
import { isOnnx } from '../node/given.js';
import { identifiedOnnx } from '../node/onnxFile.js';
import { note } from '../node/output.js';
import { openWeightsFile } from '../node/weightsFile.js';
import { usualPretrained } from '../pretrained/index.js';
import type { Pretrained } from '../pretrained/pretrained.js';
import type { Weights } from '../wasm/weights.js';
import { type DownloadFlags, downloaded, downloadOptions } from './download.js';
import { ratio, sizeOrTest, stateOption } from './options.js';

/** Which weights, and how the images for them are made. */
export interface NetworkFlags extends DownloadFlags {
  readonly model?: string;
  readonly weights?: string;
  readonly state?: string;
  readonly labels?: string;
  readonly size?: number | 'test';
  readonly crop?: number;
  readonly interpolation?: Filter;
}

/** For commander: what is given several times, in order. */
const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const networkOptions = (): readonly Option[] => [
  new Option(
    '--model <name>',
    'published weights (`senet weights` lists them), or with --weights a network (`senet models`); given several times, the members of an ensemble; default: the CIFAR-10 network that ships',
  ).argParser(collect),
  new Option(
    '--weights <file>',
    'a checkpoint, whose network is recognised from its tensors, or an ONNX file. Given several times, an ensemble, with as many --model or none',
  ).argParser(collect),
  stateOption(),
  new Option('--labels <file>', "names of the classes: a line each, or JSON (default: the weights' own)"),
  new Option('--size <pixels>', "side of the network's image; `test`: the publisher's larger size for tests").argParser(sizeOrTest),
  new Option('--crop <ratio>', 'share of the shorter side that is kept').argParser(ratio),
  new Option('--interpolation <name>', 'how to resize, antialiased').choices(filters),
  new Option('--revision <name>', 'branch, tag or commit of a hub repository (default: main)'),
  ...downloadOptions(),
];

/** A network whose weights are read from a file, until it is closed. */
export interface OpenNetwork extends Network<Weights> {
  /** Of the file, as it is now: see `OpenWeights`. */
  readonly identity: string;
  /** What the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * The network that the flags ask for. What is chosen for the user is said on stderr.
 *
 * @throws InputError for flags that name nothing, or contradict each other or the file.
 */
export async function openNetwork(flags: NetworkFlags): Promise<OpenNetwork> {
  const { named, file } = await locate(flags);
  const loaded = isOnnx(file) ? await openOnnxFile(file, flags) : await openWeightsFile(file, named?.network ?? flags.model, flags.state);
  const { size, crop, interpolation } = flags;
  const network = await describeNetwork(loaded, file, named, {
    labels: flags.labels === undefined ? undefined : await readLabels(flags.labels, loaded.classes),
    size,
    crop,
    interpolation,
    state: flags.state,
  });
  for (const text of network.notes) note(text);
  return { ...network, identity: loaded.identity, metadata: loaded.metadata, close: loaded.close };
}

/** @throws InputError if it cannot be read, or more is said of it than its name; what `identifiedOnnx` and `onnxClassifier` throw */
async function openOnnxFile(file: string, { model: name, weights, state }: NetworkFlags) {
  checkAlone(weights === undefined ? undefined : name, state);
  const { onnxClassifier } = await import('../classifier/onnx.js');
  const { model, identity } = await identifiedOnnx(file);
  return { ...onnxClassifier(model, file), identity, close: async () => undefined };
}

async function readLabels(file: string, classes: number): Promise<readonly Label[]> {
  const bytes = await readBytes(file);
  return naming(file, () => checkedLabels(parseLabels(bytes), classes));
}

/** The published weights that `--model` and `--weights` name, if any, and the file to read. */
async function locate({
  model,
  weights,
  ...download
}: NetworkFlags): Promise<{ readonly named: Pretrained | undefined; readonly file: string }> {
  if (weights !== undefined) return { named: isOnnx(weights) ? undefined : taggedWeights(model), file: weights };
  if (model !== undefined && isOnnx(model)) return { named: undefined, file: model };
  const named = model === undefined ? usualPretrained : weightsNamed(model);
  return { named, file: await downloaded(named, download) };
}

/** What `--model` means where no file is named; which of several it was taken for is said on stderr. @throws InputError if no weights are so called */
export function weightsNamed(model: string): Pretrained {
  const named = namedWeights(model, 'name a checkpoint with --weights FILE');
  if (named.note !== undefined) note(named.note);
  return named.pretrained;
}

import { openCheckpoint, recognise } from '../checkpoints/index.js';
import { InputError, UnsupportedError } from '../errors.js';
import { type BlobLike, type Source, sourceOf } from '../io/source.js';
import { usualPretrained } from '../pretrained/index.js';
import type { Pretrained } from '../pretrained/pretrained.js';
import { isShippedHere, shippedWeights } from '../pretrained/shippedWeights.js';
import { kindOf } from '../tensor.js';
import { type Classifier, classifierOf, type RunOptions } from './classifier.js';
import { namedWeights, taggedWeights } from './named.js';
import { describeNetwork, type NetworkOptions } from './network.js';

export interface CreateClassifierOptions extends NetworkOptions, RunOptions {
  /** Published weights (`listPretrained`), or with `weights` a network (`listModels`). @defaultValue the CIFAR-10 network that ships */
  readonly model?: string;
  /** A file of weights, of any published format; its network is recognised from its tensors unless `model` names it. */
  readonly weights?: Uint8Array | ArrayBuffer | BlobLike | Source;
  /** Which weights of a file that holds several, as `model_ema`. @defaultValue those that its trainer would load */
  readonly state?: string;
}

/**
 * A network that says what is on pictures: without options the one that ships, which tells CIFAR-10's ten classes apart.
 *
 * Weights of a name that is published are downloaded once, to the cache of the `senet` command, where there is a file system (Node, Deno, Bun); elsewhere
 * fetch the file and hand it in as `weights`.
 *
 * @throws InputError for options that name nothing or contradict each other or the file; WeightsError for weights that are damaged or of no network that is
 *   known; UnsupportedError for a name whose weights cannot be downloaded here
 */
export async function createClassifier(options: CreateClassifierOptions = {}): Promise<Classifier> {
  if (kindOf(options) !== 'Object') throw new InputError(`createClassifier takes options, { weights } among them, not ${kindOf(options)}`);
  const { model, weights, state, labels, size, crop, interpolation, ...run } = options;
  const images = { labels, size, crop, interpolation };
  const { source, file, named, close } = await locate(model, weights);
  try {
    const checkpoint = await openCheckpoint(source, { ...(state !== undefined && { state }) });
    const { graph: _, ...loaded } = await recognise(checkpoint, named?.network ?? model);
    const network = await describeNetwork({ ...loaded, metadata: checkpoint.metadata }, file, named, images);
    return await classifierOf(network, run);
  } finally {
    await close?.();
  }
}

/** Where weights are read from, and what they are known to be. */
interface Located {
  readonly source: Source;
  /** What it is called in messages. */
  readonly file: string;
  readonly named: Pretrained | undefined;
  close?(): Promise<void>;
}

async function locate(model: string | undefined, weights: CreateClassifierOptions['weights']): Promise<Located> {
  if (weights !== undefined) {
    const { name } = weights as { readonly name?: unknown }; // a File has one
    return { source: sourceOf(weights), file: typeof name === 'string' ? name : 'weights', named: taggedWeights(model) };
  }
  const named = model === undefined ? usualPretrained : namedWeights(model).pretrained;
  if (isShippedHere(named)) return { source: sourceOf(await shippedWeights()), file: named.name, named };
  return { ...(await published(named)), named };
}

/** What of `senet/node` is used. */
interface NodePart {
  openPublished(pretrained: Pretrained): Promise<Required<Omit<Located, 'named'>>>;
}

/** By the package's own name, in a variable, so that bundlers for browsers do not look for it. */
async function published(named: Pretrained, name = 'senet/node'): Promise<Omit<Located, 'named'>> {
  let part: NodePart;
  try {
    part = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (cause) {
    throw new UnsupportedError(`${named.name} is not downloaded here: fetch its file, and hand its bytes in as weights`, { cause });
  }
  return await part.openPublished(named);
}

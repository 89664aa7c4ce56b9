import type { Option } from 'commander';
import { type Classifier, classifierOf, type RunOptions } from '../classifier/classifier.js';
import { WeightsError } from '../errors.js';
import { engineKey } from '../node/engine.js';
import { readBytes } from '../node/files.js';
import { note } from '../node/output.js';
import { keepPacked, openKept, packedPlace } from '../node/packedCache.js';
import { type KernelsBuild, pickBuild } from '../wasm/features.js';
import { forcedTile } from '../wasm/tune.js';
import type { OpenNetwork } from './network.js';
import { algorithmsOption, kernelsOption, packedCacheOption, revectorizeOption, threadsOption } from './options.js';

/** How a network is run. */
export interface RunFlags {
  readonly kernels?: KernelsBuild;
  readonly algorithms: 'direct' | 'fast';
  readonly threads: number;
  readonly revectorize?: true;
  /** `--no-packed-cache` is false. */
  readonly packedCache?: boolean;
}

export const runOptions = (): readonly Option[] => [
  kernelsOption(),
  algorithmsOption('fast'),
  threadsOption(),
  revectorizeOption(),
  packedCacheOption(),
];

/** A classifier whose packed weights can be kept for the next start. */
export interface OpenClassifier extends Classifier {
  /** To be called when there is nothing more urgent. */
  keep(): Promise<void>;
}

/** A network that is run as the flags say, from its packed weights if they are kept; its file is closed then. */
export async function openClassifier(network: OpenNetwork, flags: RunFlags, options: RunOptions): Promise<OpenClassifier> {
  const { algorithms, threads } = flags;
  const kernels = pickBuild(flags.kernels ?? 'auto');
  const running = { kernels, algorithms, threads, ...options };
  const place = placeOf(network, flags, kernels, options);
  const classifier = await classifierFrom(network, running, place).finally(() => network.close());
  if (classifier.session.threadsNote) note(`one thread: ${classifier.session.threadsNote}`);
  return classifier;
}

/** Where a network's packed weights are kept; undefined where none are to be. */
function placeOf(
  network: OpenNetwork,
  { algorithms, packedCache }: RunFlags,
  kernels: KernelsBuild,
  { gates }: RunOptions,
): string | undefined {
  if (packedCache === false) return undefined;
  const { id, options, classes, preset, takenFrom, identity } = network;
  const tile = forcedTile();
  return packedPlace({
    identity,
    takenFrom,
    id,
    options,
    classes,
    size: preset.size,
    gates,
    kernels,
    tile,
    algorithms,
    engine: engineKey(),
  });
}

async function classifierFrom(network: OpenNetwork, running: RunOptions, place: string | undefined): Promise<OpenClassifier> {
  const kept = place === undefined ? undefined : await openKept(place);
  if (kept !== undefined) {
    try {
      const classifier = await classifierOf(network, { ...running, packed: kept.source });
      return Object.assign(classifier, { keep: async () => undefined });
    } catch (error) {
      if (!(error instanceof WeightsError)) throw error;
      note(`${place}: ${error.message}; the weights are packed anew`);
    } finally {
      await kept.close();
    }
  }
  const classifier = await classifierOf(network, running);
  return Object.assign(classifier, { keep: async () => (place === undefined ? undefined : keepPacked(place, classifier.session)) });
}

/** What is on an image file. @throws InputError, naming the file, if it cannot be read; what `classify` throws */
export const classifyFile = async (classifier: Classifier, file: string) => classifier.classify(await readBytes(file), { file });

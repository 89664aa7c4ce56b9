import type { Option } from 'commander';
import { type Classifier, classifierOf, type RunOptions } from '../classifier/classifier.js';
import { protocolOf } from '../classifier/protocol.js';
import { WeightsError } from '../errors.js';
import { readBytes } from '../node/files.js';
import { note } from '../node/output.js';
import { type KeptWeights, keepPacked, openKept, packedPlace } from '../node/packedCache.js';
import { recallTile, rememberTile } from '../node/tileCache.js';
import { type KernelsBuild, pickBuild } from '../wasm/features.js';
import { type TileName, tileOf } from '../wasm/options.js';
import { forcedTile } from '../wasm/tune.js';
import type { Weights } from '../wasm/weights.js';
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
export interface OpenClassifier extends Classifier<Weights> {
  /** To be called when there is nothing more urgent. */
  keep(): Promise<void>;
}

/** A network that is run as the flags say, with the tile and from the packed weights that are remembered, if they are; its file is closed then. */
export async function openClassifier(network: OpenNetwork, flags: RunFlags, options: RunOptions): Promise<OpenClassifier> {
  const { algorithms, threads, packedCache = true } = flags;
  const kernels = pickBuild(flags.kernels ?? 'auto');
  const running = { ...options, kernels, algorithms, threads };
  const open = packedCache ? openRemembered(network, running) : classifierOf(network, running).then(keepingNothing);
  const classifier = await open.finally(() => network.close());
  if (classifier.session.threadsNote) note(`one thread: ${classifier.session.threadsNote}`);
  return classifier;
}

const keepingNothing = (classifier: Classifier<Weights>): OpenClassifier => Object.assign(classifier, { keep: async () => undefined });

type Running = RunOptions & { readonly kernels: KernelsBuild };

async function openRemembered(network: OpenNetwork, running: Running): Promise<OpenClassifier> {
  const { kernels } = running;
  const forced = forcedTile();
  const tile = forced ?? (await recallTile(kernels));
  const kept = tile && (await openKept(placeOf(network, running, tile)));
  const packed = kept && (await openPacked(network, running, kept));
  if (packed) return packed;
  const classifier = await classifierOf(network, running);
  const { session } = classifier;
  const keep = async (): Promise<void> => {
    const best = forced ?? (await rememberTile(kernels));
    if (best === tileOf(session.plan)) await keepPacked(placeOf(network, running, best), session);
  };
  return Object.assign(classifier, { keep });
}

/** @returns undefined where the packed weights are damaged, which is said */
async function openPacked(network: OpenNetwork, running: Running, kept: KeptWeights): Promise<OpenClassifier | undefined> {
  try {
    return keepingNothing(await classifierOf(network, { ...running, packed: kept.source }));
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    note(`${kept.file}: ${error.message}; the weights are packed anew`);
    return undefined;
  } finally {
    await kept.close();
  }
}

/** Where a network's packed weights are kept: by all that they depend on. */
function placeOf(network: OpenNetwork, { kernels, algorithms, gates, ...seen }: Running, tile: TileName): string {
  const { id, options, classes, preset, takenFrom, identity } = network;
  const { views } = protocolOf(seen, preset); // which algorithm pays depends on how many are run at once
  return packedPlace({ identity, takenFrom, id, options, classes, size: preset.size, gates, views, kernels, tile, algorithms });
}

/** What is on an image file. @throws InputError, naming the file, if it cannot be read; what `classify` throws */
export const classifyFile = async (classifier: Pick<Classifier, 'classify'>, file: string) =>
  classifier.classify(await readBytes(file), { file });

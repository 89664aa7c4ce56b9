import type { Option } from 'commander';
import { type Classifier, classifierOf, type RunOptions } from '../classifier/classifier.js';
import type { Network } from '../classifier/network.js';
import { readBytes } from '../node/files.js';
import { note } from '../node/output.js';
import type { KernelsBuild } from '../wasm/features.js';
import { algorithmsOption, kernelsOption, revectorizeOption, threadsOption } from './options.js';

/** How a network is run. */
export interface RunFlags {
  readonly kernels?: KernelsBuild;
  readonly algorithms: 'direct' | 'fast';
  readonly threads: number;
  readonly revectorize?: true;
}

export const runOptions = (): readonly Option[] => [kernelsOption(), algorithmsOption('fast'), threadsOption(), revectorizeOption()];

/** A network that is run as the flags say. */
export async function openClassifier(network: Network, flags: RunFlags, options: RunOptions): Promise<Classifier> {
  const { kernels, algorithms, threads } = flags;
  const classifier = await classifierOf(network, { ...(kernels && { kernels }), algorithms, threads, ...options });
  if (classifier.session.threadsNote) note(`one thread: ${classifier.session.threadsNote}`);
  return classifier;
}

/** What is on an image file. @throws InputError, naming the file, if it cannot be read; what `classify` throws */
export const classifyFile = async (classifier: Classifier, file: string) => classifier.classify(await readBytes(file), { file });

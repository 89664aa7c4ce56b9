import { Option } from 'commander';
import { InputError, WeightsError } from '../errors.js';
import { createModel } from '../models/index.js';
import { type ReadOptions, tensorReader } from '../node/images/image.js';
import { note } from '../node/output.js';
import { preprocessOptions } from '../pretrained/preset.js';
import type { Variant } from '../wasm/features.js';
import { compile, type Session } from '../wasm/session.js';
import type { Network } from './network.js';
import { algorithmsOption, count, kernelsOption, revectorizeOption } from './options.js';

/** How a network is run. */
export interface RunFlags {
  readonly kernels?: Variant;
  readonly algorithms: 'direct' | 'fast';
  readonly threads: number;
  readonly revectorize?: true;
}

export const runOptions = (): readonly Option[] => [
  kernelsOption(),
  algorithmsOption('fast'),
  new Option('--threads <number>', 'threads that share each step').argParser(count).default(1),
  revectorizeOption(),
];

/** What a network says of an image. */
export interface Answer {
  /** A number a class, all finite. */
  readonly logits: Float32Array;
  /** The excitations of every SE block, by module path; empty unless asked for. */
  readonly gates: ReadonlyMap<string, Float32Array>;
}

/** A network that reads image files. */
export interface Classifier extends Disposable {
  readonly session: Session;
  /** @throws InputError, naming the file, if it cannot be read; WeightsError if the network overflows */
  classify(file: string): Promise<Answer>;
}

export interface ClassifierOptions extends ReadOptions {
  /** Return excitations. @defaultValue false */
  readonly gates?: boolean;
}

/** @throws InputError for gates of a network that has none; what `compile` throws */
export async function openClassifier(
  network: Network,
  flags: RunFlags,
  { gates = false, ...reading }: ClassifierOptions,
): Promise<Classifier> {
  const { id, options, classes, preset, weights, file: weightsFile } = network;
  const { kernels = 'auto', algorithms, threads } = flags;
  const graph = createModel(id, { ...options, classes, size: preset.size, gates });
  if (gates && graph.outputs.size === 1) throw new InputError(`--gates: ${id} has no SE blocks`);
  const session = await compile(graph, weights, { kernels, algorithms, threads });
  if (session.threadsNote) note(`one thread: ${session.threadsNote}`);
  const read = tensorReader(preprocessOptions(preset), reading);
  return {
    session,
    classify: async (file) => {
      const outputs = new Map([...session.run(await read(file))].map(([name, { data }]) => [name, data as Float32Array]));
      const logits = outputs.get('logits') as Float32Array;
      outputs.delete('logits');
      if (!logits.every(Number.isFinite))
        throw new WeightsError(`${weightsFile}: the network's outputs for ${file} are not finite: are these its weights?`);
      return { logits, gates: outputs };
    },
    [Symbol.dispose]: () => session.dispose(),
  };
}

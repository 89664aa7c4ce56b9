import { InputError, underName, WeightsError } from '../errors.js';
import { preprocessAsync } from '../io/preprocess.js';
import { abortable, type SignalLike } from '../io/signal.js';
import { createModel } from '../models/index.js';
import { preprocessOptions } from '../pretrained/preset.js';
import { shown, type Tensor } from '../tensor.js';
import type { CompileOptions } from '../wasm/options.js';
import { compile, type Disposed, type PackedFile, type Session } from '../wasm/session.js';
import type { Weights } from '../wasm/weights.js';
import type { Network } from './network.js';
import { type Picture, type PictureOptions, pixelsOf } from './picture.js';
import { probabilities, topIndices } from './top.js';

/** How a network is run, and what is told of a picture. */
export interface RunOptions extends Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'>, PictureOptions {
  /** How many classes to name. @defaultValue 5 */
  readonly top?: number;
  /** Tell the excitations of every SE block. @defaultValue false */
  readonly gates?: boolean;
  /** What `session.save()` of a classifier of the same network and options gave: it is compiled from that. @defaultValue the weights are packed */
  readonly packed?: PackedFile | undefined;
}

/** What a network says of a picture. */
export interface Classification {
  /** The most probable classes, the most probable first. */
  readonly top: readonly { readonly index: number; readonly label: string; readonly probability: number }[];
  /** A number per class, all finite. */
  readonly logits: Float32Array;
  /** The excitations of every SE block, by module path, a number per channel; empty unless asked for. */
  readonly gates: ReadonlyMap<string, Float32Array>;
}

export interface ClassifyOptions {
  /** Ends the wait: the promise is rejected with the signal's reason at once. */
  readonly signal?: SignalLike;
  /** What the picture is called in messages: a file's name. */
  readonly file?: string;
}

/** A network that reads pictures. */
export interface Classifier<W extends Weights = ReadonlyMap<string, Tensor>> extends Disposed {
  readonly network: Network<W>;
  readonly session: Session;
  /**
   * What is on a picture. Calls queue: one is run after another, and the event loop stays free meanwhile.
   *
   * @throws InputError if the picture cannot be read; WeightsError if the network overflows on it; the signal's reason, if it is aborted
   */
  classify(picture: Picture, options?: ClassifyOptions): Promise<Classification>;
  /** The same of many, in their order. The next picture is taken when the last answer was, so that one is held at a time. @throws as `classify` */
  classifyAll(
    pictures: Iterable<Picture> | AsyncIterable<Picture>,
    options?: Pick<ClassifyOptions, 'signal'>,
  ): AsyncGenerator<Classification, void, undefined>;
  /** Lets the session's memory and threads go; `using` calls it. */
  dispose(): void;
}

/** @throws InputError for gates of a network that has none, or a `top` that is no number; what `compile` throws */
export async function classifierOf<W extends Weights>(network: Network<W>, options: RunOptions = {}): Promise<Classifier<W>> {
  const { id, preset, classes, weights } = network;
  const { top = 5, gates = false, kernels = 'auto', algorithms = 'fast', threads = 1, packed, ...reading } = options;
  if (!Number.isSafeInteger(top) || top < 1) throw new InputError(`top is a whole number from 1, not ${shown(top)}`);
  const graph = createModel(id, { ...network.options, classes, size: preset.size, gates });
  if (gates && graph.outputs.size === 1) throw new InputError(`gates: ${id} has no SE blocks`);
  const session = await compile(graph, packed ?? weights, { kernels, algorithms, threads });
  const preprocessing = preprocessOptions(preset);

  async function answer(picture: Picture, { signal, file }: ClassifyOptions): Promise<Classification> {
    signal?.throwIfAborted();
    const pixels = await pixelsOf(picture, reading, file);
    const x = await preprocessAsync(pixels, preprocessing).catch((error: unknown) => {
      throw file === undefined ? error : underName(file, error);
    });
    signal?.throwIfAborted();
    const outputs = new Map([...(await session.runAsync(x))].map(([name, { data }]) => [name, data as Float32Array]));
    const logits = outputs.get('logits') as Float32Array;
    outputs.delete('logits');
    if (!logits.every(Number.isFinite))
      throw new WeightsError(`${network.file}: the network's outputs for ${file ?? 'the picture'} are not finite: are these its weights?`);
    return { top: topOf(network, logits, top), logits, gates: outputs };
  }

  let last: Promise<unknown> = Promise.resolve();
  const classify = (picture: Picture, options: ClassifyOptions = {}): Promise<Classification> => {
    const result = last.then(() => answer(picture, options));
    last = result.catch(() => {}); // the next begins whatever became of this one
    return options.signal ? abortable(result, options.signal) : result;
  };
  return {
    network,
    session,
    classify,
    async *classifyAll(pictures, options = {}) {
      for await (const picture of pictures) yield await classify(picture, options);
    },
    dispose: () => session.dispose(),
    [Symbol.dispose]: () => session.dispose(),
  };
}

function topOf({ labels }: Pick<Network, 'labels'>, logits: Float32Array, count: number): Classification['top'] {
  const shares = probabilities(logits);
  return topIndices(logits, count).map((index) => ({
    index,
    label: labels?.[index]?.name ?? String(index),
    probability: shares[index] as number,
  }));
}

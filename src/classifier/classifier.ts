import { InputError, underName, WeightsError } from '../errors.js';
import { preprocessAsync } from '../io/preprocess.js';
import { abortable, type SignalLike } from '../io/signal.js';
import { createModel } from '../models/index.js';
import { preprocessOptions } from '../pretrained/preset.js';
import { shown, type Tensor } from '../tensor.js';
import type { CompileOptions } from '../wasm/options.js';
import { compile, type Disposed, type PackedFile, type Session } from '../wasm/session.js';
import type { Weights } from '../wasm/weights.js';
import { chosenGates, type Gates } from './chosenGates.js';
import { type Excited, separated, withExcitations } from './excited.js';
import type { Network } from './network.js';
import { type Picture, type PictureOptions, taken } from './picture.js';
import { probabilities, topIndices } from './top.js';

/** How a network is run, and what is told of a picture. */
export interface RunOptions extends Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'>, PictureOptions {
  /** How many classes to name. @defaultValue 5 */
  readonly top?: number;
  /** Tell the excitations of every SE block. @defaultValue false */
  readonly gates?: boolean;
  /**
   * Tell too what they were made from: squeezed values and hidden units. An excitation's two layers are then two kernel calls instead of one, so that the
   * last bits may differ.
   *
   * @defaultValue false
   */
  readonly excitations?: boolean;
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
  /** How each gate came about, by its name; empty unless asked for. */
  readonly excitations: ReadonlyMap<string, Excited>;
}

export interface ClassifyOptions {
  /** Ends the wait: the promise is rejected with the signal's reason at once. */
  readonly signal?: SignalLike;
  /** What the picture is called in messages: a file's name. */
  readonly file?: string;
}

export interface ImageOptions {
  /** Gates by name, a number per channel each, that stand in the place of the network's own. Blocks that are not named compute theirs. */
  readonly gates?: Gates;
}

/** A network that reads pictures. */
export interface Classifier<W extends Weights = ReadonlyMap<string, Tensor>> extends Disposed {
  readonly network: Network<W>;
  readonly session: Session;
  /**
   * What is on a picture. Calls queue: one is run after another, and the event loop stays free meanwhile. Of a canvas, a video or a frame it is what they
   * show when this is called.
   *
   * @throws InputError if the picture cannot be read; WeightsError if the network overflows on it; the signal's reason, if it is aborted
   */
  classify(picture: Picture, options?: ClassifyOptions): Promise<Classification>;
  /** The network's image of a picture, [1, 3, H, W]: resized, cropped and normalised. @throws as `classify` */
  prepare(picture: Picture, options?: ClassifyOptions): Promise<Tensor>;
  /**
   * What is on an image that `prepare` gave; with `gates`, what the network would say if its gates were those. For that the network is compiled once more,
   * at the first such call and whenever other blocks are named than in the last one.
   *
   * @throws InputError for another image, or gates that the network does not have or that are not a number per channel; WeightsError as `classify`
   */
  run(image: Tensor, options?: ImageOptions): Promise<Classification>;
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
  const {
    top = 5,
    excitations = false,
    gates = excitations,
    kernels = 'auto',
    algorithms = 'fast',
    threads = 1,
    packed,
    ...reading
  } = options;
  if (!Number.isSafeInteger(top) || top < 1) throw new InputError(`top is a whole number from 1, not ${shown(top)}`);
  const model = { ...network.options, classes, size: preset.size };
  const graph = createModel(id, { ...model, gates });
  if (gates && graph.outputs.size === 1) throw new InputError(`gates: ${id} has no SE blocks`);
  const running = { kernels, algorithms, threads };
  const session = await compile(excitations ? withExcitations(graph) : graph, packed ?? weights, running);
  const chosen = chosenGates(
    () => createModel(id, { ...model, gates: true }),
    (given) => compile(given, weights, running),
  );
  const preprocessing = preprocessOptions(preset);

  async function imageOf(read: ReturnType<typeof taken>, { signal, file }: ClassifyOptions): Promise<Tensor> {
    signal?.throwIfAborted();
    const pixels = await read();
    const x = await preprocessAsync(pixels, preprocessing).catch((error: unknown) => {
      throw file === undefined ? error : underName(file, error);
    });
    signal?.throwIfAborted();
    return x;
  }

  async function answer(image: Tensor, given: Gates | undefined, what = 'the picture'): Promise<Classification> {
    const outputs = given === undefined ? await session.runAsync(image) : await chosen.run(image, given);
    const { logits, ...others } = separated(outputs);
    if (!logits.every(Number.isFinite))
      throw new WeightsError(`${network.file}: the network's outputs for ${what} are not finite: are these its weights?`);
    return { top: topOf(network, logits, top), logits, ...others };
  }

  let last: Promise<unknown> = Promise.resolve();
  /** One is run after another, whatever became of the one before. */
  function queue<T>(next: () => Promise<T>): Promise<T> {
    const result = last.then(next);
    last = result.catch(() => {});
    return result;
  }
  const classify = (picture: Picture, options: ClassifyOptions = {}): Promise<Classification> => {
    const read = taken(picture, reading, options.file);
    const result = queue(async () => answer(await imageOf(read, options), undefined, options.file));
    return options.signal ? abortable(result, options.signal) : result;
  };
  const prepare = (picture: Picture, options: ClassifyOptions = {}): Promise<Tensor> => {
    const result = imageOf(taken(picture, reading, options.file), options);
    return options.signal ? abortable(result, options.signal) : result;
  };
  const dispose = (): void => {
    session.dispose();
    chosen.dispose();
  };
  return {
    network,
    session,
    classify,
    prepare,
    run: (image, { gates: given } = {}) => queue(() => answer(image, given)),
    async *classifyAll(pictures, options = {}) {
      for await (const picture of pictures) yield await classify(picture, options);
    },
    dispose,
    [Symbol.dispose]: dispose,
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

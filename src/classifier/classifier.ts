import { InputError, underName, WeightsError } from '../errors.js';
import { count } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { checkKnown, type Keys } from '../graph/known.js';
import { abortable, checkSignal, type SignalLike } from '../io/signal.js';
import { preprocessOptions } from '../pretrained/preset.js';
import { shown, type Tensor } from '../tensor.js';
import type { CompileOptions } from '../wasm/options.js';
import { planned } from '../wasm/prepare.js';
import { compile, type Disposed, type Session } from '../wasm/session.js';
import type { PackedFile, Weights } from '../wasm/weights.js';
import { type Scoring, scoring } from './average.js';
import { chosenGates, type Gates } from './chosenGates.js';
import { type Classification, classification } from './classification.js';
import { type Outputs, separated, withExcitations } from './excited.js';
import { graphOf } from './graphOf.js';
import { batchesOf, batchOf, gathered, imagesOf } from './images.js';
import type { Network } from './network.js';
import { type Picture, type PictureOptions, taken } from './picture.js';
import { checkPictures } from './pictures.js';
import { type Protocol, type ProtocolOptions, protocolOf } from './protocol.js';

/** How a network is run, and what is told of a picture. */
export interface RunOptions extends Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'>, PictureOptions, ProtocolOptions {
  /** How many classes to name. @defaultValue 5 */
  readonly top?: number;
  /** Tell the excitations of every SE block; of one view, so not with several. @defaultValue false */
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
  /** Which views of a picture are taken. */
  readonly protocol: Protocol;
  /**
   * What is on a picture. Calls queue: one is run after another, and the event loop stays free meanwhile. Of a canvas, a video or a frame it is what they
   * show when this is called.
   *
   * @throws InputError if the picture cannot be read; WeightsError if the network overflows on it; the signal's reason, if it is aborted
   */
  classify(picture: Picture, options?: ClassifyOptions): Promise<Classification>;
  /** The network's image of a picture, [views, 3, H, W]: resized, cropped and normalised. @throws as `classify` */
  prepare(picture: Picture, options?: ClassifyOptions): Promise<Tensor>;
  /**
   * What is on an image that `prepare` gave; with `gates`, what the network would say if its gates were those. For that the network is compiled once more,
   * at the first such call and whenever other blocks are named than in the last one.
   *
   * @throws InputError for another image, gates that the network does not have or that are not a number per channel, or gates for several views;
   *   WeightsError as `classify`
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

/** What of a network says how it is run; its weights do not. */
export type Unweighted = Pick<Network, 'id' | 'options' | 'classes' | 'preset' | 'own'>;

/** How a network is run: what is compiled, with what, for how many of a picture's views at once. */
interface Arrangement {
  readonly graph: Graph;
  readonly running: Required<Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'>>;
  readonly batch: number;
  readonly protocol: Protocol;
}

/** @throws as `classifierOf`, but for what `compile` throws */
export async function arrange(network: Unweighted, options: RunOptions): Promise<Arrangement> {
  const { excitations = false, gates = excitations, kernels = 'auto', algorithms = 'fast', threads = 1 } = options;
  const seen = protocolOf(options, network.preset);
  const { views } = seen;
  if (gates) checkOneView(views);
  const running = { kernels, algorithms, threads };
  const batch = views === 1 || network.own?.single ? 1 : batchOf(views, (await planned(graphOf(network), running)).plan.arenaBytes);
  const graph = graphOf(network, { gates, batch });
  const protocol = { ...seen, macs: (count(graph).macs * views) / batch };
  if (gates && graph.outputs.size === 1) throw new InputError(`gates: ${network.id} has no SE blocks`);
  return { graph: excitations ? withExcitations(graph) : graph, running, batch, protocol };
}

/**
 * @throws InputError for gates of a network that has none or of several views, a `top` that is no number, or a protocol that is none; what `compile`
 *   throws
 */
export async function classifierOf<W extends Weights>(network: Network<W>, options: RunOptions = {}): Promise<Classifier<W>> {
  const { preset, classes, weights } = network;
  const { top = 5, packed, ...reading } = options;
  if (!Number.isSafeInteger(top) || top < 1) throw new InputError(`top is a whole number from 1, not ${shown(top)}`);
  const { graph, running, batch, protocol } = await arrange(network, options);
  const { views } = protocol;
  const session = await compile(graph, packed ?? weights, running);
  const chosen = chosenGates(
    () => graphOf(network, { gates: true }),
    (given) => compile(given, weights, running),
  );
  const preprocessing = preprocessOptions(preset);

  async function* batches(read: ReturnType<typeof taken>, { signal, file }: ClassifyOptions): AsyncGenerator<Tensor, void, undefined> {
    signal?.throwIfAborted();
    const pixels = await read();
    const images = imagesOf(pixels, protocol, preprocessing, batch);
    for (;;) {
      const { value, done } = await images.next().catch((error: unknown) => {
        throw file === undefined ? error : underName(file, error);
      });
      signal?.throwIfAborted();
      if (done) return;
      yield value;
    }
  }

  const checked = (outputs: Outputs, what = 'the picture'): Outputs => {
    if (!outputs.logits.every(Number.isFinite))
      throw new WeightsError(`${network.file}: the network's outputs for ${what} are not finite: are these its weights?`);
    return outputs;
  };
  async function answer(images: AsyncIterable<Tensor> | Iterable<Tensor>, given?: Gates, what?: string): Promise<Classification> {
    const parts: Scoring[] = [];
    let first: Outputs | undefined;
    for await (const image of images) {
      const outputs = checked(separated(given === undefined ? await session.runAsync(image) : await chosen.run(image, given)), what);
      for (let at = 0; at < outputs.logits.length; at += classes) parts.push(scoring(outputs.logits.subarray(at, at + classes)));
      first ??= outputs; // the only one where gates are told
    }
    const { gates, excitations } = first as Outputs;
    return { ...classification(network, parts, protocol.average, top), gates, excitations };
  }

  let last: Promise<unknown> = Promise.resolve();
  /** One is run after another, whatever became of the one before. */
  function queue<T>(next: () => Promise<T>): Promise<T> {
    const result = last.then(next);
    last = result.catch(() => {});
    return result;
  }
  const classify = (picture: Picture, options: ClassifyOptions = {}): Promise<Classification> => {
    checkAsked('classify', options);
    const read = taken(picture, reading, options.file);
    const result = queue(() => answer(batches(read, options), undefined, options.file));
    return options.signal ? abortable(result, options.signal) : result;
  };
  const prepare = (picture: Picture, options: ClassifyOptions = {}): Promise<Tensor> => {
    checkAsked('prepare', options);
    const result = gathered(batches(taken(picture, reading, options.file), options), views);
    return options.signal ? abortable(result, options.signal) : result;
  };
  const dispose = (): void => {
    session.dispose();
    chosen.dispose();
  };
  return {
    network,
    session,
    protocol,
    classify,
    prepare,
    run: (image, options = {}) =>
      queue(() => {
        checkImageOptions(options);
        const { gates: given } = options;
        if (given !== undefined) checkOneView(views);
        return answer(views === 1 ? [image] : batchesOf(image, [views, 3, preset.size, preset.size], batch), given);
      }),
    async *classifyAll(pictures, options = {}) {
      checkPictures(pictures);
      for await (const picture of pictures) yield await classify(picture, options);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

const classifyKeys: Keys<ClassifyOptions> = { signal: true, file: true };

/** @throws InputError for an option that there is none of, or a signal that is none */
export function checkAsked(who: string, options: ClassifyOptions): void {
  checkKnown(who, options, classifyKeys);
  checkSignal(options.signal);
}

/** @throws InputError for an option that there is none of */
export const checkImageOptions = (options: ImageOptions): void => checkKnown('run', options, { gates: true } satisfies Keys<ImageOptions>);

/** Gates differ from view to view. @throws InputError */
function checkOneView(views: number): void {
  if (views > 1) throw new InputError(`gates are of one view, found ${views}: leave out crops and scales`);
}

import { type Picture, type PictureOptions, taken } from '../classifier/picture.js';
import type { Size } from '../detect/boxes.js';
import { type Detections, detectionRule } from '../detect/detections.js';
import { restoreBoxes, transformImages, transformRule } from '../detect/transform.js';
import { InputError, underName, WeightsError } from '../errors.js';
import type { Pixels } from '../io/resize.js';
import { abortable, type SignalLike } from '../io/signal.js';
import { shown } from '../tensor.js';
import { compileAfter } from '../wasm/compileAfter.js';
import type { CompiledSession } from '../wasm/compiled.js';
import { type CompileOptions, targetOf } from '../wasm/options.js';
import type { Disposed, Session } from '../wasm/session.js';
import type { Weights } from '../wasm/weights.js';
import type { DetectorNetwork } from './network.js';
import { runDetector } from './run.js';
import { detections, largestOf } from './stages.js';

/** How a detector is run, and which detections are told. */
export interface DetectorRunOptions extends Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'>, PictureOptions {
  /** Only detections of greater scores are told, from 0 to 1. @defaultValue 0.5 */
  readonly score?: number;
  /** What the shorter side of an image becomes, in pixels. @defaultValue the network's own: 800, or 320 */
  readonly minSize?: number;
  /** Unless the longer one would become longer than this. @defaultValue the network's own: 1333, or 640 */
  readonly maxSize?: number;
}

/** Something found on a picture. */
export interface Detection {
  /** The class, from 1. */
  readonly index: number;
  readonly label: string;
  /** A probability. */
  readonly score: number;
  /** In pixels of the picture, from its upper left corner. */
  readonly box: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number };
}

/** What is on a picture. */
export interface DetectionResult {
  /** The surest first. */
  readonly detections: readonly Detection[];
  /** The picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  /** Boxes and scores that were left out because they are not finite: of weights that fit there are none. */
  readonly dropped: number;
}

export interface DetectOptions {
  /** Ends the wait: the promise is rejected with the signal's reason at once. */
  readonly signal?: SignalLike;
  /** What the picture is called in messages: a file's name. */
  readonly file?: string;
}

/** A network that finds things on pictures. */
export interface Detector<W extends Weights = Weights> extends Disposed {
  readonly network: DetectorNetwork<W>;
  /**
   * What is on a picture, and where. Calls queue. For a picture of another size the network is planned anew, since its memory depends on it; packed weights stay.
   *
   * @throws InputError if the picture cannot be read, or is too narrow to be resized; PlanError if its memory would exceed 4 GiB; the signal's reason, if it is aborted
   */
  detect(picture: Picture, options?: DetectOptions): Promise<DetectionResult>;
  /** The session that the last picture was run in; undefined before the first. */
  readonly session: Session | undefined;
  /** Lets the session's memory and threads go; `using` calls it. */
  dispose(): void;
}

/** The least score of those that are looked at: torchvision's. A lower `score` lowers it too. */
const { scoreThreshold: usualScore } = detectionRule;

/** @throws InputError for an option whose value cannot be; UnsupportedError for kernels that the engine lacks */
export function detectorOf<W extends Weights>(network: DetectorNetwork<W>, options: DetectorRunOptions = {}): Detector<W> {
  const { model } = network;
  const { settings } = model;
  const {
    kernels = 'auto',
    algorithms = 'fast',
    threads = 1,
    score = 0.5,
    minSize = settings.minSize,
    maxSize = settings.maxSize,
    ...reading
  } = options;
  if (!(Number.isFinite(score) && score >= 0 && score <= 1)) throw new InputError(`score is a number from 0 to 1, not ${shown(score)}`);
  for (const [name, side] of Object.entries({ minSize, maxSize }))
    if (!Number.isSafeInteger(side) || side < 1) throw new InputError(`${name} is a whole number of pixels, not ${shown(side)}`);
  targetOf({ kernels, algorithms, threads }); // a wrong one is told now, not of the first picture
  const rule = { ...detectionRule, scoreThreshold: Math.min(score, usualScore) };
  const sessions = lastSession(network, { kernels, algorithms, threads });

  async function found(pixels: Pixels): Promise<DetectionResult> {
    const batch = transformImages([pixels], { ...transformRule, minSize, maxSize });
    const { outputs, proposals } = await runDetector(await sessions.of(largestOf(batch.sizes)), model, batch);
    const [of] = detections(outputs, proposals, batch, rule) as [Detections];
    const [original] = batch.originals as [Size];
    const boxes = restoreBoxes(of.boxes, batch.sizes[0] as Size, original);
    const all = Array.from(of.scores, (value, i): Detection => {
      const index = of.labels[i] as number;
      const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as readonly [number, number, number, number];
      return { index, label: network.labels[index] ?? String(index), score: value, box: { x1, y1, x2, y2 } };
    });
    const dropped = of.dropped + proposals.reduce((sum, one) => sum + one.dropped, 0);
    return { detections: all.filter((one) => one.score > score), width: original[1], height: original[0], dropped };
  }

  let last: Promise<unknown> = Promise.resolve();
  const detect = (picture: Picture, { signal, file }: DetectOptions = {}): Promise<DetectionResult> => {
    const read = taken(picture, reading, file);
    const result = last.then(async () => {
      signal?.throwIfAborted();
      const pixels = await read();
      signal?.throwIfAborted();
      return await found(pixels).catch((error: unknown) => {
        throw file === undefined || error instanceof WeightsError ? error : underName(file, error); // weights are not the picture's
      });
    });
    last = result.catch(() => {});
    return signal ? abortable(result, signal) : result;
  };
  return {
    network,
    detect,
    get session() {
      return sessions.last();
    },
    dispose: sessions.dispose,
    [Symbol.dispose]: sessions.dispose,
  };
}

/** Compiles for the size that is wanted, and keeps the last session, whose memory the next takes over. */
function lastSession({ model, classes, eps, weights }: DetectorNetwork, running: CompileOptions) {
  let kept: { readonly key: string; readonly session: CompiledSession } | undefined;
  let disposed = false;
  const dispose = (): void => {
    kept?.session.dispose();
    kept = undefined;
    disposed = true;
  };
  return {
    last: () => kept?.session,
    dispose,
    async of(size: Size): Promise<Session> {
      const graph = model.create({ size, classes, ...(eps !== undefined && { eps }) });
      const key = JSON.stringify(graph.nodes.filter(({ op }) => op !== 'param')); // sizes that are padded alike are one graph
      if (kept?.key === key) return kept.session;
      const before = kept?.session;
      kept = undefined;
      const session = await compileAfter(before, graph, weights, running);
      if (disposed) session.dispose();
      else kept = { key, session };
      return session;
    },
  };
}

import type { Normalisation } from 'senet';

/** Why a request cannot be answered now: the queue is full, its time is out, the server stops, or a worker crashed twice over it. */
export const refusals = ['full', 'deadline', 'stopping', 'unavailable'] as const;
export type Refusal = (typeof refusals)[number];

/** A request that was not answered, and may be made again. */
export class RefusedError extends Error {
  readonly reason: Refusal;
  /** When it is worth asking again. */
  readonly retryAfterSeconds: number;

  constructor(reason: Refusal, message: string, retryAfterSeconds = 1) {
    super(message);
    this.name = 'RefusedError';
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What a network says of one image. */
export interface Outputs {
  /** A number per class. */
  readonly logits: Float32Array;
  /** The excitations of every SE block, by module path; empty unless asked for. */
  readonly gates: ReadonlyMap<string, Float32Array>;
}

/** Where the time went from the acceptance of an image to its answer, in milliseconds. */
export interface Timing {
  /** In the queue, on the way, and behind others at the worker. */
  readonly wait: number;
  /** Until the network's image was there: a picture is decoded, resized and normalised. */
  readonly prepare: number;
  readonly run: number;
  /** How many images the run was of. */
  readonly images: number;
  /** The worker's process id. */
  readonly worker: number;
}

export interface Answer extends Outputs {
  /** Of the classes, if they have names: of the weights that answered, which a reload may have exchanged since. */
  readonly labels: readonly string[] | undefined;
  readonly timing: Timing;
}

export interface AskOptions {
  /** Ends the wait, and the run if nobody else waits for it. */
  readonly signal: AbortSignal;
  /** As `performance.now()` counts: later the answer is of no use. */
  readonly deadline?: number;
}

/** A network that answers requests: batches, workers and the queue are behind it. */
export interface ServedModel {
  readonly name: string;
  /** [3, H, W] of one image. */
  readonly input: readonly [3, number, number];
  readonly classes: number;
  /** How pixels of its size become an image; without it pixels are refused, and only images and pictures taken. */
  readonly normalisation?: Normalisation | undefined;
  /** Whether a worker can answer now. */
  readonly ready: boolean;
  /**
   * What is on one image [3, H, W], normalised as the network expects it.
   *
   * @throws RefusedError; the signal's reason; senet's InputError for values that do not fit
   */
  infer(image: Float32Array, options: AskOptions): Promise<Answer>;
  /** What is on an encoded picture, which the worker decodes and prepares. @throws as `infer`; senet's InputError for a picture that cannot be read */
  classify(picture: Uint8Array, options: AskOptions & { readonly gates: boolean }): Promise<Answer>;
}

/** The networks of a server. */
export interface ModelHost {
  readonly models: ReadonlyMap<string, ServedModel>;
  /** Takes no more, waits for what was accepted until the time is out, ends the workers. */
  drain(ms: number): Promise<void>;
  /** Loads a network's weights anew and swaps, while requests go on. @throws senet's errors if they cannot be loaded: then the old ones stay */
  reload(name: string): Promise<void>;
}

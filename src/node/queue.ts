import { UnsupportedError } from '../errors.js';
import type { KernelsBuild } from '../wasm/features.js';
import type { TileName } from '../wasm/options.js';

/** A network as another machine finds and recognises it. */
export interface QueuedNetwork {
  /** Of its file of weights. */
  readonly sha256: string;
  readonly bytes: number;
  /** What the file is called, without its folder: published weights are known by it. */
  readonly file: string;
  /** What `createClassifier` takes. */
  readonly model?: string;
  readonly state?: string;
  readonly size?: number | 'test';
  readonly crop?: number;
  readonly interpolation?: string;
  /** What the file must turn out to be: as the members of `Network`. */
  readonly found: { readonly id: string; readonly takenFrom: string; readonly options: object; readonly preset: object };
  readonly classes: number;
}

/** How networks are run: all that the bits of an answer depend on. */
export interface QueuedRunOptions {
  readonly kernels: KernelsBuild;
  readonly algorithms: 'direct' | 'fast';
  readonly tile: TileName;
  readonly tolerant: boolean;
  /** How many of the most probable classes are told. */
  readonly top: number;
  readonly crops?: number;
  readonly scales?: readonly number[];
  readonly average?: string;
  readonly memberWeights?: readonly number[];
}

export interface QueuedImage {
  readonly index: number;
  /** Its place below the folder of images. */
  readonly name: string;
  /** What messages call it. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Images, and the networks that answer: nothing in it is of one machine. */
export interface QueuedEvaluation {
  /** senet's, which must be a worker's too. */
  readonly version: string;
  readonly members: readonly QueuedNetwork[];
  readonly run: QueuedRunOptions;
  readonly images: readonly QueuedImage[];
}

/** What became of an image: its most probable classes, most probable first, or why there are none. */
export type QueuedAnswer = { readonly index: number } & ({ readonly top: readonly number[] } | { readonly error: string });

/** An evaluation that Redis has. */
export interface QueuedRun {
  /** How many images were answered before this process came. */
  readonly earlier: number;
  /**
   * The answers as they come, those from before first; it ends when all are there, or when `stopped` says so. A shard that was done twice counts once.
   *
   * @throws InputError if a shard failed as often as it is tried
   */
  answers(stopped: () => boolean): AsyncGenerator<readonly QueuedAnswer[], void, undefined>;
  /** Removes what Redis keeps of it. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** What of `senet-serve/queue` is used. */
export interface QueuePart {
  /** Enqueues what is not done yet. @throws InputError where no Redis answers */
  openRun(url: string, evaluation: QueuedEvaluation): Promise<QueuedRun>;
}

/** The package is another's dependency, not this one's. @throws UnsupportedError where it is not installed */
export async function loadQueue(name = 'senet-serve/queue'): Promise<QueuePart> {
  try {
    return await import(name);
  } catch (cause) {
    throw new UnsupportedError(`--queue needs the package senet-serve: npm install senet-serve (${(cause as Error).message})`, { cause });
  }
}

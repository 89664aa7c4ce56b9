import type { Normalisation } from 'senet';
import type { Outputs, Timing } from './model.js';

/** What a server and its workers say to each other. Processes share nothing, so each message is a copy. */

/** What a worker is to run. */
export interface WorkerOptions {
  /** As `createClassifier` takes it: the name of published weights; with weights, of a network. */
  readonly model?: string | undefined;
  /** A file of weights that the server has opened. */
  readonly weights?: OpenFile | undefined;
  /** Images of one run at most. */
  readonly maxBatch: number;
  /** Width × height of a picture at most. */
  readonly maxPixels: number;
}

/** A file that a worker inherits, so that it never opens a path. */
export interface OpenFile {
  /** Its name without folders: published files are recognised by it. */
  readonly name: string;
  readonly size: number;
  /** Its size and times: a file that was written to has others. */
  readonly identity: string;
}

/** Where a worker finds the file among its descriptors. */
export const weightsDescriptor = 4;

/** What is asked of one picture, or of one image [3, H, W] that is normalised already. */
export type Ask = { readonly picture: Uint8Array; readonly gates: boolean } | { readonly image: Float32Array };

/** What a worker says of its network when it is ready. */
export interface Facts {
  /** [3, H, W]. */
  readonly input: readonly [3, number, number];
  readonly classes: number;
  readonly labels: readonly string[] | undefined;
  /** How pixels of its size become an image. */
  readonly normalisation: Normalisation;
  /** The register tile of its kernels, as SENET_TILE names it. */
  readonly tile: string;
  /** Images that one run takes: `maxBatch` where such runs are faster and say the same, else 1. */
  readonly batch: number;
}

/** Why there is no answer: what was sent is not usable, or the server is at fault. */
export interface Fault {
  readonly kind: 'input' | 'server';
  readonly message: string;
}

export type ToWorker =
  | { readonly kind: 'start'; readonly options: WorkerOptions }
  | { readonly kind: 'ask'; readonly asks: readonly { readonly id: number; readonly ask: Ask }[] }
  /** Nobody waits for it any more: it is dropped, and a run of nothing else is ended. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'ping' };

/** What became of what was asked. */
export type Result = { readonly id: number } & (
  | ({ readonly timing: Omit<Timing, 'wait' | 'worker'> } & Outputs)
  | { readonly fault: Fault }
);

export type FromWorker =
  | { readonly kind: 'ready'; readonly facts: Facts }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  /** One message of a run, since each wakes the server: `images` were run, and `results` are of those that are still waited for. */
  | { readonly kind: 'ran'; readonly images: number; readonly seconds: number; readonly results: readonly Result[] }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: Fault }
  | { readonly kind: 'dropped'; readonly id: number }
  | { readonly kind: 'pong' };

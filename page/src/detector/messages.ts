import type { DetectionResult, Picture } from 'senet';

/** To what the shorter side of a picture is resized: 320 pixels, which is fast, or as many as the network was trained for. */
export const sides = ['320', 'own'] as const;
export type Side = (typeof sides)[number];

/** What the page asks of the worker that runs a detector. The first message opens a file. */
export type Asked =
  | { readonly kind: 'open'; readonly file: File; readonly side: Side; readonly threads: number }
  | { readonly kind: 'detect'; readonly id: number; readonly picture: Picture; readonly title: string }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'forget'; readonly id: number };

export type Told =
  /** The file is no detector's: a classifier's reader says what it is. */
  | { readonly kind: 'other' }
  | { readonly kind: 'opened'; readonly facts: DetectorFacts }
  /** Weights are read while a network is compiled: `share` of the file, from 0 to 1. */
  | { readonly kind: 'read'; readonly id: number; readonly share: number }
  | { readonly kind: 'found'; readonly id: number; readonly sight: Sight }
  /** Without an id: of the file. */
  | { readonly kind: 'failed'; readonly id?: number; readonly message: string };

/** What is told of a detector. */
export interface DetectorFacts {
  /** `source/name`. */
  readonly id: string;
  /** Without the background. */
  readonly classes: number;
  /** Whether its trunk has SE blocks. */
  readonly se: boolean;
  /** What the shorter side of a picture becomes, where the visitor wants the network's own. */
  readonly ownSide: number;
  readonly notes: readonly string[];
}

/** What was found on a picture, and how. */
export interface Sight {
  readonly found: DetectionResult;
  /** From the file to boxes. */
  readonly milliseconds: number;
  /** Whether the network was compiled for this picture's size, its weights being read anew. */
  readonly compiled: boolean;
  readonly kernels: string;
  readonly threads: number;
  readonly threadsNote: string | undefined;
}

import type { Reading } from '../../data/reading.js';

/** Labelled images, all of them. */
export interface ImageSet extends Reading {
  /** What the classes are called, by index. */
  readonly classes: readonly string[];
  /** The class of each image. */
  readonly labels: readonly number[];
  readonly stored: StoredImages;
}

/**
 * Where the images are, as plain values, so that a worker can be given them: in files, decoded when they are wanted, damaged ones too where that is
 * tolerated; or in memory, one after another, each height × width × 3 bytes.
 */
export type StoredImages =
  | { readonly kind: 'files'; readonly paths: readonly string[]; readonly tolerant?: boolean }
  | { readonly kind: 'pixels'; readonly source: string; readonly width: number; readonly height: number; readonly data: Uint8Array };

/** What messages call an image. */
export const nameOf = (stored: StoredImages, image: number): string =>
  stored.kind === 'files' ? (stored.paths[image] as string) : `${stored.source}: image ${image}`;

import type { OutputOptions } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';

/** A classifier that is none of the zoo: its file says what it computes. */
export interface OwnNetwork {
  /** The side of its image, where nobody asks for another. */
  readonly size: number;
  /** Whether it takes one image a run and no more. */
  readonly single: boolean;
  /** @throws InputError and ShapeError for an image that it does not take */
  create(options: ImageSize & Pick<OutputOptions, 'gates'>): Graph;
}

/** What an image is asked for as. */
export interface ImageSize {
  /** Of its side. */
  readonly size: number;
  /** @defaultValue 1 */
  readonly batch?: number;
}

import type { OutputOptions } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';

/** A classifier that is none of the zoo: its file says what it computes. */
export interface OwnNetwork {
  /** The side of its image, where nobody asks for another. */
  readonly size: number;
  /** @throws InputError and ShapeError for an image that it does not take */
  create(options: ImageSize & Pick<OutputOptions, 'gates'>): Graph;
}

interface ImageSize {
  readonly size: number;
  /** @defaultValue 1 */
  readonly batch?: number;
}

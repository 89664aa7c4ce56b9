import type { Graph } from '../../graph/graph.js';
import type { Pair } from '../../ops/op.js';

/** What a detector's graph depends on beside its row. */
export interface DetectionOptions {
  /** [height, width] of the largest image of a run along each side, resized. The input is padded at the bottom and right to multiples of 32. */
  readonly size: Pair;
  /** Images a run. @defaultValue 1 */
  readonly batch?: number;
  /** Regions that a run has place for, over all images. @defaultValue as many as the network proposes for so many images */
  readonly regions?: number;
  /** Categories and, as class 0, the background. @defaultValue 91, COCO's */
  readonly classes?: number;
  /** ε of the body's batch norms. @defaultValue the published weights' */
  readonly eps?: number;
  /** `false` leaves the gates out. @defaultValue true */
  readonly se?: boolean;
  /** Gates are outputs too. @defaultValue false */
  readonly gates?: boolean;
  /** The maps (`mapFeatures`) and the pooled regions, `pooled`, are outputs too. @defaultValue false */
  readonly features?: boolean;
}

/** What a detector does between its graph's inputs and outputs, as its publisher runs it. */
export interface DetectionSettings {
  /** The shorter and the longer side of the resized image are at most these. */
  readonly minSize: number;
  readonly maxSize: number;
  /** Of each map, the sides of its square anchors, in pixels. */
  readonly anchorSizes: readonly (readonly number[])[];
  /** Height by width. */
  readonly anchorRatios: readonly number[];
  /** Anchors of a map that are looked at, the likeliest; regions that are kept over all maps. */
  readonly preNms: number;
  readonly postNms: number;
  /** A region's least probability of being an object. */
  readonly proposalScore: number;
}

/** A detector of the zoo. */
export interface DetectionModel {
  /** `source/name`. */
  readonly id: string;
  readonly se: boolean;
  readonly settings: DetectionSettings;
  /** The maps that regions are proposed on, as its outputs name them: `0`, `1`, …, `pool`. */
  readonly maps: readonly string[];
  /** What each of them is called where features are outputs: `fpn.0`, `fpn.1`, …, `fpn.pool`; the one map of the C4 form `c4`. */
  readonly mapFeatures: readonly string[];
  /** How many of them regions are pooled from. */
  readonly pooledMaps: number;
  /** Whether the published weights' batch norms are frozen: their files have no counters. */
  readonly frozen: boolean;
  /**
   * Its graph. Inputs: `input` [N, 3, H, W], padded; `regions` [R, 6], rows of map, image, x1, y1, x2, y2 in pixels of `input`, map −1 where there is none. Outputs: for each map K
   * `objectness.K` [N, A, h, w] and `deltas.K` [N, 4·A, h, w]; `classLogits` [R, classes] and `boxDeltas` [R, 4·classes].
   *
   * @throws InputError for an option that is none; ShapeError for a size that the network cannot reduce
   */
  readonly create: (options: DetectionOptions) => Graph;
}

import type { Gates } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';

/** Where a network's published definition and tensor names come from, in the order in which a bare name is looked up. */
export const sources = ['timm', 'torchvision', 'pytorchcv', 'cadene', 'moskomule', 'caffe', 'senet'] as const;
export type Source = (typeof sources)[number];

export interface ModelOptions {
  /** Outputs of the classifier. @defaultValue 1000 */
  readonly classes?: number;
  /** Extent of a square image, or [height, width]. @defaultValue the network's own, mostly 224 */
  readonly size?: number | readonly [number, number];
  /** Images a run. @defaultValue 1 */
  readonly batch?: number;
  /** r of Hu 2018, eq. 3. @defaultValue the network's own, mostly 16 */
  readonly reduction?: number;
  /** Gates to return beside the logits: `true` for all, or module paths. @defaultValue false */
  readonly gates?: Gates;
  /** `false` leaves the gates out and everything else as it is: the only fair host to measure their cost against. @defaultValue true */
  readonly se?: boolean;
}

/** Options about gates that a network need not take; those of all networks are not among them. */
export const gateOptions = ['reduction'] as const satisfies readonly (keyof ModelOptions)[];
export type GateOption = (typeof gateOptions)[number];

/** A network of the zoo. */
export interface Model {
  /** `source/name`. */
  readonly id: string;
  readonly family: string;
  readonly se: boolean;
  /** The extent of the image that the published weights expect. */
  readonly size: number;
  /** For bottleneck networks: `v1` strides in the first 1×1 convolution, `v1.5` in the 3×3. */
  readonly variant?: 'v1' | 'v1.5' | undefined;
  /** The options about gates that it takes; the others are errors. @defaultValue none */
  readonly takes?: readonly GateOption[];
  readonly create: (options: ModelOptions) => Graph;
}

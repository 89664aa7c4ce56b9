import type { Admit, OutputOptions } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import type { QuantisedRecipe } from '../quant/recipe.js';

/** Where a network's published definition and tensor names come from, in the order in which a bare name is looked up. */
export const sources = ['timm', 'torchvision', 'pytorchcv', 'cadene', 'moskomule', 'caffe', 'senet'] as const;
export type ModelSource = (typeof sources)[number];

/** The variants of Hu 2018, §6 (docs/spec/paper.md §2 and §4). */
export const squeezes = ['avg', 'max', 'none'] as const;
export const excitations = ['sigmoid', 'tanh', 'relu'] as const;
export const placements = ['standard', 'pre', 'post', 'identity', '3x3'] as const;

/** Of a row of the zoo, which makes the float network. */
export interface FloatModelOptions extends OutputOptions {
  /** Outputs of the classifier. @defaultValue 1000 */
  readonly classes?: number;
  /** Extent of a square image, or [height, width]. @defaultValue the network's own, mostly 224 */
  readonly size?: number | readonly [number, number];
  /** Images a run. @defaultValue 1 */
  readonly batch?: number;
  /** r of Hu 2018, eq. 3. @defaultValue the network's own, mostly 16 */
  readonly reduction?: number;
  /** What an SE block squeezes a channel by: its mean, its largest value, or not at all (tables 11 and 16). @defaultValue `avg` */
  readonly squeeze?: (typeof squeezes)[number];
  /** What makes a gate of the second layer's output (table 12). @defaultValue the network's own, mostly `sigmoid` */
  readonly excitation?: (typeof excitations)[number];
  /** Whether the two layers of an SE block have biases. @defaultValue as in the published weights */
  readonly gateBias?: boolean;
  /** Where in a unit its SE block is (fig. 5, tables 14 and 15). @defaultValue `standard` */
  readonly placement?: (typeof placements)[number];
  /** Stages with SE blocks, as table 13 counts them: the stem is stage 1, `layer1` is 2. @defaultValue all */
  readonly stages?: readonly number[];
  /** `false` leaves the gates out and everything else as it is: the only fair host to measure their cost against. @defaultValue true */
  readonly se?: boolean;
}

export interface ModelOptions extends FloatModelOptions {
  /** How it is quantised: its weights are then integers, as `senet quantize` makes them. @defaultValue it is not */
  readonly quantised?: QuantisedRecipe;
}

/** The options that only some networks take. */
export const gateOptions = [
  'reduction',
  'squeeze',
  'excitation',
  'gateBias',
  'placement',
  'stages',
] as const satisfies readonly (keyof ModelOptions)[];
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
  readonly version?: 'v1' | 'v1.5' | undefined;
  /** Which of those it takes; the others are errors. @defaultValue none */
  readonly takes?: readonly GateOption[];
  /** Its graph. @throws InputError for an unknown option, gate or feature; ShapeError for a size that the network cannot reduce. */
  readonly create: (options?: FloatModelOptions) => Graph;
  /** Its graph, unless one of its parameters is not admitted: much sooner known than all of them. */
  readonly createIf: (admit: Admit) => Graph | undefined;
}

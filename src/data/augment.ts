import { centreCrop, type Filter, type Pixels, resizeShorter } from '../io/resize.js';
import { type AreaCrop, areaCrop, padCrop } from './crops.js';
import { type Jitter, jitter } from './jitter.js';
import { mirror } from './mirror.js';
import type { Random } from './random.js';
import { rotate } from './rotate.js';

/** What a step is told, by its name: plain values, so that a configuration file can hold a list of steps. Sizes are in pixels. */
export interface AugmentationOptions {
  /** The shorter side becomes `size`. */
  readonly resize: { readonly size: number; readonly filter: Filter };
  /** A square from the middle. */
  readonly centreCrop: { readonly size: number };
  /** A square from anywhere in the image with `padding` black pixels on each side. */
  readonly padCrop: { readonly size: number; readonly padding: number };
  /** A rectangle of random area, aspect and place, resized to a square. */
  readonly areaCrop: AreaCrop;
  /** Turned by an angle of up to so many degrees either way. */
  readonly rotate: { readonly degrees: number };
  /** Colours of another light. */
  readonly jitter: Jitter;
  /** Left and right exchanged, of one image in two. */
  readonly flip: Readonly<Record<never, never>>;
}

export type AugmentationName = keyof AugmentationOptions;
export type Augmentation = { [N in AugmentationName]: { readonly name: N } & AugmentationOptions[N] }[AugmentationName];

type Steps = { readonly [N in AugmentationName]: (pixels: Pixels, options: AugmentationOptions[N], random: Random) => Pixels };

const steps: Steps = {
  resize: (pixels, { size, filter }) => resizeShorter(pixels, size, filter),
  centreCrop: (pixels, { size }) => centreCrop(pixels, size),
  padCrop,
  areaCrop,
  rotate,
  jitter,
  flip: (pixels, _, random) => (random.whole(0, 1) === 1 ? mirror(pixels) : pixels),
};

/**
 * The image after one step upon another; what is left to chance is drawn from `random`, in the order of the steps.
 *
 * @throws InputError for a size that is not whole and positive
 */
export const augment = (pixels: Pixels, list: readonly Augmentation[], random: Random): Pixels =>
  list.reduce((image, step) => apply(image, step, random), pixels);

const apply = <N extends AugmentationName>(pixels: Pixels, step: { readonly name: N } & AugmentationOptions[N], random: Random): Pixels =>
  steps[step.name](pixels, step, random);

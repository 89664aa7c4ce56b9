import type { Augmentation } from '../../data/augment.js';
import { InputError } from '../../errors.js';
import type { Pixels } from '../../io/resize.js';

/** What a network takes. */
export interface Fit {
  /** The side of its image, in pixels. */
  readonly side: number;
  /** The key of the configuration that has the steps. */
  readonly key: 'augmentation' | 'preparation';
}

/** The usual ones, for images of any size. */
const usualSteps = {
  augmentation: (size: number) => [{ name: 'areaCrop', size }],
  preparation: (size: number) => [
    { name: 'resize', size },
    { name: 'centreCrop', size },
  ],
} as const;

const makeSquares: readonly string[] = ['padCrop', 'areaCrop', 'centreCrop'];

/** @throws InputError for an image of another size, which says what to change in the configuration */
export function checkFit({ width, height }: Pixels, steps: readonly Augmentation[], { side, key }: Fit): void {
  if (width === side && height === side) return;
  const square = steps.findLastIndex(({ name }) => makeSquares.includes(name));
  const advice =
    square === -1
      ? `add ${usualSteps[key](side)
          .map((step) => JSON.stringify(step))
          .join(', ')} to ${key}`
      : `${key}[${square}].size must be ${side}`;
  throw new InputError(
    `is ${width}×${height} pixels${steps.length > 0 ? ` after the steps of ${key}` : ''} where the network takes ${side}×${side}: ${advice}`,
  );
}

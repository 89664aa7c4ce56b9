/** Errors among images, and the interval that holds the true rate with 95 % confidence. */
export interface Rate {
  readonly errors: number;
  readonly images: number;
  /** Of the images. */
  readonly error: number;
  readonly interval: readonly [low: number, high: number];
}

/** The number of standard deviations within which 95 % of a normal distribution lie. */
const z = 1.959963984540054;

/** Wilson 1927: an interval that holds for few images and for rates near 0 and 1, too. */
export function wilson(errors: number, images: number): readonly [low: number, high: number] {
  if (images === 0) return [0, 1];
  const rate = errors / images;
  const centre = rate + z ** 2 / (2 * images);
  const reach = z * Math.sqrt((rate * (1 - rate)) / images + z ** 2 / (4 * images ** 2));
  const scale = 1 + z ** 2 / images;
  // rounding must not take the ends beyond what they are exactly
  return [errors === 0 ? 0 : (centre - reach) / scale, errors === images ? 1 : (centre + reach) / scale];
}

export function rateOf(errors: number, images: number): Rate {
  return { errors, images, error: images === 0 ? 0 : errors / images, interval: wilson(errors, images) };
}

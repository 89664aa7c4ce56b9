import type { Pixels } from '../io/resize.js';
import type { Random } from './random.js';

/** How far each factor may be from 1, as a share: 0.4 is from 0.6 to 1.4. */
export interface Jitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

/**
 * Colours of another light (Krizhevsky 2012; as PIL's ImageEnhance has them): brightness moves bytes away from black, contrast from the image's mean grey,
 * saturation from each pixel's own grey, in this order.
 */
export function jitter(pixels: Pixels, { brightness, contrast, saturation }: Jitter, random: Random): Pixels {
  const factor = (reach: number): number => random.between(Math.max(0, 1 - reach), 1 + reach);
  const [light, hard, colourful] = [factor(brightness), factor(contrast), factor(saturation)];
  const brighter = blended(pixels, light, () => 0);
  const greys = greysOf(brighter);
  const mean = Math.round(greys.reduce((sum, grey) => sum + grey, 0) / greys.length);
  const harder = blended(brighter, hard, () => mean);
  const own = greysOf(harder);
  return blended(harder, colourful, (pixel) => own[pixel] as number);
}

/** Each byte `factor` times as far from what `from` says for its pixel, rounded and clipped. */
function blended({ width, height, data }: Pixels, factor: number, from: (pixel: number) => number): Pixels {
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) {
    const base = from(Math.floor(i / 3));
    out[i] = base + factor * ((data[i] as number) - base);
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}

/** Rec. 601 luma of each pixel, as PIL computes it. */
function greysOf({ data }: Pixels): readonly number[] {
  return Array.from({ length: data.length / 3 }, (_, pixel) => {
    const [r, g, b] = data.subarray(3 * pixel, 3 * pixel + 3) as unknown as readonly [number, number, number];
    return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
  });
}

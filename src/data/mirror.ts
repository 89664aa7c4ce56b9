import type { Pixels } from '../io/resize.js';

/** Left and right exchanged. */
export function mirror({ width, height, data }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  let o = 0;
  for (let row = 0; row < height; row++)
    for (let i = ((row + 1) * width - 1) * 3; i >= row * width * 3; i -= 3) {
      out[o++] = data[i] as number;
      out[o++] = data[i + 1] as number;
      out[o++] = data[i + 2] as number;
    }
  return { width, height, data: out };
}

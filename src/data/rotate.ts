import type { Pixels } from '../io/resize.js';
import type { Random } from './random.js';

/** Turned about its middle by an angle of up to `degrees` either way; bilinear, black beyond the image. */
export function rotate(pixels: Pixels, { degrees }: { readonly degrees: number }, random: Random): Pixels {
  return turned(pixels, (random.between(-degrees, degrees) * Math.PI) / 180);
}

/** @param angle in radians, clockwise as images lie */
export function turned({ width, height, data }: Pixels, angle: number): Pixels {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const at = (x: number, y: number, c: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (data[(y * width + x) * 3 + c] as number);
  const out = new Uint8ClampedArray(data.length);
  let o = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - cx, y - cy];
      const [sx, sy] = [cx + cos * dx + sin * dy, cy - sin * dx + cos * dy];
      const [x0, y0] = [Math.floor(sx), Math.floor(sy)];
      const [fx, fy] = [sx - x0, sy - y0];
      for (let c = 0; c < 3; c++) {
        const above = at(x0, y0, c) * (1 - fx) + at(x0 + 1, y0, c) * fx;
        const below = at(x0, y0 + 1, c) * (1 - fx) + at(x0 + 1, y0 + 1, c) * fx;
        out[o++] = above * (1 - fy) + below * fy;
      }
    }
  return { width, height, data: new Uint8Array(out.buffer) };
}

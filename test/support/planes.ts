import type { Box } from '../../src/ops/op.js';
import { at4, dims4, type Shape, type Tensor, zerosLike } from '../../src/tensor.js';

/** A tensor in the precision of `like` whose value at n, c, h, w is f's. */
export function fill(like: Tensor, shape: Shape, f: (n: number, c: number, h: number, w: number) => number): Tensor {
  const y = zerosLike(like, shape);
  const [N, C, H, W] = dims4(shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++) for (let h = 0; h < H; h++) for (let w = 0; w < W; w++) y.data[out++] = f(n, c, h, w);
  return y;
}

/** x [N, C, H, W] with cells of zero around each plane. */
export function pad(x: Tensor, [top, right, bottom, left]: Box): Tensor {
  const [N, C, H, W] = dims4(x.shape);
  return fill(x, [N, C, top + H + bottom, left + W + right], (n, c, h, w) => at4(x, n, c, h - top, w - left));
}

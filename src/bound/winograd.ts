import type { Interpreter } from '../graph/evaluate.js';
import type { OpName } from '../ops/op.js';
import { filterTransform } from '../plan/winograd.js';
import { at4, dims4, type Tensor, zerosLike } from '../tensor.js';
import type { Bounded } from './bound.js';

// biome-ignore-start format: matrices
/** |Bᵀ| and |Aᵀ| of F(m, 3): kernels/winograd.ts has them with signs. */
const inputMatrix: Readonly<Record<2 | 4, readonly (readonly number[])[]>> = {
  2: [
    [1, 0, 1, 0],
    [0, 1, 1, 0],
    [0, 1, 1, 0],
    [0, 1, 0, 1],
  ],
  4: [
    [4, 0, 5, 0, 1, 0],
    [0, 4, 4, 1, 1, 0],
    [0, 4, 4, 1, 1, 0],
    [0, 2, 1, 2, 1, 0],
    [0, 2, 1, 2, 1, 0],
    [0, 4, 0, 5, 0, 1],
  ],
};
const outputMatrix: Readonly<Record<2 | 4, readonly (readonly number[])[]>> = {
  2: [
    [1, 1, 1, 0],
    [0, 1, 1, 1],
  ],
  4: [
    [1, 1, 1, 1, 1, 0],
    [0, 1, 1, 2, 2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, 1, 8, 8, 1],
  ],
};
// biome-ignore-end format: matrices

/** Roundings beside the product's: 3 a dimension in the input's transform, 1 for the packed filter, 3 a dimension in the output's, 1 for the bias. */
const transforms = 3 * 2 + 1 + 3 * 2 + 1;

/** M d Mᵀ of a square matrix in row-major order. */
function sandwich(M: readonly (readonly number[])[], d: Float64Array): Float64Array {
  const n = Math.sqrt(d.length);
  const y = new Float64Array(M.length ** 2);
  M.forEach((a, i) => {
    M.forEach((b, j) => {
      for (let p = 0; p < n; p++)
        for (let q = 0; q < n; q++)
          y[i * M.length + j] = (y[i * M.length + j] as number) + (a[p] as number) * (d[p * n + q] as number) * (b[q] as number);
    });
  });
  return y;
}

/**
 * The bound of 3×3 convolutions by F(m×m, 3×3): as that of the direct sum (bound.ts), with the terms that this algorithm adds up:
 * scale = |Aᵀ| (Σ_c |G g Gᵀ| ⊙ (|Bᵀ| |d| |B|)) |A|. Its constants of up to 8 are what makes it err by more. Outputs of a tile that reads
 * an infinity or a NaN have no bound: their scale is infinite.
 */
export function winogradConv(m: 2 | 4, direct: Interpreter<Bounded>['conv2d']): Interpreter<Bounded>['conv2d'] {
  return (inputs, node) => {
    const [x, w, bias] = inputs as readonly [Bounded, Bounded, Bounded?];
    const { value } = direct(inputs, node);
    const [N, O, I, J] = dims4(value.shape);
    const [, C] = dims4(w.value.shape);
    const [top, , , left] = node.attrs.padding;
    const side = m + 2;
    const scale: Tensor = zerosLike(value, value.shape);
    const filters = Array.from({ length: O * C }, (_, i) => {
      const u = new Float64Array(side ** 2);
      filterTransform(m, w.value.data, i * 9, u);
      return u.map(Math.abs);
    });
    for (let n = 0; n < N; n++)
      for (let i = 0; i < I; i += m)
        for (let j = 0; j < J; j += m) {
          const images = Array.from({ length: C }, (_, c) =>
            sandwich(
              inputMatrix[m],
              Float64Array.from({ length: side ** 2 }, (_, at) =>
                at4(x.scale, n, c, i - top + Math.floor(at / side), j - left + (at % side)),
              ),
            ),
          );
          const unbounded = images.some((image) => !image.every(Number.isFinite));
          for (let o = 0; o < O; o++) {
            const products = new Float64Array(side ** 2);
            images.forEach((image, c) => {
              for (let at = 0; at < products.length; at++)
                products[at] = (products[at] as number) + (image[at] as number) * (filters[o * C + c]?.[at] as number);
            });
            const tile = sandwich(outputMatrix[m], products);
            for (let p = 0; p < Math.min(m, I - i); p++)
              for (let q = 0; q < Math.min(m, J - j); q++)
                scale.data[((n * O + o) * I + i + p) * J + j + q] = unbounded
                  ? Infinity
                  : (tile[p * m + q] as number) + (bias?.scale.data[o] ?? 0);
          }
        }
    return { value, scale, roundings: Math.max(x.roundings, w.roundings) + C + 1 + transforms };
  };
}

/** The bound of the gradient of such a convolution's input: that of the convolution of dy with the filters turned by 180°, from outputs to inputs. */
export function winogradGradInput(
  m: 2 | 4,
  direct: Interpreter<Bounded, OpName>['conv2dGradInput'],
): Interpreter<Bounded, OpName>['conv2dGradInput'] {
  return (inputs, node) => {
    const [w, dy] = inputs as readonly [Bounded, Bounded];
    const turned = { ...w, value: turn(w.value), scale: turn(w.scale) };
    const { padding: pads, stride, dilation, groups } = node.attrs;
    const padding = [2 - pads[0], 2 - pads[1], 2 - pads[2], 2 - pads[3]] as const;
    const convolution = { ...node, op: 'conv2d', attrs: { stride, padding, dilation, groups } } as const;
    return winogradConv(m, () => direct(inputs, node))([dy, turned], convolution);
  };
}

/** [O, C, 3, 3] as [C, O, 3, 3], each filter turned by 180°. */
function turn(w: Tensor): Tensor {
  const [O, C] = dims4(w.shape);
  const turned = zerosLike(w, [C, O, 3, 3]);
  for (let c = 0; c < C; c++)
    for (let o = 0; o < O; o++) for (let k = 0; k < 9; k++) turned.data[(c * O + o) * 9 + k] = w.data[(o * C + c) * 9 + 8 - k] as number;
  return turned;
}

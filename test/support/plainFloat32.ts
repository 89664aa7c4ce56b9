import { type Inputs, type Interpreter, reference } from '../../src/graph/evaluate.js';
import { ops } from '../../src/ops/index.js';
import { at4, dims4, type Tensor, tensor, zerosLike } from '../../src/tensor.js';

const f = Math.fround;

/**
 * The reference with sums that are plain float32 loops, a rounding an operation, as a first program would have them: the yardstick
 * for whole networks, where a worst-case bound compounds into nothing.
 */
export function plainFloat32(weights: ReadonlyMap<string, Tensor>, inputs: Inputs): Interpreter<Tensor> {
  return {
    ...reference(weights, inputs),
    conv2d([x, w], { attrs }) {
      const [image, filter] = [x as Tensor, w as Tensor];
      const y = zerosLike(image, ops.conv2d.infer([image.shape, filter.shape], attrs));
      const [N, O, I, J] = dims4(y.shape);
      const [, C, P, Q] = dims4(filter.shape);
      let out = 0;
      for (let n = 0; n < N; n++)
        for (let o = 0; o < O; o++)
          for (let i = 0; i < I; i++)
            for (let j = 0; j < J; j++) {
              const c0 = Math.floor((o * attrs.groups) / O) * C;
              let sum = 0;
              for (let c = 0; c < C; c++)
                for (let p = 0; p < P; p++)
                  for (let q = 0; q < Q; q++) {
                    const h = i * attrs.stride[0] + p * attrs.dilation[0] - attrs.padding[0];
                    const v = j * attrs.stride[1] + q * attrs.dilation[1] - attrs.padding[3];
                    sum = f(sum + f(at4(filter, o, c, p, q) * at4(image, n, c0 + c, h, v)));
                  }
              y.data[out++] = sum;
            }
      return y;
    },
    linear([x, w, bias]) {
      const [rows, weight] = [x as Tensor, w as Tensor];
      const y = zerosLike(rows, ops.linear.infer([rows.shape, weight.shape], {}));
      const [N, O] = y.shape as readonly [number, number];
      const C = rows.data.length / N;
      for (let n = 0; n < N; n++)
        for (let o = 0; o < O; o++) {
          let sum = bias ? (bias.data[o] as number) : 0;
          for (let c = 0; c < C; c++) sum = f(sum + f((weight.data[o * C + c] as number) * (rows.data[n * C + c] as number)));
          y.data[n * O + o] = sum;
        }
      return y;
    },
    globalAvgPool([x]) {
      const image = x as Tensor;
      const [N, C, H, W] = dims4(image.shape);
      const means = Array.from({ length: N * C }, (_, i) => {
        let sum = 0;
        for (const value of image.data.subarray(i * H * W, (i + 1) * H * W)) sum = f(sum + value);
        return sum / (H * W);
      });
      return tensor([N, C], means);
    },
  };
}

import { at4, dims4, operands, type Tensor, zerosLike } from '../tensor.js';
import { type AvgPoolAttrs, noMacs, type OpDef } from './op.js';
import { poolShape, windowRange } from './window.js';

/** How many cells an average divides by along one axis (see AvgPoolAttrs). A window never counts cells beyond the padding. */
export function divisorExtent(attrs: AvgPoolAttrs, axis: 0 | 1, index: number, extent: number): number {
  const kernel = attrs.kernel[axis];
  const stride = attrs.stride[axis];
  const before = axis === 0 ? attrs.padding[0] : attrs.padding[3];
  const after = axis === 0 ? attrs.padding[2] : attrs.padding[1];
  const [from, to] = windowRange(index, extent, kernel, stride, before);
  if (attrs.divisor === 'inside') return to - from;
  const start = index * stride - before;
  return Math.min(start + kernel, extent + after) - start;
}

/** y[n, c, i, j] = Σ x[n, c, h, w] / divisor over the window at (i·s − top, j·s − left), x = 0 outside the image. */
function forward(inputs: readonly Tensor[], attrs: AvgPoolAttrs): Tensor {
  const [x] = operands('avgPool2d', inputs, 1);
  const y = zerosLike(x, poolShape('avgPool2d', x.shape, attrs));
  const {
    kernel: [P, Q],
    stride: [sh, sw],
    padding: [top, , , left],
  } = attrs;
  const [, , H, W] = dims4(x.shape);
  const [N, C, I, J] = dims4(y.shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let i = 0; i < I; i++)
        for (let j = 0; j < J; j++) {
          let sum = 0;
          for (let p = 0; p < P; p++) for (let q = 0; q < Q; q++) sum += at4(x, n, c, i * sh + p - top, j * sw + q - left);
          y.data[out++] = sum / (divisorExtent(attrs, 0, i, H) * divisorExtent(attrs, 1, j, W));
        }
  return y;
}

export const avgPool2d: OpDef<'avgPool2d'> = {
  infer: (inputs, attrs) => poolShape('avgPool2d', operands('avgPool2d', inputs, 1)[0], attrs),
  forward,
  macs: noMacs,
  vjp({ attrs, inputs, dy }) {
    const [, , H, W] = dims4(operands('avgPool2d', inputs, 1)[0].shape);
    return [dy.graph.emit('avgPool2dGrad', [dy], { ...attrs, plane: [H, W] })];
  },
};

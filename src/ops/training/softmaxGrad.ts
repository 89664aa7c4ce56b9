import { ShapeError } from '../../errors.js';
import { dims2, operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const softmaxGrad: OpDef<'softmaxGrad'> = {
  infer(inputs) {
    const [y, dy] = operands('softmaxGrad', inputs, 2);
    dims2(y);
    if (!sameShape(y, dy)) throw new ShapeError('softmaxGrad', { y, dy });
    return y;
  },
  macs: noMacs,
};

/** dx[n, c] = y[n, c] · (dy[n, c] − Σ_k dy[n, k] · y[n, k]) for y = softmax(x) [N, C]. */
export const forward: Forward<'softmaxGrad'> = (inputs) => {
  const [y, dy] = operands('softmaxGrad', inputs, 2);
  const dx = zerosLike(y, y.shape);
  const [N, C] = dims2(y.shape);
  for (let n = 0; n < N; n++) {
    let dot = 0;
    for (let i = n * C; i < (n + 1) * C; i++) dot += (dy.data[i] as number) * (y.data[i] as number);
    for (let i = n * C; i < (n + 1) * C; i++) dx.data[i] = (y.data[i] as number) * ((dy.data[i] as number) - dot);
  }
  return dx;
};

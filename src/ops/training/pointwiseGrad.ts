import { ShapeError } from '../../errors.js';
import { operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef, type PointwiseOp } from '../op.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** f′(x). At a kink, where there is none, that of the flat side, or of hardSwish's straight one. */
const derivatives: Readonly<Record<PointwiseOp, (x: number) => number>> = {
  relu: (x) => (x > 0 ? 1 : 0),
  relu6: (x) => (x > 0 && x < 6 ? 1 : 0),
  sigmoid: (x) => sigmoid(x) * sigmoid(-x),
  hardSigmoid: (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
  hardSwish: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6),
  silu: (x) => sigmoid(x) * (1 + x * sigmoid(-x)),
  tanh: (x) => 1 / Math.cosh(x) ** 2, // 1 − tanh² x, where nothing cancels
};

export const pointwiseGrad: OpDef<'pointwiseGrad'> = {
  infer(inputs) {
    const [x, dy] = operands('pointwiseGrad', inputs, 2);
    if (!sameShape(x, dy)) throw new ShapeError('pointwiseGrad', { x, dy });
    return x;
  },
  macs: noMacs,
};

/** dx = f′(x) · dy for an f that is applied to each value. */
export const forward: Forward<'pointwiseGrad'> = (inputs, { of }) => {
  const [x, dy] = operands('pointwiseGrad', inputs, 2);
  const dx = zerosLike(x, x.shape);
  const derivative = derivatives[of];
  for (let i = 0; i < dx.data.length; i++) dx.data[i] = derivative(x.data[i] as number) * (dy.data[i] as number);
  return dx;
};

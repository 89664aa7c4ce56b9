import { ShapeError } from '../../errors.js';
import { operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const movingAverage: OpDef<'movingAverage'> = {
  infer(inputs) {
    const [before, batch] = operands('movingAverage', inputs, 2);
    if (!sameShape(before, batch)) throw new ShapeError('movingAverage', { before, batch });
    return before;
  },
  macs: noMacs,
};

/**
 * y = (1 − m)·old + m·k·new, m the momentum: what a pass makes of a running statistic. The weight m is the new value's, as PyTorch counts it; the
 * correction k makes a biased variance unbiased, n/(n − 1), and is 1 for a mean.
 */
export const forward: Forward<'movingAverage'> = (inputs, { momentum, correction }) => {
  const [before, batch] = operands('movingAverage', inputs, 2);
  const y = zerosLike(before, before.shape);
  for (let i = 0; i < y.data.length; i++)
    y.data[i] = (1 - momentum) * (before.data[i] as number) + momentum * correction * (batch.data[i] as number);
  return y;
};

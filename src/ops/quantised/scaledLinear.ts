import { ShapeError } from '../../errors.js';
import { dims2, type Shape, sizeOf, type Tensor, zerosLike } from '../../tensor.js';
import { linear } from '../linear.js';
import type { Forward, OpDef } from '../op.js';
import { allOf, expectEach } from './quantisation.js';
import { checkChannels } from './quantisedConv2d.js';

export const scaledLinear: OpDef<'scaledLinear'> = {
  infer(inputs) {
    const [x, w, , bias] = inputs as readonly [Shape, Shape, Shape, Shape?];
    if (inputs.length < 3 || inputs.length > 4)
      throw new ShapeError('scaledLinear takes x, w, scales and maybe a bias', { operands: [inputs.length] });
    checkChannels('scaledLinear', inputs);
    return linear.infer(bias ? [x, w, bias] : [x, w], {});
  },
  integers(inputs) {
    expectEach('scaledLinear', ['x', 'w', 'the scales', 'the bias'], [undefined, allOf('int8'), undefined, undefined])(inputs);
    return undefined;
  },
  macs: linear.macs,
};

/**
 * A fully connected layer of floats whose weights are int8, with a scale per output: y[n, o] = b[o] + scale[o] · Σ_c w[o, c] · x[n, c]. It is as exact as
 * `linear` of the weights scale[o] · w[o, c]: integers save memory here, not time.
 */
export const forward: Forward<'scaledLinear'> = (inputs) => {
  const [x, w, scales, bias] = inputs as readonly [Tensor, Tensor, Tensor, Tensor?];
  const y = zerosLike(
    x,
    scaledLinear.infer(
      inputs.map(({ shape }) => shape),
      {},
    ),
  );
  const [N, O] = dims2(y.shape);
  const C = sizeOf(w.shape) / O;
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++) {
      let sum = 0;
      for (let c = 0; c < C; c++) sum += (w.data[o * C + c] as number) * (x.data[n * C + c] as number);
      y.data[n * O + o] = (scales.data[o] as number) * sum + (bias ? (bias.data[o] as number) : 0);
    }
  return y;
};

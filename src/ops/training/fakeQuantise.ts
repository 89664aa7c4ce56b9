import { operands, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef, type Vjp } from '../op.js';
import { quantisedValue, realValue } from '../quantised/quantisation.js';

export const fakeQuantise: OpDef<'fakeQuantise'> = {
  infer: (inputs) => operands('fakeQuantise', inputs, 1)[0],
  macs: noMacs,
};

/**
 * What x is worth once it has been an integer: dequantise(quantise(x)), in the same float32 arithmetic, so that a network is trained on what its quantised
 * self will compute (Jacob et al. 2018, arXiv 1712.05877, section 3). NaN is an error; a kernel gives NaN.
 *
 * Its slope is 0 nearly everywhere. The straight-through estimator takes it to be 1 where x does not clip (Bengio et al. 2013, arXiv 1308.3432).
 */
export const forward: Forward<'fakeQuantise'> = (inputs, attrs) => {
  const [x] = operands('fakeQuantise', inputs, 1);
  const y = zerosLike(x, x.shape);
  for (let i = 0; i < y.data.length; i++) y.data[i] = realValue(quantisedValue('fakeQuantise', x.data[i] as number, attrs.y), attrs.y);
  return y;
};

export const vjp: Vjp<'fakeQuantise'> = ({ attrs, inputs, dy }) => {
  const [x] = operands('fakeQuantise', inputs, 1);
  return [dy.graph.emit('fakeQuantiseGrad', [x, dy], attrs)];
};

import { ShapeError } from '../../errors.js';
import { operands, sizeOf } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { allOf, bytes, expectEach, requantised } from './quantisation.js';

export const quantiseBy: OpDef<'quantiseBy'> = {
  infer(inputs) {
    const [x, scale, zeroPoint] = operands('quantiseBy', inputs, 3);
    if (sizeOf(scale) !== 1 || sizeOf(zeroPoint) !== 1)
      throw new ShapeError('quantiseBy: one scale and one zero point', { scale, zeroPoint });
    return x;
  },
  integers(inputs) {
    expectEach('quantiseBy', ['x', 'the scale', 'the zero point'], [undefined, undefined, allOf('uint8')])(inputs);
    return allOf('uint8');
  },
  macs: noMacs,
};

/** `quantise` to all of uint8 by a scale and a zero point that are computed, one number each: y = clip(round(x / scale) + zeroPoint). */
export const forward: Forward<'quantiseBy'> = (inputs) => {
  const [x, { data: scale }, { data: zeroPoint }] = operands('quantiseBy', inputs, 3);
  const y = bytes(x.shape, sizeOf(x.shape));
  const to = { zeroPoint: zeroPoint[0] as number, range: [0, 255] } as const;
  for (let i = 0; i < y.data.length; i++)
    y.data[i] = requantised('quantiseBy', Math.fround(Math.fround(x.data[i] as number) / Math.fround(scale[0] as number)), to);
  return y;
};

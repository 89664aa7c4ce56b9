import { ShapeError } from '../../errors.js';
import { type Shape, sizeOf, type Tensor } from '../../tensor.js';
import { linear } from '../linear.js';
import type { Forward, OpDef } from '../op.js';
import { checkSums, checkZeroPoints } from './integerConv2d.js';
import { linearSums } from './integerLinear.js';
import { expectEach, integersOf, multipliersOf } from './quantisation.js';
import { checkChannels, layerIntegers, layerOperands, requantisedSums } from './quantisedConv2d.js';

export const quantisedLinear: OpDef<'quantisedLinear'> = {
  infer(inputs, attrs) {
    const [x, w, , bias] = inputs as readonly [Shape, Shape, Shape, Shape?];
    if (inputs.length < 3 || inputs.length > 4)
      throw new ShapeError('quantisedLinear takes x, w, scales and maybe a bias', { operands: [inputs.length] });
    const shape = linear.infer(bias ? [x, w, bias] : [x, w], {});
    checkChannels('quantisedLinear', inputs);
    checkZeroPoints('quantisedLinear', w, attrs.w.zeroPoints);
    checkSums('quantisedLinear', w, sizeOf(w.slice(1)));
    return shape;
  },
  integers(inputs, { x, w, y }) {
    expectEach('quantisedLinear', layerOperands, layerIntegers(x, w.dtype))(inputs);
    return y && integersOf(y);
  },
  macs: linear.macs,
};

/**
 * A fully connected layer of integers, x [N, C] and w [O, C], or as `linear` has them, with a scale per output [O] and an int32 bias [O] in units of x.scale ·
 * scale[o]: ONNX's QLinearMatMul, whose matrix is our wᵀ. Sums are exact and requantised as those of `quantisedConv2d`; without y results are floats.
 */
export const forward: Forward<'quantisedLinear'> = (inputs, attrs) => {
  const [x, w, scales, bias] = inputs as readonly [Tensor, Tensor, Tensor, Tensor?];
  const sums = linearSums(x, w, bias, attrs.x.zeroPoint, attrs.w.zeroPoints);
  return requantisedSums('quantisedLinear', sums, multipliersOf(attrs.x, scales.data, attrs.y), attrs.y);
};

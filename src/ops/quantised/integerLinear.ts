import { dims2, type Shape, sizeOf, type Tensor } from '../../tensor.js';
import { linear } from '../linear.js';
import type { Forward, OpDef } from '../op.js';
import { checkSums, checkZeroOperand, checkZeroPoints, integerOperands, zeroPointOf } from './integerConv2d.js';
import { allOf, expectEach } from './quantisation.js';

/** The exact sums of a fully connected layer of integers: s[n, o] = bias[o] + Σ_c (w[o, c] − wZeroPoint[o]) · (x[n, c] − xZeroPoint). */
export function linearSums(
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  xZeroPoint: number,
  wZeroPoints: readonly number[],
): { readonly shape: Shape; readonly data: Float64Array } {
  const [N, O] = dims2(linear.infer([x.shape, w.shape], {}));
  const C = sizeOf(w.shape) / O;
  const data = new Float64Array(N * O);
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++) {
      const wZeroPoint = (wZeroPoints.length === 1 ? wZeroPoints[0] : wZeroPoints[o]) as number;
      let sum = bias ? (bias.data[o] as number) : 0;
      for (let c = 0; c < C; c++) sum += ((w.data[o * C + c] as number) - wZeroPoint) * ((x.data[n * C + c] as number) - xZeroPoint);
      data[n * O + o] = sum;
    }
  return { shape: [N, O], data };
}

export const integerLinear: OpDef<'integerLinear'> = {
  infer(inputs, attrs) {
    checkZeroOperand('integerLinear', inputs, attrs);
    const shape = linear.infer(inputs.slice(0, 2), {});
    const w = inputs[1] as Shape;
    checkZeroPoints('integerLinear', w, attrs.w.zeroPoints);
    checkSums('integerLinear', w, sizeOf(w) / (w[0] as number));
    return shape;
  },
  integers(inputs, { xDtype, w }) {
    expectEach('integerLinear', integerOperands, [allOf(xDtype), allOf(w.dtype), allOf(xDtype)])(inputs);
    return allOf('int32');
  },
  macs: linear.macs,
};

/** y = (x − xZeroPoint) · (w − wZeroPoint)ᵀ, exact, as int32: ONNX's MatMulInteger, whose matrix is our wᵀ. w is a parameter of integers. */
export const forward: Forward<'integerLinear'> = ([x, w, zero], attrs) =>
  linearSums(x as Tensor, w as Tensor, undefined, zeroPointOf(zero, attrs), attrs.w.zeroPoints);

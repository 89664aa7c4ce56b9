import { ShapeError } from '../../errors.js';
import { dims4, type Shape, sizeOf, type Tensor } from '../../tensor.js';
import { conv2d, forward as convolved } from '../conv2d.js';
import type { Conv2dAttrs, Forward, IntegerLayerAttrs, OpDef } from '../op.js';
import { allOf, expectEach, rangeOf } from './quantisation.js';

/**
 * The exact sums of a convolution of integers, in the order of its results [N, O, I, J]:
 *
 *   s[n, o, i, j] = bias[o] + Σ_c Σ_p Σ_q  (w[o, c, p, q] − wZeroPoint[o]) · (x[n, …] − xZeroPoint)
 *
 * where a cell outside the plane is the zero point: it adds nothing. Float64 holds all of it exactly.
 */
export function convSums(
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  attrs: Conv2dAttrs,
  xZeroPoint: number,
  wZeroPoints: readonly number[],
): { readonly shape: Shape; readonly data: Float64Array } {
  const perOutput = w.data.length / dims4(w.shape)[0];
  const centred = (from: Tensor, zeroPoint: (i: number) => number): Tensor => ({
    shape: from.shape,
    data: Float64Array.from(from.data, (q, i) => q - zeroPoint(i)),
  });
  const weights = centred(w, (i) => (wZeroPoints.length === 1 ? wZeroPoints[0] : wZeroPoints[Math.floor(i / perOutput)]) as number);
  const sums = convolved([centred(x, () => xZeroPoint), weights, ...(bias ? [bias] : [])], attrs);
  return sums as { readonly shape: Shape; readonly data: Float64Array };
}

/** @throws ShapeError unless there is one zero point for all outputs, or one each */
export function checkZeroPoints(op: string, w: Shape, zeroPoints: readonly number[]): void {
  if (zeroPoints.length !== 1 && zeroPoints.length !== w[0])
    throw new ShapeError(`${op}: ${zeroPoints.length} zero points of weights`, { w });
}

/** @throws ShapeError where a sum of so many products might leave int32, in which kernels add */
export function checkSums(op: string, w: Shape, terms: number): void {
  if (terms * 255 * 255 > rangeOf.int32[1]) throw new ShapeError(`${op}: a sum of ${terms} products may be more than int32 holds`, { w });
}

export const integerOperands = ['x', 'w', 'the zero point of x'] as const;

/** @throws ShapeError unless x's zero point is an attribute, or one number as an operand */
export function checkZeroOperand(op: string, inputs: readonly Shape[], { xZeroPoint }: IntegerLayerAttrs): void {
  const [, , zero] = inputs;
  const isOne = xZeroPoint === undefined ? inputs.length === 3 && sizeOf(zero as Shape) === 1 : inputs.length === 2;
  if (!isOne) throw new ShapeError(`${op} takes x and w, and the zero point of x once`, { operands: [inputs.length] });
}

/** x's zero point, of the attribute or the operand. */
export const zeroPointOf = (zero: Tensor | undefined, { xZeroPoint }: IntegerLayerAttrs): number => xZeroPoint ?? (zero?.data[0] as number);

export const integerConv2d: OpDef<'integerConv2d'> = {
  infer(inputs, attrs) {
    checkZeroOperand('integerConv2d', inputs, attrs);
    const shape = conv2d.infer(inputs.slice(0, 2), attrs);
    const w = inputs[1] as Shape;
    checkZeroPoints('integerConv2d', w, attrs.w.zeroPoints);
    checkSums(
      'integerConv2d',
      w,
      w.slice(1).reduce((product, extent) => product * extent, 1),
    );
    return shape;
  },
  integers(inputs, { xDtype, w }) {
    expectEach('integerConv2d', integerOperands, [allOf(xDtype), allOf(w.dtype), allOf(xDtype)])(inputs);
    return allOf('int32');
  },
  macs: conv2d.macs,
};

/** y = Σ (w − wZeroPoint) · (x − xZeroPoint), exact, as int32: ONNX's ConvInteger. w is a parameter of integers. */
export const forward: Forward<'integerConv2d'> = ([x, w, zero], attrs) =>
  convSums(x as Tensor, w as Tensor, undefined, attrs, zeroPointOf(zero, attrs), attrs.w.zeroPoints);

import { ShapeError } from '../../errors.js';
import { type Shape, sameShape, sizeOf, type Tensor } from '../../tensor.js';
import { conv2d } from '../conv2d.js';
import type { Forward, OpDef } from '../op.js';
import { checkSums, checkZeroPoints, convSums } from './integerConv2d.js';
import { allOf, expectEach, type Integers, integersOf, multipliersOf, type Quantisation, requantised } from './quantisation.js';

/** The shapes of w's scales and of the bias behind it: one an output channel. @throws ShapeError */
export function checkChannels(op: string, [, w, scales, bias]: readonly Shape[]): void {
  const outputs = [(w as Shape)[0] as number];
  if (scales === undefined || !sameShape(scales, outputs))
    throw new ShapeError(`${op}: one scale an output`, { w: w as Shape, scales: scales ?? [] });
  if (bias && !sameShape(bias, outputs)) throw new ShapeError(`${op}: one bias an output`, { w: w as Shape, bias });
}

/** What a layer of integers is made of. */
export const layerIntegers = (x: Quantisation, w: Integers['dtype']): readonly (Integers | undefined)[] => [
  integersOf(x),
  allOf(w),
  undefined,
  allOf('int32'),
];
export const layerOperands = ['x', 'w', 'the scales', 'the bias'] as const;

/** The values of a layer's exact sums, which lie in the order [N, O, plane]. */
export function requantisedSums(
  op: string,
  sums: { readonly shape: Shape; readonly data: Float64Array },
  multipliers: Float32Array,
  y: Quantisation | undefined,
): Tensor {
  const data = new Float32Array(sums.data.length);
  const [, O] = sums.shape as readonly [number, number];
  const plane = sizeOf(sums.shape.slice(2));
  for (let i = 0; i < data.length; i++) {
    const scaled = Math.fround(Math.fround(sums.data[i] as number) * (multipliers[Math.floor(i / plane) % O] as number));
    data[i] = y === undefined ? scaled : requantised(op, scaled, y);
  }
  return { shape: sums.shape, data };
}

export const quantisedConv2d: OpDef<'quantisedConv2d'> = {
  infer(inputs, attrs) {
    const [x, w, , bias] = inputs as readonly [Shape, Shape, Shape, Shape?];
    if (inputs.length < 3 || inputs.length > 4)
      throw new ShapeError('quantisedConv2d takes x, w, scales and maybe a bias', { operands: [inputs.length] });
    const shape = conv2d.infer(bias ? [x, w, bias] : [x, w], attrs);
    checkChannels('quantisedConv2d', inputs);
    checkZeroPoints('quantisedConv2d', w, attrs.w.zeroPoints);
    checkSums('quantisedConv2d', w, sizeOf(w.slice(1)));
    return shape;
  },
  integers(inputs, { x, w, y }) {
    expectEach('quantisedConv2d', layerOperands, layerIntegers(x, w.dtype))(inputs);
    return y && integersOf(y);
  },
  macs: conv2d.macs,
};

/**
 * A convolution of integers x [N, C, H, W], w [O, C/G, P, Q], with a scale per output channel [O] and an int32 bias [O] in units of x.scale · scale[o]:
 * ONNX's QLinearConv. A padded cell is the zero point.
 *
 *   s = bias[o] + Σ (w − wZeroPoint[o]) · (x − x.zeroPoint)       exact, an int32
 *   r = float32(float32(s) · m[o])                                m[o] = float32(x.scale · scale[o] / y.scale)
 *   y = clip(round(r) + y.zeroPoint)                              ties to even
 *
 * Without y the result is float32, float32(float32(s) · float32(x.scale · scale[o])). Beyond 2²⁴ the sum is rounded to float32 as any integer is, to even: an
 * error of 2⁻²⁵ of the sum, as large as the multiplier's own. So r is within 3 · 2⁻²⁵ · |r| of the real number, less than 10⁻⁴ of a quantum where y does not
 * clip, and exact where scales are powers of two and the sum has 24 bits.
 */
export const forward: Forward<'quantisedConv2d'> = (inputs, attrs) => {
  const [x, w, scales, bias] = inputs as readonly [Tensor, Tensor, Tensor, Tensor?];
  const sums = convSums(x, w, bias, attrs, attrs.x.zeroPoint, attrs.w.zeroPoints);
  return requantisedSums('quantisedConv2d', sums, multipliersOf(attrs.x, scales.data, attrs.y), attrs.y);
};

import { ShapeError } from '../../errors.js';
import { operands, type Shape, sizeOf } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { type AxisQuantisation, allOf, bytes, expectIntegers, rangeOf, requantised } from './quantisation.js';

/** Of each value of a tensor, in row-major order, its place along the axis. @throws ShapeError where there are not as many scales as places */
export function alongAxis(
  op: string,
  shape: Shape,
  { scales, zeroPoints, axis }: AxisQuantisation,
): (i: number) => readonly [scale: number, zeroPoint: number] {
  const extent = shape[axis] ?? 0;
  for (const { length } of [scales, zeroPoints])
    if (length !== 1 && length !== extent) throw new ShapeError(`${op}: ${length} scales or zero points along axis ${axis}`, { x: shape });
  const inner = Math.max(1, sizeOf(shape.slice(axis + 1)));
  return (i) => {
    const place = Math.floor(i / inner) % extent;
    return [
      (scales.length === 1 ? scales[0] : scales[place]) as number,
      (zeroPoints.length === 1 ? zeroPoints[0] : zeroPoints[place]) as number,
    ];
  };
}

export const quantiseAxis: OpDef<'quantiseAxis'> = {
  infer(inputs, { along }) {
    const [x] = operands('quantiseAxis', inputs, 1);
    alongAxis('quantiseAxis', x, along);
    return x;
  },
  integers(inputs, { along }) {
    expectIntegers('quantiseAxis', 'x', undefined, inputs[0]);
    return allOf(along.dtype);
  },
  macs: noMacs,
};

/** `quantise` with a scale and a zero point for each place along an axis, to all integers of the dtype. */
export const forward: Forward<'quantiseAxis'> = (inputs, attrs) => {
  const [x] = operands('quantiseAxis', inputs, 1);
  const y = bytes(x.shape, sizeOf(x.shape));
  const of = alongAxis('quantiseAxis', x.shape, attrs.along);
  for (let i = 0; i < y.data.length; i++) {
    const [scale, zeroPoint] = of(i);
    y.data[i] = requantised('quantiseAxis', Math.fround(Math.fround(x.data[i] as number) / scale), {
      zeroPoint,
      range: rangeOf[attrs.along.dtype],
    });
  }
  return y;
};

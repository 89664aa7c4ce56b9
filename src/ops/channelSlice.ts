import { ShapeError } from '../errors.js';
import { operands, type Shape, sizeOf, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpAttrs, type OpDef, type Value, type Vjp } from './op.js';
import { chosenIntegers } from './quantised/quantisation.js';

function infer(inputs: readonly Shape[], { begin, channels }: OpAttrs['channelSlice']): Shape {
  const [x] = operands('channelSlice', inputs, 1);
  const [N, C, ...plane] = x;
  if (N === undefined || C === undefined || begin < 0 || channels < 1 || begin + channels > C)
    throw new ShapeError(`channelSlice of ${channels} channels from ${begin}`, { x });
  return [N, channels, ...plane];
}

/** y[n, c, ·] = x[n, begin + c, ·]: what `concat` put there, or a part of what a layer computes. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['channelSlice']): Tensor {
  const [x] = operands('channelSlice', inputs, 1);
  const y = zerosLike(x, infer([x.shape], attrs));
  const [N, C] = x.shape as readonly [number, number];
  const plane = sizeOf(x.shape.slice(2));
  for (let n = 0; n < N; n++) {
    const from = (n * C + attrs.begin) * plane;
    y.data.set(x.data.subarray(from, from + attrs.channels * plane), n * attrs.channels * plane);
  }
  return y;
}

export const channelSlice: OpDef<'channelSlice'> = {
  infer,
  integers: (inputs) => chosenIntegers('channelSlice', inputs),
  macs: noMacs,
};

/** Zeros on both sides. */
export const vjp: Vjp<'channelSlice'> = ({ attrs: { begin, channels }, inputs, dy }) => {
  const [x] = inputs as readonly [Value];
  const zeros = (from: number, count: number): readonly Value[] =>
    count === 0 ? [] : [dy.graph.emit('fill', [dy.graph.emit('channelSlice', [x], { begin: from, channels: count })], { value: 0 })];
  const end = begin + channels;
  return [dy.graph.emit('concat', [...zeros(0, begin), dy, ...zeros(end, (x.shape[1] as number) - end)], {})];
};

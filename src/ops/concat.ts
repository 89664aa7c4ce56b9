import { ShapeError } from '../errors.js';
import { type Shape, sameShape, sizeOf, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef, type Vjp } from './op.js';
import { chosenIntegers } from './quantised/quantisation.js';

function infer(inputs: readonly Shape[]): Shape {
  const [first] = inputs;
  if (first === undefined) throw new ShapeError('concat needs at least one operand', {});
  const elsewhere = (shape: Shape): Shape => shape.filter((_, axis) => axis !== 1);
  for (const shape of inputs)
    if (shape.length < 2 || !sameShape(elsewhere(shape), elsewhere(first)))
      throw new ShapeError('concat: extents but the channels must agree', Object.fromEntries(inputs.map((s, i) => [`x${i}`, s])));
  return first.map((extent, axis) => (axis === 1 ? inputs.reduce((sum, shape) => sum + (shape[1] as number), 0) : extent));
}

/** The operands one after another along the channels (axis 1), in order. */
export function forward(inputs: readonly Tensor[]): Tensor {
  const shape = infer(inputs.map((input) => input.shape));
  const y = zerosLike(inputs[0] as Tensor, shape);
  const N = shape[0] as number;
  let at = 0;
  for (let n = 0; n < N; n++)
    for (const x of inputs) {
      const size = sizeOf(x.shape) / N;
      y.data.set(x.data.subarray(n * size, (n + 1) * size), at);
      at += size;
    }
  return y;
}

export const concat: OpDef<'concat'> = {
  infer,
  integers: (inputs) => chosenIntegers('concat', inputs),
  macs: noMacs,
};

export const vjp: Vjp<'concat'> = ({ inputs, dy }) => {
  let begin = 0;
  return inputs.map(({ shape }) => {
    const channels = shape[1] as number;
    const dx = dy.graph.emit('channelSlice', [dy], { begin, channels });
    begin += channels;
    return dx;
  });
};

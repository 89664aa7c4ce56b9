import { ShapeError } from '../errors.js';
import { dims4, operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpAttrs, type OpDef, type Vjp } from './op.js';
import { chosenIntegers } from './quantised/quantisation.js';

function infer(inputs: readonly Shape[], { groups }: OpAttrs['channelShuffle']): Shape {
  const [x] = operands('channelShuffle', inputs, 1);
  const [, C] = dims4(x);
  if (!Number.isSafeInteger(groups) || groups < 1 || C % groups !== 0) throw new ShapeError(`channelShuffle with groups ${groups}`, { x });
  return x;
}

/**
 * Channels viewed as [G, C/G], transposed and flattened, so that the next grouped convolution sees some of every group
 * (Zhang 2018, arXiv:1707.01083, fig. 1): y[n, k·G + g] = x[n, g·C/G + k].
 */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['channelShuffle']): Tensor {
  const [x] = operands('channelShuffle', inputs, 1);
  const y = zerosLike(x, infer([x.shape], attrs));
  const [N, C, H, W] = dims4(x.shape);
  const G = attrs.groups;
  let at = 0;
  for (let n = 0; n < N; n++)
    for (let k = 0; k < C / G; k++)
      for (let g = 0; g < G; g++) {
        const from = (n * C + (g * C) / G + k) * H * W;
        y.data.set(x.data.subarray(from, from + H * W), at);
        at += H * W;
      }
  return y;
}

export const channelShuffle: OpDef<'channelShuffle'> = {
  infer,
  integers: (inputs) => chosenIntegers('channelShuffle', inputs),
  macs: noMacs,
};

/** A shuffle with as many groups as there were channels in one undoes it. */
export const vjp: Vjp<'channelShuffle'> = ({ attrs: { groups }, y, dy }) => [
  dy.graph.emit('channelShuffle', [dy], { groups: (y.shape[1] as number) / groups }),
];

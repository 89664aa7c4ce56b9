import { operands, rounded } from '../../tensor.js';
import { channelCount, channelTotals } from '../channels.js';
import { type Forward, noMacs, type OpDef, type Value, type Vjp } from '../op.js';

export const channelMean: OpDef<'channelMean'> = {
  infer: (inputs) => [channelCount('channelMean', operands('channelMean', inputs, 1)[0])],
  macs: noMacs,
};

/** μ[c] = 1/n Σ x[n, c, ·] over a minibatch, n = N·H·W (Ioffe & Szegedy 2015, arXiv:1502.03167, alg. 1). */
export const forward: Forward<'channelMean'> = (inputs) => {
  const [x] = operands('channelMean', inputs, 1);
  const sums = channelTotals(x.shape, (i) => x.data[i] as number);
  const n = x.data.length / sums.length;
  return rounded(
    x,
    [sums.length],
    sums.map((sum) => sum / n),
  );
};

export const vjp: Vjp<'channelMean'> = ({ inputs: [x], dy }) => [dy.graph.emit('meanGrad', [dy], { shape: (x as Value).shape, axes: [1] })];

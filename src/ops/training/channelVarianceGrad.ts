import { operands } from '../../tensor.js';
import { channelCount, mapChannels } from '../channels.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const channelVarianceGrad: OpDef<'channelVarianceGrad'> = {
  infer(inputs) {
    const [x, mean, dy] = operands('channelVarianceGrad', inputs, 3);
    channelCount('channelVarianceGrad', x, { mean, dy });
    return x;
  },
  macs: noMacs,
};

/** dx[n, c, ·] = 2/n · dσ²[c] · (x[n, c, ·] − μ[c]), n = N·H·W. */
export const forward: Forward<'channelVarianceGrad'> = (inputs) => {
  const [x, mean, dy] = operands('channelVarianceGrad', inputs, 3);
  const n = x.data.length / dy.data.length;
  return mapChannels(x, (i, c) => (2 / n) * (dy.data[c] as number) * ((x.data[i] as number) - (mean.data[c] as number)));
};

import { operands, rounded } from '../../tensor.js';
import { channelCount, channelTotals } from '../channels.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const channelSum: OpDef<'channelSum'> = {
  infer: (inputs) => [channelCount('channelSum', operands('channelSum', inputs, 1)[0])],
  macs: noMacs,
};

/** y[c] = Σ x[n, c, ·]: the cotangent of whatever is added to a channel. */
export const forward: Forward<'channelSum'> = (inputs) => {
  const [x] = operands('channelSum', inputs, 1);
  const y = channelTotals(x.shape, (i) => x.data[i] as number);
  return rounded(x, [y.length], y);
};

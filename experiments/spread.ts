import { openNetwork } from '../src/cli/network.js';
import { look } from './images.js';
import { moments } from './moments.js';

/** One image in so many tells whether a gate lives. */
const every = 10;

/**
 * How much the gates of a network's least lively block vary over test images: the root mean square, over the block's channels, of the standard deviations.
 * A block whose excitation has died gives every image the same gate, and has 0. Undefined for a network without gates.
 *
 * @param weights a file of `senet train`
 * @param data the folder that has `test`
 */
export async function leastSpread(weights: string, data: string): Promise<number | undefined> {
  const network = await openNetwork({ weights });
  try {
    const seen = moments();
    for await (const { gates } of look(network, { data, split: 'test', every })) seen.add(gates);
    const spreads = [...seen.of().values()].map(({ deviation }) => Math.hypot(...deviation) / Math.sqrt(deviation.length));
    return spreads.length === 0 ? undefined : Math.min(...spreads);
  } finally {
    await network.close();
  }
}

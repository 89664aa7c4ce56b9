import { bytesOfBase64 } from '../io/base64.js';
import { usualPretrained } from './index.js';
import type { Pretrained } from './pretrained.js';

/** Whether a network's weights are part of the code: those that are used where nothing is asked for. */
export const isShippedHere = (pretrained: Pretrained): boolean => pretrained.name === usualPretrained.name;

/** The file of weights that ships, without a file system or a request. Bundlers make a chunk of it, which is loaded when it is first needed. */
export async function shippedWeights(): Promise<Uint8Array> {
  const { default: base64 } = await import('./binary/usual.js');
  return bytesOfBase64(base64);
}

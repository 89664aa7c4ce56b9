import type { Draw } from '../draw.js';
import { address } from './make/address.js';
import { pictures, soundPicture } from './make/pictures.js';
import { soundTensor, tensors } from './make/tensors.js';
import { wire } from './make/wire.js';
import { type Malformed, pictureRequest, type Request } from './request.js';

/** A request that is answered with 200. */
export function soundRequest(draw: Draw): Request {
  const picture = soundPicture(draw);
  return draw.once(2) ? pictureRequest(picture, draw.pick(['', '?top=1', '?gates=true'])) : soundTensor(draw, picture);
}

/** What is wrong with a request, by what it is of. */
export const kinds: Readonly<Record<string, readonly ((draw: Draw) => Malformed)[]>> = {
  wire: wire(soundRequest),
  address,
  tensors,
  pictures,
};

export function malformed(draw: Draw): Malformed & { readonly kind: string } {
  const kind = draw.pick(Object.keys(kinds));
  return { kind, ...draw.pick(kinds[kind] as (typeof kinds)[string])(draw) };
}

import type { Tensor } from '../tensor.js';
import type { FurtherPacking } from './packing.js';
import { packIntegers } from './quantised/pack.js';
import { packPlaces } from './rearrange.js';

/** Fills a block of memory with what pack.ts leaves to this. @throws WeightsError as packIntegers */
export function packFurther(packing: FurtherPacking, tensors: ReadonlyMap<string, Tensor>, block: DataView): void {
  if (packing.kind === 'placesOf') new Int32Array(block.buffer, block.byteOffset, packing.size).set(packPlaces(packing));
  else packIntegers(packing, tensors, block);
}

import { WeightsError } from '../errors.js';
import { sizeOf } from '../tensor.js';
import { Budget } from './budget.js';
import { dtypes } from './dtype.js';
import { bytesSource, readRange, type Source } from './source.js';
import { gather, isDense } from './strided.js';
import { type Stored, stored } from './tensorFile.js';
import type { TorchStorage, TorchTensor } from './torchObjects.js';

/** Tensors of PyTorch as they are read: views of storages, with strides. */

/** The whole memory under a storage's key. */
export type Memory = (storage: TorchStorage) => Promise<Source>;

/** Reads the tensors of a file of `size` bytes: all of them together may take no more memory than what is in proportion to it. */
export class TorchReader {
  readonly #memory: Memory;
  readonly #size: number;
  readonly #budget: Budget;

  constructor(memory: Memory, size: number) {
    this.#memory = memory;
    this.#size = size;
    this.#budget = new Budget(size);
  }

  stored(name: string, { storage, dtype, begin, shape, strides }: TorchTensor): Stored {
    let counted = false;
    return stored(name, dtype, shape, async (into) => {
      const elements = sizeOf(shape);
      if (elements === 0) return new Uint8Array(0);
      // strides of 0 repeat elements without holding them
      if (elements * dtypes.F32.bytes > 2 * this.#size)
        throw new WeightsError(`tensor ${name}: expected no more than twice the file's ${this.#size} bytes`, {
          tensor: name,
          shapes: { found: shape },
        });
      const last = shape.reduce((at, extent, i) => at + (extent - 1) * (strides[i] as number), 0);
      const bytes = (last + 1) * dtype.bytes;
      // many tensors may lie in the same few bytes
      if (!counted) this.#budget.spend(Math.max(elements * dtypes.F32.bytes, bytes), `tensor ${name}`);
      counted = true;
      const span = await readRange(storage.held ? bytesSource(storage.held()) : await this.#memory(storage), begin, bytes, into);
      return isDense(shape, strides) ? span : gather(span, dtype.bytes, shape, strides);
    });
  }
}

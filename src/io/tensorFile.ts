import { WeightsError } from '../errors.js';
import { byteTensor, type ReadableTensor, type Shape, type Tensor } from '../tensor.js';
import { type Dtype, floatsOf, wholesOf } from './dtype.js';
import type { LayerFacts } from './torchLayers.js';

/** A tensor in a file: known by shape and dtype, its values read when asked for. */
export interface Stored extends ReadableTensor {
  /** The file's, by safetensors' names: one of `DtypeName` if its values can be read, or are known whole numbers. */
  readonly dtype: string;
  readonly shape: Shape;
  /** The values as float32. @throws WeightsError if the file ends before them, or for whole numbers. */
  read(into?: Uint8Array): Promise<Tensor>;
  /** The values of I8 and I32, as floats that hold them. @throws WeightsError if the file ends before them, or for other dtypes */
  readWhole?(into?: Uint8Array): Promise<Tensor>;
}

/** A file of tensors in one of the formats, opened: its directory is read and checked, its values are not. */
export interface TensorFile {
  readonly format: 'safetensors' | 'torch' | 'torch-legacy' | 'pickle' | 'gguf' | 'caffe' | 'keras' | 'numpy';
  /** What the file says of itself beside its tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Stored>;
  /** Where the format keeps other things beside a network's tensors: every dictionary that holds some, the likeliest first, which is `tensors`. */
  readonly states?: readonly StateDict[];
}

/** A dictionary of tensors within a file. */
export interface StateDict {
  /** The keys that lead to it, joined by dots; empty for the whole file. */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, Stored>;
  /** What else it holds, by name: in a few words what it is, or the function or class that would have made it. */
  readonly others: ReadonlyMap<string, string>;
  /** What lies beside it, in the dictionaries that hold it. */
  readonly beside: ReadonlyMap<string, string>;
  /** Of a network that was saved whole: how its layers compute, by their modules. */
  readonly layers?: ReadonlyMap<string, LayerFacts>;
}

/** A tensor whose bytes, dense and row-major, `raw` reads. */
export function stored(name: string, dtype: Dtype, shape: Shape, raw: (into?: Uint8Array) => Promise<Uint8Array>): Stored {
  return {
    dtype: dtype.name,
    shape,
    read: async (into) => {
      if (!dtype.read) throw new WeightsError(`tensor ${name}: expected floating-point values, found ${dtype.name}`, { tensor: name });
      return { shape, data: floatsOf(dtype, await raw(into)) as Float32Array };
    },
    ...(dtype.whole && { readWhole: (into) => readWhole(dtype, shape, raw, into) }),
  };
}

/** Bytes stay bytes. */
async function readWhole(
  dtype: Dtype,
  shape: Shape,
  raw: (into?: Uint8Array) => Promise<Uint8Array>,
  into: Uint8Array | undefined,
): Promise<Tensor> {
  if (dtype.name !== 'I8') return { shape, data: wholesOf(dtype, await raw()) as Tensor['data'] };
  const { buffer, byteOffset, length } = await raw(into);
  return byteTensor(shape, new Int8Array(buffer, byteOffset, length));
}

/**
 * The elements and bytes of a shape; of elements of less than a byte, bytes may be no whole number.
 *
 * @returns undefined for extents that are no counts, or a product beyond what can be counted exactly.
 */
export function extentOf(
  shape: readonly unknown[],
  { bytes }: Pick<Dtype, 'bytes'>,
): { readonly elements: number; readonly bytes: number } | undefined {
  let elements = 1;
  for (const extent of shape) {
    if (!isCount(extent)) return undefined;
    elements *= extent;
    if (!Number.isSafeInteger(Math.ceil(elements * bytes))) return undefined;
  }
  return { elements, bytes: elements * bytes };
}

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

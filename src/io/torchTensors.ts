import { WeightsError } from '../errors.js';
import { type Shape, sizeOf } from '../tensor.js';
import { dtypes } from './dtype.js';
import type { PickleValue } from './pickle.js';
import { readRange, type Source } from './source.js';
import { type Stored, stored } from './tensorFile.js';
import { isTorch, type TorchStorage, type TorchTensor } from './torchObjects.js';

/** From the object in a PyTorch file to its tensors by name. */

/** The whole memory under a storage's key. */
export type Memory = (storage: TorchStorage) => Promise<Source>;

/** What wraps a state dict in files of trainers, the likeliest first: averaged weights are the better ones, and timm prefers them too. */
const wrappers = ['state_dict_ema', 'model_ema', 'state_dict', 'model'];

export interface StateDict {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Stored>;
}

/**
 * The tensors of a state dict, or of one that a dictionary holds under one of the usual names, or under the only name there is.
 *
 * @param size bytes of the file: no tensor may come to more than twice that.
 * @throws WeightsError if there is none.
 */
export function stateDict(root: PickleValue, memory: Memory, size: number): StateDict {
  if (!(root instanceof Map)) throw damaged(`expected a dictionary of tensors, found ${kindOf(root)}`);
  const metadata: Record<string, string> = {};
  let dict = root;
  if (!holdsTensors(root)) {
    const inner = new Map([...root].flatMap(([key, value]) => (value instanceof Map && holdsTensors(value) ? [[nameOf(key), value]] : [])));
    const key = wrappers.find((name) => inner.has(name)) ?? (inner.size === 1 ? [...inner.keys()][0] : undefined);
    const found = key === undefined ? undefined : inner.get(key);
    if (key === undefined || found === undefined)
      throw damaged(
        `expected a dictionary of tensors, found one of ${[...(inner.size > 0 ? inner : root).keys()].slice(0, 8).map(kindOf).join(', ') || 'nothing'}`,
      );
    dict = found;
    metadata['taken from'] = key;
  }
  // a wrapper's scalars: epoch, architecture, accuracy
  for (const [key, value] of [...root, ...dict])
    if (isScalar(value) && typeof key === 'string') metadata[key] = String(value).slice(0, 200);

  const tensors = new Map<string, Stored>();
  for (const [name, value] of dict)
    if (isTorch(value, 'tensor')) tensors.set(nameOf(name), storedTensor(nameOf(name), value, memory, size));
  return { metadata, tensors };
}

const holdsTensors = (dict: Map<PickleValue, PickleValue>): boolean => [...dict.values()].some((value) => isTorch(value, 'tensor'));
const isScalar = (value: PickleValue): boolean => ['number', 'bigint', 'string', 'boolean'].includes(typeof value);

/** A key of a dictionary, which PyTorch makes of text. */
function nameOf(key: PickleValue): string {
  if (!isScalar(key)) throw damaged(`expected names that are text, found ${kindOf(key)}`);
  return String(key);
}

/** A value in a few words: it may be of any size or depth. */
export function kindOf(value: PickleValue): string {
  if (value === null || isScalar(value)) return String(value).slice(0, 80);
  if (Array.isArray(value)) return 'a list';
  return value instanceof Map ? 'a dictionary' : isTorch(value, 'tensor') ? 'a tensor' : 'an object';
}

function storedTensor(name: string, { storage, offset, shape, strides }: TorchTensor, memory: Memory, size: number): Stored {
  const { dtype } = storage;
  const elements = sizeOf(shape);
  // strides of 0 repeat elements without holding them
  if (elements * dtypes.F32.bytes > 2 * size)
    throw new WeightsError(`tensor ${name}: expected no more than twice the file's ${size} bytes`, {
      tensor: name,
      shapes: { found: shape },
    });
  const last = shape.reduce((at, extent, i) => at + (extent - 1) * (strides[i] as number), 0);
  const dense = isDense(shape, strides);
  return stored(name, dtype, shape, async () => {
    if (elements === 0) return new Uint8Array(0);
    const whole = await memory(storage);
    const span = await readRange(whole, (storage.begin + offset) * dtype.bytes, (last + 1) * dtype.bytes);
    return dense ? span : gather(span, dtype.bytes, shape, strides);
  });
}

/** Whether elements follow each other in row-major order. Strides of extents of 1 never matter. */
function isDense(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i] as number;
  }
  return true;
}

/** The elements, `bytes` each, in row-major order. */
function gather(span: Uint8Array, bytes: number, shape: Shape, strides: readonly number[]): Uint8Array {
  const result = new Uint8Array(sizeOf(shape) * bytes);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to += bytes) {
    for (let i = 0; i < bytes; i++) result[to + i] = span[from * bytes + i] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += strides[axis] as number;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (index[axis] as number) * (strides[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
}

const damaged = (message: string): WeightsError => new WeightsError(`torch: ${message}`);

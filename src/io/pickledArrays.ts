import { WeightsError } from '../errors.js';
import { sizeOf } from '../tensor.js';
import type { Dtype } from './dtype.js';
import { numpyDtypes, reversed } from './numpyDtypes.js';
import { bytesIn, isInert, type PickleValue } from './pickleValue.js';
import { extentOf } from './tensorFile.js';
import { isCounts, isTorch, type TorchTensor } from './torchObjects.js';

/** NumPy's arrays in pickles: tensors whose memory the pickle itself holds. */

/** The tensor that a value is. @returns undefined for what is none, and for arrays of numbers that are not read here */
export const tensorIn = (value: PickleValue): TorchTensor | undefined => (isTorch(value, 'tensor') ? value : arrayIn(value));

function arrayIn(value: PickleValue): TorchTensor | undefined {
  const [shape, type, columnsFirst, values] = partsOf(value);
  const { dtype, isBig } = numbersOf(type);
  if (dtype === undefined) return undefined;
  const size = isCounts(shape) ? extentOf(shape, dtype)?.bytes : undefined;
  const bytes = bytesIn(values);
  if (!isCounts(shape) || size === undefined || bytes?.length !== size)
    throw damaged(`expected ${size ?? 'a number of'} bytes of ${dtype.name}, found ${bytes?.length ?? 'none'}`);
  const strides = shape.map((_, i) => sizeOf(columnsFirst === true ? shape.slice(0, i) : shape.slice(i + 1)));
  const held = () => (isBig ? reversed(bytes.read(), dtype.bytes) : bytes.read());
  const storage = { kind: 'storage', key: '', type: { kind: 'storageType', name: dtype.name }, size, begin: 0, held } as const;
  return { kind: 'tensor', storage, dtype, begin: 0, shape, strides };
}

/** What an array of Python's objects holds: of an array without axes, which `numpy.save` makes of a dictionary, the one object. */
export function objectsIn(value: PickleValue | undefined): PickleValue | undefined {
  const [shape, type, , values] = partsOf(value);
  if (!isInert(type) || type.what !== 'numpy.dtype' || !/^O\d?$/.test(String(type.args?.[0])) || !Array.isArray(values)) return undefined;
  return Array.isArray(shape) && shape.length === 0 && values.length === 1 ? values[0] : values;
}

/** Shape, dtype, whether columns come first, values. Protocols to 4 have them in a state, behind its version; protocol 5 as arguments of a function. */
function partsOf(value: PickleValue | undefined): readonly (PickleValue | undefined)[] {
  if (!isInert(value) || value.what !== 'numpy.ndarray') return [];
  if (value.state !== undefined) return value.state.slice(1);
  const [values, dtype, shape, order] = value.args ?? [];
  return [shape, dtype, order === 'F', values];
}

/** `numpy.dtype('f4')`, whose state has the order of bytes behind its version. */
function numbersOf(type: PickleValue | undefined): { readonly dtype?: Dtype | undefined; readonly isBig?: boolean } {
  if (!isInert(type) || type.what !== 'numpy.dtype') return {};
  const [kind] = type.args ?? [];
  const [, order] = type.state ?? [];
  return { dtype: typeof kind === 'string' ? numpyDtypes.get(kind) : undefined, isBig: order === '>' };
}

const damaged = (message: string): WeightsError => new WeightsError(`pickle: an array of NumPy: ${message}`);

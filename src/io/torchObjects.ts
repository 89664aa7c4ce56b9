import { WeightsError } from '../errors.js';
import type { Shape } from '../tensor.js';
import { type Dtype, dtypes } from './dtype.js';
import type { Named, PickleNames, PickleValue } from './pickle.js';
import { extentOf, isCount } from './tensorFile.js';

/** The objects that PyTorch's pickles are made of (checkpoints.md, §4), whichever container they lie in. */

/** One-dimensional memory that tensors lie in, by the key under which the container holds it. */
export interface TorchStorage extends Named {
  readonly kind: 'storage';
  readonly key: string;
  readonly dtype: Dtype;
  /** Elements. */
  readonly size: number;
  /** Where it begins within the memory under its key, in elements: before 0.4, a storage could be a part of another. */
  readonly begin: number;
}

/** A view of a storage: element [i, j, …] is the storage's element offset + i·stride₀ + j·stride₁ + …. */
export interface TorchTensor extends Named {
  readonly kind: 'tensor';
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
}

/** A name that a pickle may call. */
interface Callable extends Named {
  readonly kind: 'callable';
  readonly call: (args: readonly PickleValue[]) => PickleValue;
}

/** A name that stands for the dtype of a storage. */
interface StorageType extends Named {
  readonly kind: 'storageType';
  readonly dtype: Dtype;
}

type TorchObject = TorchStorage | TorchTensor | Callable | StorageType;

/** Whether a value is an object of a kind: only the code here makes such. */
export function isTorch<K extends TorchObject['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<TorchObject, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

const storageTypes: Readonly<Record<string, Dtype>> = {
  'torch.FloatStorage': dtypes.F32,
  'torch.DoubleStorage': dtypes.F64,
  'torch.HalfStorage': dtypes.F16,
  'torch.BFloat16Storage': dtypes.BF16,
  'torch.LongStorage': dtypes.I64,
  'torch.IntStorage': dtypes.I32,
  'torch.ShortStorage': dtypes.I16,
  'torch.CharStorage': dtypes.I8,
  'torch.ByteStorage': dtypes.U8,
  'torch.BoolStorage': dtypes.BOOL,
};

const callables: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue>> = {
  'collections.OrderedDict': ([items]) => orderedDict(items),
  'torch.Size': ([extents]) => extents ?? [],
  'torch._utils._rebuild_tensor': (args) => rebuildTensor(args),
  'torch._utils._rebuild_tensor_v2': (args) => rebuildTensor(args), // requires_grad and hooks follow
  'torch._utils._rebuild_parameter': ([tensor]) => tensor ?? null,
};

const globals: ReadonlyMap<string, TorchObject> = new Map<string, TorchObject>([
  ...Object.entries(storageTypes).map(([name, dtype]): [string, TorchObject] => [name, { kind: 'storageType', dtype }]),
  ...Object.entries(callables).map(([name, call]): [string, TorchObject] => [name, { kind: 'callable', call }]),
]);

/** The only names that a file may use, and the storages that it refers to. */
export class TorchNames implements PickleNames {
  readonly storages: TorchStorage[] = [];

  global(name: string): TorchObject {
    const known = globals.get(name);
    if (known === undefined)
      throw damaged(
        `the pickle names ${name.slice(0, 200)}, which is none of the few that tensors need, and nothing in a file is ever run; save a state dict (model.state_dict()) instead`,
      );
    return known;
  }

  call(global: PickleValue, args: readonly PickleValue[]): PickleValue {
    if (!isTorch(global, 'callable')) throw damaged('the pickle calls something that cannot be called');
    return global.call(args);
  }

  persistent(id: PickleValue): TorchStorage {
    const storage = storageOf(id);
    this.storages.push(storage);
    return storage;
  }
}

/** Python 3 fills an OrderedDict by SETITEMS, Python 2 hands it a list of pairs. */
function orderedDict(items: PickleValue | undefined): PickleValue {
  if (items === undefined) return new Map();
  if (!Array.isArray(items)) throw damaged('expected pairs for an OrderedDict');
  return new Map(
    items.map((pair): [PickleValue, PickleValue] => {
      if (!Array.isArray(pair) || pair.length !== 2) throw damaged('expected pairs for an OrderedDict');
      return [pair[0] as PickleValue, pair[1] as PickleValue];
    }),
  );
}

/** `('storage', type, key, location, size)`, and in the old form also `None` or `(key, begin, size)` of a part of that storage. */
function storageOf(id: PickleValue): TorchStorage {
  if (!Array.isArray(id)) throw damaged('expected a tuple that describes a storage');
  const [tag, type, key, , size, part] = id;
  if (tag !== 'storage' || !isTorch(type, 'storageType') || typeof key !== 'string' || !isCount(size))
    throw damaged("expected ('storage', type, key, location, size)");
  if (part === undefined || part === null) return { kind: 'storage', key, dtype: type.dtype, size, begin: 0 };
  const [, begin, length] = Array.isArray(part) ? part : [];
  if (!isCount(begin) || !isCount(length) || begin + length > size)
    throw damaged(`storage ${key}: expected a part within its ${size} elements`);
  return { kind: 'storage', key, dtype: type.dtype, size: length, begin };
}

function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): TorchTensor {
  if (!isTorch(storage, 'storage')) throw damaged('expected a tensor to lie in a storage');
  if (!isCounts(shape) || !isCounts(strides) || shape.length !== strides.length || shape.length > maxRank || !isCount(offset))
    throw damaged(`storage ${storage.key}: expected a tensor of an offset, and as many strides as extents`);
  const elements = extentOf(shape, storage.dtype)?.elements;
  const last = shape.reduce((at, extent, i) => at + Math.max(extent - 1, 0) * (strides[i] as number), offset);
  if (elements === undefined || (elements > 0 && last >= storage.size))
    throw damaged(
      `storage ${storage.key}: expected a tensor [${shape}] of strides [${strides}] from ${offset} within ${storage.size} elements`,
    );
  return { kind: 'tensor', storage, offset, shape, strides };
}

/** PyTorch's own. */
const maxRank = 64;

const isCounts = (value: PickleValue | undefined): value is number[] => Array.isArray(value) && value.every(isCount);

const damaged = (message: string): WeightsError => new WeightsError(`torch: ${message}`);

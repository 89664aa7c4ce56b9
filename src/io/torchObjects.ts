import { WeightsError } from '../errors.js';
import type { Shape } from '../tensor.js';
import { type Budget, heap } from './budget.js';
import { type Dtype, dtypes } from './dtype.js';
import { addTexts, bytesIn, type Inert, inert, isInert, type Named, type PickleNames, type PickleValue } from './pickleValue.js';
import { extentOf, isCount } from './tensorFile.js';

/** The objects that PyTorch's pickles are made of (docs/spec/checkpoints.md §4.3), whichever container they lie in. */

/** How a storage's elements are stored: `dtype` is absent where they are no numbers that are read here, `bytes` where nobody knows. */
export interface StorageType extends Named {
  readonly kind: 'storageType';
  readonly name: string;
  /** Of an element. */
  readonly bytes?: number;
  readonly dtype?: Dtype;
}

/** One-dimensional memory that tensors lie in, by the key under which the container holds it. */
export interface TorchStorage extends Named {
  readonly kind: 'storage';
  readonly key: string;
  readonly type: StorageType;
  /** Elements. */
  readonly size: number;
  /** Where it begins within the memory under its key, in elements: before 0.4, a storage could be a part of another. */
  readonly begin: number;
  /** The memory itself, where the pickle holds it. */
  readonly held?: () => Uint8Array;
}

/** A view of a storage: element [i, j, …] is number i·stride₀ + j·stride₁ + … from where the view begins. */
export interface TorchTensor extends Named {
  readonly kind: 'tensor';
  readonly storage: TorchStorage;
  readonly dtype: Dtype;
  /** In bytes from the beginning of the memory under the storage's key. */
  readonly begin: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
}

/** A name that a pickle may call. */
interface Callable extends Named {
  readonly kind: 'callable';
  readonly call: Call;
}

/** What comes of arguments. What it holds besides one object is counted. */
type Call = (args: readonly PickleValue[], budget: Budget) => PickleValue;

/** `torch.float32`. */
interface NamedDtype extends Named {
  readonly kind: 'dtype';
  readonly dtype: Dtype;
}

type TorchObject = TorchStorage | TorchTensor | Callable | StorageType | NamedDtype;

/** Whether a value is an object of a kind: only the code here makes such. */
export function isTorch<K extends TorchObject['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<TorchObject, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

const storageDtypes: Readonly<Record<string, Dtype>> = {
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
  'torch.storage.UntypedStorage': dtypes.U8,
};

/** Bytes an element of the others that PyTorch has. */
const storageBytes: Readonly<Record<string, number>> = {
  'torch.ComplexFloatStorage': 8,
  'torch.ComplexDoubleStorage': 16,
  'torch.QInt8Storage': 1,
  'torch.QUInt8Storage': 1,
  'torch.QInt32Storage': 4,
  'torch.QUInt4x2Storage': 1,
  'torch.QUInt2x4Storage': 1,
};

const namedDtypes: Readonly<Record<string, Dtype>> = {
  'torch.float32': dtypes.F32,
  'torch.float64': dtypes.F64,
  'torch.float16': dtypes.F16,
  'torch.bfloat16': dtypes.BF16,
};

/** An object that says what it was called with. */
const kept =
  (what: string): Call =>
  (args) =>
    inert(what, { args });

const tensorOf = ([tensor]: readonly PickleValue[]): PickleValue => tensor ?? null;

/** `set(list)`, as protocols 2 and 3 write it. */
const setOf: Call = ([items], budget) => {
  const set = inert('set');
  if (Array.isArray(items)) addTexts(set, items, budget);
  return set;
};

const optimizedModule = 'torch._dynamo.eval_frame.OptimizedModule';

/** A traced module is its attributes and a text of Python's, which is not looked at. */
const graphModule: Call = ([attributes]) => {
  const module = inert('torch.fx.graph_module.GraphModule');
  if (attributes instanceof Map) module.attributes = attributes;
  return module;
};

/** How protocols 0 and 1 make an object: its class, the built-in class that it extends, and what it holds as one of those. */
const reconstructor: Call = ([made, , held], budget) => {
  const object = inert(isInert(made) ? made.what : 'an object');
  if (held instanceof Map) {
    budget.spend(heap.dict + heap.entry * held.size, 'pickle');
    object.items = new Map(held);
  }
  return object;
};

const callables: Readonly<Record<string, Call>> = {
  'collections.OrderedDict': ([items], budget) => orderedDict(items, budget),
  'collections.defaultdict': (_, budget) => orderedDict(undefined, budget),
  'torch.Size': ([extents]) => extents ?? [],
  'torch._utils._rebuild_tensor': (args) => rebuildTensor(args),
  'torch._utils._rebuild_tensor_v2': (args) => rebuildTensor(args.slice(0, 4)), // requires_grad and hooks follow
  'torch._utils._rebuild_tensor_v3': ([storage, offset, shape, strides, _grad, _hooks, dtype]) =>
    rebuildTensor([storage, offset, shape, strides, dtype ?? null]),
  'torch._utils._rebuild_parameter': tensorOf,
  // of devices whose memory is not saved as it is: a tensor, or an array of NumPy, of the same values
  'torch._utils._rebuild_device_tensor_from_cpu_tensor': tensorOf,
  'torch._utils._rebuild_device_tensor_from_numpy': tensorOf,
  'torch._utils._rebuild_parameter_with_state': tensorOf,
  'torch._tensor._rebuild_from_type': rebuildFromType,
  'torch._tensor._rebuild_from_type_v2': rebuildFromType,
  // of a network and what compiles it; earlier releases make an empty object and set its attributes
  [optimizedModule]: ([network]) => network ?? inert(optimizedModule),
  'torch.fx.graph_module.reduce_graph_module': graphModule,
  // Python 2's names, and Python 3's
  'copy_reg._reconstructor': reconstructor,
  'copyreg._reconstructor': reconstructor,
  '__builtin__.set': setOf,
  'builtins.set': setOf,
  '_codecs.encode': kept('bytes'),
  '__builtin__.bytes': () => inert('bytes'),
  'numpy.dtype': kept('numpy.dtype'),
  // before NumPy 2, and since
  'numpy.core.multiarray._reconstruct': () => inert('numpy.ndarray'),
  'numpy._core.multiarray._reconstruct': () => inert('numpy.ndarray'),
  'numpy.core.numeric._frombuffer': kept('numpy.ndarray'),
  'numpy._core.numeric._frombuffer': kept('numpy.ndarray'),
};

const globals: ReadonlyMap<string, TorchObject> = new Map<string, TorchObject>([
  ...Object.entries(storageDtypes).map(([name, dtype]): [string, TorchObject] => [
    name,
    { kind: 'storageType', name, dtype, bytes: dtype.bytes },
  ]),
  ...Object.entries(storageBytes).map(([name, bytes]): [string, TorchObject] => [name, { kind: 'storageType', name, bytes }]),
  ...Object.entries(namedDtypes).map(([name, dtype]): [string, TorchObject] => [name, { kind: 'dtype', dtype }]),
  ...Object.entries(callables).map(([name, call]): [string, TorchObject] => [name, { kind: 'callable', call }]),
]);

/** The few names that tensors need; every other stands for itself, and calling it makes an object that only knows who would have made it. */
export class TorchNames implements PickleNames {
  /** Of every storage that the pickle refers to, by its key. */
  readonly storageTypes = new Map<string, StorageType>();
  readonly #unknown = new Map<string, Inert>();
  readonly #budget: Budget;
  readonly #load: ((file: Uint8Array, budget: Budget) => PickleValue) | undefined;

  /** `load` reads a file of PyTorch's that lies in the pickle: those are not looked for in one another. */
  constructor(budget: Budget, load?: (file: Uint8Array, budget: Budget) => PickleValue) {
    this.#budget = budget;
    this.#load = load;
  }

  global(name: string): Named {
    const known = globals.get(name) ?? this.#unknown.get(name);
    if (known !== undefined) return known;
    this.#budget.spend(heap.object + heap.entry, 'pickle');
    const unknown = inert(name);
    this.#unknown.set(name, unknown);
    return unknown;
  }

  call(global: PickleValue, args: readonly PickleValue[]): PickleValue {
    if (isTorch(global, 'callable')) return global.call(args, this.#budget);
    const what = isInert(global) ? global.what : 'a call of what is no function';
    const file = what === 'torch.storage._load_from_bytes' ? bytesIn(args[0]) : undefined;
    if (this.#load === undefined || file === undefined) return inert(what);
    this.#budget.spend(file.length, 'pickle');
    return this.#load(file.read(), this.#budget);
  }

  persistent(id: PickleValue): Named {
    // the class of a module, whose source the old form keeps beside it
    if (Array.isArray(id) && id[0] === 'module') return isInert(id[1]) ? id[1] : inert('a module');
    const storage = storageOf(id);
    if (!this.storageTypes.has(storage.key)) this.storageTypes.set(storage.key, storage.type);
    return storage;
  }
}

/** Python 3 fills an OrderedDict by SETITEMS, Python 2 hands it a list of pairs. */
function orderedDict(items: PickleValue | undefined, budget: Budget): PickleValue {
  budget.spend(heap.dict + (Array.isArray(items) ? heap.entry * items.length : 0), 'pickle');
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
  const [tag, named, key, , size, part] = id;
  const type = isInert(named) ? unknownStorage(named.what) : named;
  if (tag !== 'storage' || !isTorch(type, 'storageType') || typeof key !== 'string' || !isCount(size))
    throw damaged("expected ('storage', type, key, location, size)");
  if (part === undefined || part === null) return { kind: 'storage', key, type, size, begin: 0 };
  const [, begin, length] = Array.isArray(part) ? part : [];
  if (!isCount(begin) || !isCount(length) || begin + length > size)
    throw damaged(`storage ${key}: expected a part within its ${size} elements`);
  return { kind: 'storage', key, type, size: length, begin };
}

const unknownStorage = (name: string): StorageType => ({ kind: 'storageType', name });

/** `dtype` says what an untyped storage holds. @returns an inert object for elements that are not read here. */
function rebuildTensor([storage, offset, shape, strides, dtype]: readonly (PickleValue | undefined)[]): TorchTensor | Inert {
  if (!isTorch(storage, 'storage')) throw damaged('expected a tensor to lie in a storage');
  const { key, type } = storage;
  if (dtype !== undefined && !isTorch(dtype, 'dtype')) return inert(isInert(dtype) ? dtype.what : type.name);
  const read = dtype?.dtype ?? type.dtype;
  if (read === undefined || type.bytes === undefined) return inert(type.name);
  if (!isCounts(shape) || !isCounts(strides) || shape.length !== strides.length || !isCount(offset))
    throw damaged(`storage ${key}: expected a tensor of an offset, and as many strides as extents`);
  const size = Math.floor((storage.size * type.bytes) / read.bytes);
  const elements = extentOf(shape, read)?.elements;
  const last = shape.reduce((at, extent, i) => at + Math.max(extent - 1, 0) * (strides[i] as number), offset);
  if (elements === undefined || (elements > 0 && last >= size))
    throw damaged(`storage ${key}: expected a tensor [${shape}] of strides [${strides}] from ${offset} within ${size} elements`);
  return { kind: 'tensor', storage, dtype: read, begin: storage.begin * type.bytes + offset * read.bytes, shape, strides };
}

/** A subclass of tensors, or a tensor with attributes: the function that makes the tensor, the class, the function's arguments. */
function rebuildFromType([make, , args]: readonly PickleValue[], budget: Budget): PickleValue {
  // never one in another: an endless chain of them fits in a few bytes
  const plain = isTorch(make, 'callable') && make.call !== rebuildFromType && Array.isArray(args);
  return plain ? make.call(args, budget) : inert(isInert(make) ? make.what : 'torch._tensor._rebuild_from_type_v2');
}

/** PyTorch's own, and NumPy's. */
const maxRank = 64;

export const isCounts = (value: PickleValue | undefined): value is number[] =>
  Array.isArray(value) && value.length <= maxRank && value.every(isCount);

const damaged = (message: string): WeightsError => new WeightsError(`torch: ${message}`);

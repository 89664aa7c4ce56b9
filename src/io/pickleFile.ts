import { Budget, heap, leastForPickles } from './budget.js';
import { unpickle } from './pickle.js';
import { TruncatedPickle } from './pickleMachine.js';
import { stop } from './pickleOpcodes.js';
import type { PickleValue } from './pickleValue.js';
import { readRange, type Source, sliceSource } from './source.js';
import type { TensorFile } from './tensorFile.js';
import { checkOrder, damaged } from './torch.js';
import { isTorch, type StorageType, TorchNames, type TorchStorage } from './torchObjects.js';
import { kindOf, torchStates } from './torchStates.js';
import { type Memory, TorchReader } from './torchTensors.js';

/** Files that begin with a pickle: PyTorch's old form, and what `pickle.dump` writes. */

/** The old form's first pickle is this number. */
const magic = 0x1950a86a20f9469cfc6cn;
const version = 1001;

/** Bytes to begin with: enough for the names and shapes of most networks. */
const firstWindow = 2 ** 16;

/** Dictionaries, lists and names, as protocols 0 and 1 begin with them. */
const oldBeginning = /^(?:\([dl]|[\]}][q(.]|c[\w.]{2,14}\n)/;

/** Whether a file is a pickle, by its first bytes; before protocol 2 none says so, but all end in a full stop. */
export async function isPickle(source: Source, start: Uint8Array): Promise<boolean> {
  if (start[0] === 0x80) return true;
  return oldBeginning.test(String.fromCharCode(...start)) && (await readRange(source, source.size - 1, 1))[0] === stop;
}

/** @throws WeightsError for a file that is neither, or holds no tensors */
export async function openPickle(source: Source): Promise<TensorFile> {
  const { root, storages, budget } = await readPickles(source);
  if (storages === undefined) return { format: 'pickle', ...torchStates(root, new TorchReader(noMemory, source.size), budget) };
  const memory = await memoryOf(source, storages, budget);
  return { format: 'torch-legacy', ...torchStates(root, new TorchReader(memory, source.size), budget) };
}

/** Of a single pickle: what it holds lies in it. */
export const noMemory: Memory = async ({ key }) => {
  throw damaged(`storage ${key.slice(0, 80)} is missing`);
};

/** What `torch.save` wrote before 1.6: five pickles, then each storage as a count of elements (int64) and the elements. */
async function memoryOf(source: Source, { types, keys, begin }: Storages, budget: Budget): Promise<Memory> {
  const begins = new Map<string, { readonly at: number; readonly bytes: number }>();
  let at = begin;
  for (const key of keys) {
    const type = types.get(key);
    if (type === undefined) throw damaged(`storage ${key}: expected a tensor to name it`);
    const width = type.bytes;
    if (width === undefined) throw damaged(`storage ${key}: expected one of the kinds that PyTorch has, found ${type.name}`);
    const count = countAt(await readRange(source, at, 8));
    at += 8;
    const bytes = count * width;
    if (begins.has(key) || count < 0 || bytes > source.size - at)
      throw damaged(`storage ${key}: expected its elements once, and within the file, found ${count} at byte ${at}`);
    budget.spend(heap.entry + heap.object, 'torch');
    begins.set(key, { at, bytes });
    at += bytes;
  }
  if (at !== source.size) throw damaged(`expected ${at} bytes, found ${source.size}`);
  return async (storage) => {
    const place = begins.get(storage.key);
    return place === undefined ? noMemory(storage) : sliceSource(source, place.at, place.bytes);
  };
}

/** An int64. */
const countAt = (bytes: Uint8Array): number => Number(new DataView(bytes.slice().buffer).getBigInt64(0, true));

interface Storages {
  readonly types: ReadonlyMap<string, StorageType>;
  readonly keys: readonly string[];
  /** Where they begin. */
  readonly begin: number;
}

interface Pickles {
  readonly root: PickleValue;
  /** Of a single pickle none: they lie in it. */
  readonly storages?: Storages;
}

/** How long pickles are, only reading them tells: more of the file is taken until they end. */
async function readPickles(source: Source): Promise<Pickles & { readonly budget: Budget }> {
  for (let window = Math.min(firstWindow, source.size); ; window = Math.min(4 * window, source.size)) {
    const budget = new Budget(source.size, leastForPickles);
    try {
      const names = new TorchNames(budget, storageIn);
      return { ...parsePickles(await readRange(source, 0, window), source.size, names, budget), budget };
    } catch (error) {
      if (!(error instanceof TruncatedPickle) || window === source.size) throw error;
    }
  }
}

/** Of the first bytes of a file of `size`. */
function parsePickles(bytes: Uint8Array, size: number, names: TorchNames, budget: Budget): Pickles {
  const first = unpickle(bytes, 0, names, budget);
  if (first.value !== magic) {
    if (first.end !== size)
      throw damaged('expected the number that PyTorch files begin with, or one pickle: another program wrote this pickle');
    return { root: first.value };
  }
  const values: PickleValue[] = [];
  let { end } = first;
  for (const check of [checkVersion, checkSystem, () => {}, () => {}]) {
    const { value, end: next } = unpickle(bytes, end, names, budget);
    check(value);
    values.push(value);
    end = next;
  }
  const [, , root, keys] = values;
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw damaged('expected a list of storage keys');
  return { root: root as PickleValue, storages: { types: names.storageTypes, keys: keys as string[], begin: end } };
}

/** The storage of a tensor in a single pickle: a file of the old form, of nothing else. */
function storageIn(file: Uint8Array, budget: Budget): TorchStorage {
  const { root, storages } = parsePickles(file, file.length, new TorchNames(budget), budget);
  if (!isTorch(root, 'storage') || storages === undefined) throw damaged(`expected a storage in a pickle, found ${kindOf(root)}`);
  const { size, type, begin } = root;
  const at = storages.begin + 8;
  const count = at <= file.length ? countAt(file.subarray(at - 8, at)) : 0;
  const bytes = size * (type.bytes ?? 0);
  if (begin !== 0 || count !== size || at + bytes !== file.length)
    throw damaged(`storage ${root.key}: expected ${size} elements of ${type.name}, found ${file.length - at} bytes`);
  return { ...root, held: () => file.subarray(at) };
}

function checkVersion(value: PickleValue): void {
  if (value !== version) throw damaged(`expected version ${version}, found ${kindOf(value)}`);
}

function checkSystem(value: PickleValue): void {
  if (!(value instanceof Map)) throw damaged('expected a dictionary of the system that wrote the file');
  if (value.get('little_endian') !== true) checkOrder('big');
}

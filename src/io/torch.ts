import { WeightsError } from '../errors.js';
import { Budget, heap } from './budget.js';
import { unpickle } from './pickle.js';
import { TruncatedPickle } from './pickleMachine.js';
import type { PickleValue } from './pickleValue.js';
import { readRange, type Source, sliceSource } from './source.js';
import type { TensorFile } from './tensorFile.js';
import { type StorageType, TorchNames } from './torchObjects.js';
import { kindOf, torchStates } from './torchStates.js';
import { type Memory, TorchReader } from './torchTensors.js';
import type { ZipEntry } from './zip.js';

/** What `torch.save` writes since 1.6: an archive with the pickle in `<top>/data.pkl` and each storage in `<top>/data/<key>`. */
export async function openTorchZip(source: Source, entries: readonly ZipEntry[]): Promise<TensorFile> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const pickle = entries.find(({ name }) => isTorchPickle(name)) as ZipEntry;
  const top = pickle.name.slice(0, -'data.pkl'.length);
  const bytesOf = async (entry: ZipEntry): Promise<Uint8Array> => {
    const data = await entry.open();
    return readRange(data, 0, data.size);
  };
  const order = byName.get(`${top}byteorder`);
  if (order) checkOrder(new TextDecoder().decode(await bytesOf(order)).trim());

  const budget = new Budget(source.size);
  const { value } = unpickle(await bytesOf(pickle), 0, new TorchNames(budget), budget);
  return { format: 'torch', ...torchStates(value, new TorchReader(zipMemory(byName, `${top}data/`), source.size), budget) };
}

/** Storages by their entries. */
const zipMemory =
  (entries: ReadonlyMap<string, ZipEntry>, folder: string): Memory =>
  async ({ key, type, size, begin }) => {
    const entry = entries.get(folder + key);
    const bytes = (begin + size) * (type.bytes ?? 0);
    if (entry === undefined || entry.size < bytes)
      throw damaged(`storage ${key}: expected an entry of ${bytes} bytes, found ${entry ? entry.size : 'none'}`);
    return entry.open();
  };

export const isTorchPickle = (name: string): boolean => /^([^/]+\/)?data\.pkl$/.test(name);

/** The old form's first pickle is this number. */
const magic = 0x1950a86a20f9469cfc6cn;
const version = 1001;

/** Bytes to begin with: enough for the names and shapes of most networks. */
const firstWindow = 2 ** 16;

/** What `torch.save` wrote before 1.6: five pickles, then each storage as a count of elements (int64) and the elements. */
export async function openTorchLegacy(source: Source): Promise<TensorFile> {
  const { root, storageTypes, keys, end, budget } = await readPickles(source);
  const begins = new Map<string, { readonly at: number; readonly bytes: number }>();
  let at = end;
  for (const key of keys) {
    const type = storageTypes.get(key);
    if (type === undefined) throw damaged(`storage ${key}: expected a tensor to name it`);
    const width = type.bytes;
    if (width === undefined) throw damaged(`storage ${key}: expected one of the kinds that PyTorch has, found ${type.name}`);
    const count = new DataView((await readRange(source, at, 8)).slice().buffer).getBigInt64(0, true);
    at += 8;
    const bytes = Number(count) * width;
    if (begins.has(key) || count < 0n || bytes > source.size - at)
      throw damaged(`storage ${key}: expected its elements once, and within the file, found ${count} at byte ${at}`);
    budget.spend(heap.entry + heap.object, 'torch');
    begins.set(key, { at, bytes });
    at += bytes;
  }
  if (at !== source.size) throw damaged(`expected ${at} bytes, found ${source.size}`);
  const memory: Memory = async ({ key }) => {
    const place = begins.get(key);
    if (place === undefined) throw damaged(`storage ${key} is missing`);
    return sliceSource(source, place.at, place.bytes);
  };
  return { format: 'torch-legacy', ...torchStates(root, new TorchReader(memory, source.size), budget) };
}

interface Pickles {
  readonly root: PickleValue;
  readonly storageTypes: ReadonlyMap<string, StorageType>;
  readonly keys: readonly string[];
  readonly budget: Budget;
  /** Where the storages begin. */
  readonly end: number;
}

/** How long pickles are, only reading them tells: more of the file is taken until they end. */
async function readPickles(source: Source): Promise<Pickles> {
  for (let window = Math.min(firstWindow, source.size); ; window = Math.min(4 * window, source.size)) {
    try {
      return parsePickles(await readRange(source, 0, window), new Budget(source.size));
    } catch (error) {
      if (!(error instanceof TruncatedPickle) || window === source.size) throw error;
    }
  }
}

function parsePickles(bytes: Uint8Array, budget: Budget): Pickles {
  const names = new TorchNames(budget);
  const values: PickleValue[] = [];
  let end = 0;
  const checks = [checkMagic, checkVersion, checkSystem, () => {}, () => {}];
  for (const check of checks) {
    const { value, end: next } = unpickle(bytes, end, names, budget);
    check(value);
    values.push(value);
    end = next;
  }
  const [, , , root, keys] = values;
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw damaged('expected a list of storage keys');
  return { root: root as PickleValue, storageTypes: names.storageTypes, keys: keys as string[], budget, end };
}

function checkMagic(value: PickleValue): void {
  if (value !== magic) throw damaged('expected the number that PyTorch files begin with: another program wrote this pickle');
}

function checkVersion(value: PickleValue): void {
  if (value !== version) throw damaged(`expected version ${version}, found ${kindOf(value)}`);
}

function checkSystem(value: PickleValue): void {
  if (!(value instanceof Map)) throw damaged('expected a dictionary of the system that wrote the file');
  if (value.get('little_endian') !== true) checkOrder('big');
}

function checkOrder(order: string): void {
  if (order !== 'little') throw damaged(`expected little-endian values, found ${order.slice(0, 20)}-endian`);
}

const damaged = (message: string): WeightsError => new WeightsError(`torch: ${message}`);

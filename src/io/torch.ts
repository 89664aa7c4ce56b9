import { WeightsError } from '../errors.js';
import { Budget, leastForPickles } from './budget.js';
import { unpickle } from './pickle.js';
import { readRange, type Source } from './source.js';
import type { TensorFile } from './tensorFile.js';
import { TorchNames } from './torchObjects.js';
import { torchStates } from './torchStates.js';
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

  const budget = new Budget(source.size, leastForPickles);
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

/** Whoever packs the folder that an archive was unpacked to puts folders around it. */
export const isTorchPickle = (name: string): boolean => /^(?!__MACOSX\/)([^/]+\/){0,4}data\.pkl$/.test(name);

export function checkOrder(order: string): void {
  if (order !== 'little') throw damaged(`expected little-endian values, found ${order.slice(0, 20)}-endian`);
}

export const damaged = (message: string): WeightsError => new WeightsError(`torch: ${message}`);

import type { WeightsError } from '../errors.js';
import { Budget, heap } from './budget.js';
import { type GgmlType, ggmlTypes } from './ggmlTypes.js';
import { leastEntry, readMetadata } from './ggufMetadata.js';
import { damaged, GgufReader, show, who } from './ggufReader.js';
import { readRange, type Source } from './source.js';
import { extentOf, isCount, type Stored, stored, type TensorFile } from './tensorFile.js';

/**
 * GGUF, ggml's files, of versions 2 and 3 (docs/spec/checkpoints.md §6): keys and values, then where each tensor lies, then the tensors. ggml names
 * the fastest extent first; here shapes are the other way round, as everywhere else.
 */

const ggufMagic = 'GGUF';
const versions = [2, 3];

/** A tensor's name, the number of its extents, its type and its place. */
const leastTensor = 8 + 4 + 4 + 8;

/** ggml's own. */
const maxExtents = 4;

/** Where a tensor lies, from the first byte of all tensors. */
interface GgufEntry {
  readonly name: string;
  readonly type: GgmlType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * A GGUF file by ranges, its tensors in the order in which it lists them. Quantised ones are listed; only reading them is an error.
 *
 * @throws WeightsError for a damaged file, a big-endian one, and versions that differ from 2 and 3
 */
export async function openGguf(source: Source): Promise<TensorFile> {
  const budget = new Budget(source.size);
  const reader = new GgufReader(source, budget);
  checkMagic(await reader.take(ggufMagic.length, 'the magic number'));
  checkVersion(await reader.u32('the version'));
  const tensorCount = await reader.count(leastTensor, 'tensors');
  const entryCount = await reader.count(leastEntry, 'keys');
  const { metadata, alignment } = await readMetadata(reader, entryCount, budget);
  const entries = new Map<string, GgufEntry>();
  for (let i = 0; i < tensorCount; i++) {
    budget.spend(heap.dict + 3 * heap.object + heap.entry, who);
    const entry = await readEntry(reader, i, alignment);
    if (entries.has(entry.name)) throw damaged(`expected each tensor once, found ${show(entry.name)} twice`, entry.name);
    entries.set(entry.name, entry);
  }
  const start = Math.ceil(reader.at / alignment) * alignment;
  checkPlaces([...entries.values()], Math.max(source.size - start, 0));
  return { format: 'gguf', metadata, tensors: new Map([...entries].map(([name, entry]) => [name, storedAt(source, start, entry)])) };
}

function checkMagic(view: DataView): void {
  const found = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  if (found !== ggufMagic) throw damaged(`expected a file that begins with ${ggufMagic}, found ${show(found)}`);
}

function checkVersion(version: number): void {
  if (versions.includes(version)) return;
  const turned = new DataView(new ArrayBuffer(4));
  turned.setUint32(0, version, true);
  if (versions.includes(turned.getUint32(0, false))) throw damaged('expected a little-endian file, found a big-endian one');
  throw damaged(`expected version ${versions.join(' or ')}, found ${version}`);
}

/** One tensor's entry, checked by itself. */
async function readEntry(reader: GgufReader, i: number, alignment: number): Promise<GgufEntry> {
  const name = await reader.text(`the name of tensor ${i}`);
  const what = `tensor ${show(name)}`;
  const wrong = (expected: string, found: unknown): WeightsError => damaged(`${what}: expected ${expected}, found ${found}`, name);

  const extents = await reader.u32(`the number of extents of ${what}`);
  if (extents > maxExtents) throw wrong(`at most ${maxExtents} extents`, extents);
  const shape: number[] = [];
  for (let axis = 0; axis < extents; axis++) shape.unshift(await reader.u64(`the extents of ${what}`));
  const code = await reader.u32(`the type of ${what}`);
  const begin = await reader.u64(`the place of ${what}`);

  const type = ggmlTypes.get(code);
  if (type === undefined) throw wrong('a type that ggml has', code);
  const { dtype, block } = type;
  const extent = extentOf(shape, dtype);
  if (extent === undefined) throw wrong('extents whose bytes can be counted', `[${shape.join(', ')}]`);
  if ((shape.at(-1) ?? 1) % block !== 0) throw wrong(`rows in blocks of ${block} for ${dtype.name}`, `[${shape.join(', ')}]`);
  if (!isCount(begin) || begin % alignment !== 0) throw wrong(`a place at a multiple of ${alignment} bytes`, begin);
  return { name, type, shape, begin, end: begin + extent.bytes };
}

/** Tensors lie within the file, and none on another; there may be gaps, for alignment or otherwise. */
function checkPlaces(entries: readonly GgufEntry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const wrong = (expected: string, found: string): WeightsError =>
      damaged(`tensor ${show(name)}: expected ${expected}, found ${found}`, name);
    if (end > dataBytes) throw wrong(`its bytes within the ${dataBytes} of all tensors`, `${begin} to ${end}`);
    if (begin < covered) throw wrong(`its first byte at ${covered} or later`, `overlap at ${begin}`);
    covered = end;
  }
}

function storedAt(source: Source, start: number, { name, type, shape, begin, end }: GgufEntry): Stored {
  if (type.block === 1) return stored(name, type.dtype, shape, (into) => readRange(source, start + begin, end - begin, into));
  return {
    dtype: type.dtype.name,
    shape,
    read: async () => {
      throw damaged(`tensor ${show(name)}: expected F32, F16, BF16 or F64, found ${type.dtype.name}, which is quantised`, name);
    },
  };
}

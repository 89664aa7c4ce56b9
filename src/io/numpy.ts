import { WeightsError } from '../errors.js';
import { type Shape, sizeOf } from '../tensor.js';
import { Budget, heap, leastForPickles } from './budget.js';
import type { Dtype } from './dtype.js';
import { type Literal, parseLiteral } from './literal.js';
import { numpyDtypes, reversed } from './numpyDtypes.js';
import { unpickle } from './pickle.js';
import { noMemory } from './pickleFile.js';
import type { PickleValue } from './pickleValue.js';
import { readRange, type Source } from './source.js';
import { gather, isDense } from './strided.js';
import { extentOf, isCount, type Stored, stored, type TensorFile } from './tensorFile.js';
import { TorchNames } from './torchObjects.js';
import { statesIn, torchStates } from './torchStates.js';
import { TorchReader } from './torchTensors.js';
import type { ZipEntry } from './zip.js';

/** NumPy's files: `.npy`, an array (numpy.lib.format, versions 1 to 3), and `.npz`, a zip archive of such by their names. What is no array they hold as a pickle. */

const magic = '\x93NUMPY';
const ending = '.npy';

export const isNumpyArray = (start: Uint8Array): boolean => String.fromCharCode(...start.subarray(0, magic.length)) === magic;

/** Whether a zip archive holds NumPy's arrays and nothing else. */
export const isNpz = (entries: readonly ZipEntry[]): boolean => entries.length > 0 && entries.every(({ name }) => name.endsWith(ending));

/**
 * The arrays of an `.npz`, `size` bytes as a file, by the names that they were saved under; if none of them is of floats, what those hold that are
 * Python's objects, such as a dictionary that `numpy.savez` was given.
 *
 * @throws WeightsError for a damaged one
 */
export async function openNpz(entries: readonly ZipEntry[], size: number): Promise<TensorFile> {
  const budget = new Budget(size);
  const tensors = new Map<string, Stored>();
  const objects: NumpyArray[] = [];
  let hasFloats = false;
  for (const entry of entries) {
    budget.spend(heap.entry + heap.dict, 'numpy');
    const array = await arrayOf(entry.name.slice(0, -ending.length), await entry.open(), budget);
    tensors.set(array.name, storedIn(array));
    if (array.kind === objectKind) objects.push(array);
    hasFloats ||= array.dtype?.read !== undefined;
  }
  if (hasFloats || objects.length === 0) return { format: 'numpy', metadata: {}, tensors };
  const pickled = new Budget(size, leastForPickles);
  const roots = new Map<PickleValue, PickleValue>();
  for (const array of objects) roots.set(array.name, await objectsOf(array, pickled));
  const held = objects.reduce((bytes, { source }) => bytes + source.size, 0);
  const states = statesIn(roots, new TorchReader(noMemory, held), pickled);
  const [likeliest] = states;
  return { format: 'numpy', metadata: {}, tensors: likeliest?.tensors ?? tensors, ...(likeliest && { states }) };
}

/** What `numpy.save` made of a dictionary of arrays. @throws WeightsError for what holds none, and for an array of numbers: it has no name */
export async function openNpy(source: Source): Promise<TensorFile> {
  const array = await arrayOf('', source, new Budget(source.size));
  if (array.kind !== objectKind)
    throw new WeightsError('expected a checkpoint, found one array of NumPy (.npy): numpy.savez keeps several, by their names');
  const budget = new Budget(source.size, leastForPickles);
  return { format: 'numpy', ...torchStates(await objectsOf(array, budget), new TorchReader(noMemory, source.size), budget) };
}

/** An array of Python's objects is a pickle of itself behind its header. */
async function objectsOf({ name, source, begin }: NumpyArray, budget: Budget): Promise<PickleValue> {
  const whole = await readRange(source, 0, source.size); // in one piece, so that its CRC-32 is checked
  try {
    return unpickle(whole, begin, new TorchNames(budget), budget).value;
  } catch (cause) {
    if (!(cause instanceof WeightsError)) throw cause;
    throw new WeightsError(`numpy: array ${name.slice(0, 80)}: ${cause.message}`, { cause, ...(name && { tensor: name }) });
  }
}

const objectKind = 'O';

/** An array as its header describes it. */
interface NumpyArray {
  readonly name: string;
  readonly source: Source;
  /** Where its values lie in the source. */
  readonly begin: number;
  readonly shape: Shape;
  readonly columnMajor: boolean;
  readonly isBig: boolean;
  /** What its elements are called in the file. */
  readonly kind: string;
  /** Absent for what is not read here. */
  readonly dtype?: Dtype | undefined;
}

async function arrayOf(name: string, source: Source, budget: Budget): Promise<NumpyArray> {
  const damaged = (what: string): WeightsError => new WeightsError(`numpy: array ${name.slice(0, 80)}: ${what}`, { tensor: name });
  const { header, begin } = await headerOf(source, damaged);
  const { descr, fortran_order: columnMajor, shape } = fieldsOf(header, budget, damaged);
  if (!Array.isArray(shape) || !shape.every(isCount) || typeof columnMajor !== 'boolean')
    throw damaged('expected a shape and whether it is in Fortran order');
  const array = { name, source, begin, shape, columnMajor };
  if (typeof descr !== 'string') return { ...array, isBig: false, kind: 'records' };
  const isOrdered = /^[<>|=]/.test(descr);
  const letters = isOrdered ? descr.slice(1) : descr;
  if (/^O\d*$/.test(letters)) return { ...array, isBig: false, kind: objectKind };
  const dtype = isOrdered ? numpyDtypes.get(letters) : undefined;
  if (dtype === undefined) return { ...array, isBig: false, kind: descr.slice(0, 20) };
  const bytes = extentOf(shape, dtype)?.bytes;
  if (bytes === undefined || bytes !== source.size - begin)
    throw damaged(`expected the values of [${shape.join(', ')}] ${dtype.name}, ${bytes ?? 'too many'} bytes, found ${source.size - begin}`);
  return { ...array, isBig: descr[0] === '>', kind: letters, dtype };
}

function storedIn({ name, source, begin, shape, columnMajor, isBig, kind, dtype }: NumpyArray): Stored {
  if (dtype === undefined) return stored(name, { name: kind, bytes: 0 }, shape, async () => new Uint8Array());
  const strides = columnMajor ? shape.map((_, i) => sizeOf(shape.slice(0, i))) : undefined;
  return stored(name, dtype, shape, async () => {
    const whole = await readRange(source, 0, source.size); // in one piece, so that its CRC-32 is checked
    const values = whole.subarray(begin);
    const little = isBig && dtype.bytes > 1 ? reversed(values, dtype.bytes) : values;
    return strides === undefined || isDense(shape, strides) ? little : gather(little, dtype.bytes, shape, strides);
  });
}

/** NumPy's own writes hundreds of bytes; its reader refuses more than this. */
const longestHeader = 10_000;

/** Behind magic and version the header's length, in two bytes or, since version 2, in four; then the header, and the values. */
async function headerOf(
  source: Source,
  damaged: (what: string) => WeightsError,
): Promise<{ readonly header: string; readonly begin: number }> {
  const start = await readRange(source, 0, Math.min(12, source.size));
  if (!isNumpyArray(start) || start.length < 12)
    throw damaged(`expected an array of NumPy (.npy), found ${source.size} bytes of something else`);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const version = view.getUint8(magic.length);
  if (version < 1 || version > 3) throw damaged(`expected version 1 to 3 of .npy, found ${version}`);
  const at = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > Math.min(longestHeader, source.size - at))
    throw damaged(`expected a header of at most ${longestHeader} bytes within the array, found ${length}`);
  return { header: new TextDecoder().decode(await readRange(source, at, length)), begin: at + length };
}

/** The header is a dictionary as Python prints it. */
function fieldsOf(header: string, budget: Budget, damaged: (what: string) => WeightsError): Readonly<Record<string, Literal | undefined>> {
  try {
    const value = parseLiteral(header, budget);
    if (value instanceof Map) return Object.fromEntries(['descr', 'fortran_order', 'shape'].map((key) => [key, value.get(key)]));
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
  }
  throw damaged('expected a header that is a dictionary of Python');
}

import { WeightsError } from '../errors.js';
import { sizeOf } from '../tensor.js';
import { Budget, heap } from './budget.js';
import { type Literal, parseLiteral } from './literal.js';
import { numpyDtypes, reversed } from './numpyDtypes.js';
import { readRange, type Source } from './source.js';
import { gather, isDense } from './strided.js';
import { extentOf, isCount, type Stored, stored, type TensorFile } from './tensorFile.js';
import type { ZipEntry } from './zip.js';

/** NumPy's files: `.npy`, an array (numpy.lib.format, versions 1 to 3), and `.npz`, a zip archive of such by their names. */

const magic = '\x93NUMPY';
const ending = '.npy';

export const isNumpyArray = (start: Uint8Array): boolean => String.fromCharCode(...start.subarray(0, magic.length)) === magic;

/** Whether a zip archive holds NumPy's arrays and nothing else. */
export const isNpz = (entries: readonly ZipEntry[]): boolean => entries.length > 0 && entries.every(({ name }) => name.endsWith(ending));

/** The arrays of an `.npz`, `size` bytes as a file, by the names that they were saved under. @throws WeightsError for a damaged one */
export async function openNpz(entries: readonly ZipEntry[], size: number): Promise<TensorFile> {
  const budget = new Budget(size);
  const tensors = new Map<string, Stored>();
  for (const entry of entries) {
    const name = entry.name.slice(0, -ending.length);
    budget.spend(heap.entry + heap.dict, 'numpy');
    tensors.set(name, await arrayOf(name, await entry.open(), budget));
  }
  return { format: 'numpy', metadata: {}, tensors };
}

async function arrayOf(name: string, source: Source, budget: Budget): Promise<Stored> {
  const damaged = (what: string): WeightsError => new WeightsError(`numpy: array ${name.slice(0, 80)}: ${what}`, { tensor: name });
  const { header, begin } = await headerOf(source, damaged);
  const { descr, fortran_order: columnMajor, shape } = fieldsOf(header, budget, damaged);
  if (!Array.isArray(shape) || !shape.every(isCount) || typeof columnMajor !== 'boolean')
    throw damaged('expected a shape and whether it is in Fortran order');
  const [order = '', kind = ''] = typeof descr === 'string' ? [descr.slice(0, 1), descr.slice(1)] : [];
  const dtype = numpyDtypes.get(kind);
  if (dtype === undefined || !'<>|='.includes(order)) {
    const found = typeof descr === 'string' ? descr.slice(0, 20) : 'records';
    return stored(name, { name: found, bytes: 0 }, shape, async () => new Uint8Array());
  }
  const bytes = extentOf(shape, dtype)?.bytes;
  if (bytes === undefined || bytes !== source.size - begin)
    throw damaged(`expected the values of [${shape.join(', ')}] ${dtype.name}, ${bytes ?? 'too many'} bytes, found ${source.size - begin}`);
  const strides = columnMajor ? shape.map((_, i) => sizeOf(shape.slice(0, i))) : undefined;
  return stored(name, dtype, shape, async () => {
    const whole = await readRange(source, 0, source.size); // in one piece, so that its CRC-32 is checked
    const values = whole.subarray(begin);
    const little = order === '>' && dtype.bytes > 1 ? reversed(values, dtype.bytes) : values;
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
